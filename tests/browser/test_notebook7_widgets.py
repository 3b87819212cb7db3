"""The widgets in Notebook 7."""

from __future__ import annotations

import pytest

from tests.browser.test_dashboard import SETUP

pytestmark = pytest.mark.browser


def test_table_detail_console_and_dashboard_work_in_notebook_7(notebook7):
    book = notebook7(SETUP, "dashboard")
    page = book.page
    book.run(0)
    book.run(1)
    page.wait_for_selector(".ks-row.ks-failed")
    page.locator(".ks-row.ks-failed").first.click()
    page.wait_for_selector(".ks-detail-summary")
    row = page.locator(".ks-table tr", has_text="method")
    row.first.hover()
    row.first.locator(".ks-plus").click()
    page.wait_for_selector(".ks-count >> text=of 1,000 items match")
    page.get_by_label("Search the console").fill("REFERENCE")
    page.wait_for_selector(".ks-count >> text=/of 200 lines/")
    book.shot("notebook7-widgets-light")
    page.locator(".ks-tab", has_text="Service map").click()
    page.wait_for_selector(".ks-node")
    book.theme("Dark")
    book.shot("notebook7-widgets-dark")
