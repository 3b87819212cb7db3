"""The item table in a real JupyterLab."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SETUP = "from tests.browser import corpus\nfrom kubeshark_nb.widgets.item_table import ItemTable\nitems = corpus.listed(1000)"
TABLE = "table = ItemTable(items, corpus.query_of(items), corpus.detail, check=corpus.query_of(items)); table"


def test_shows_green_and_red_rows_and_the_detail_of_a_clicked_one(lab):
    book = lab(SETUP, TABLE)
    book.run_all()
    page = book.page
    page.wait_for_selector(".ks-row.ks-failed .ks-mark")
    assert page.locator(".ks-row.ks-passed .ks-mark").first.inner_text() == "✓"
    assert page.locator(".ks-row.ks-failed .ks-mark").first.inner_text() == "✗"
    page.locator(".ks-row.ks-failed").first.click()
    page.wait_for_selector(".ks-detail-summary")
    assert "POST /orders" in page.locator(".ks-detail-summary").inner_text().replace("\n", " ")
    book.shot("table-light")
    page.locator(".ks-tab", has_text="Response").click()
    page.wait_for_selector(".ks-json")
    book.shot("table-detail-light")
    book.theme("Dark")
    book.shot("table-detail-dark")
