"""The item table in a real JupyterLab."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SETUP = """from tests.browser import corpus
from kubeshark_nb.widgets.item_table import ItemTable
items = corpus.listed(1000)"""
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


LIVE = """from kubeshark_nb.widgets.feed import Feed, whole
feed = Feed({"items": whole(lambda: {"total": len(items)})})
ItemTable(items, corpus.query_of(items), corpus.detail, feed=feed)"""
MORE = "items.rows.extend(corpus.row(number) for number in range(len(items), len(items) + 500))"


def first_visible(page) -> str:
    return page.evaluate(
        """() => {
          const top = document.querySelector('.ks-scroll').getBoundingClientRect().top + 30;
          return [...document.querySelectorAll('.ks-row')].filter(row => row.getBoundingClientRect().bottom > top)
            .sort((a, b) => a.dataset.index - b.dataset.index)[0].dataset.index;
        }"""
    )


def test_arriving_items_do_not_move_what_is_read_and_the_end_is_followed(lab):
    book = lab(SETUP, LIVE, MORE, "")
    page = book.page
    book.theme("Light")
    for cell in (0, 1):
        book.run(cell)
    page.wait_for_selector(".ks-row.ks-failed")
    page.evaluate("document.querySelector('.ks-scroll').scrollTop = 2800")
    page.wait_for_function("document.querySelector('.ks-row[data-index=\"100\"]:not(.ks-waiting)')")
    before = first_visible(page)
    book.run(2)
    page.wait_for_selector(".ks-fresh >> text=500 new items")
    assert first_visible(page) == before
    book.shot("table-live-light")
    page.locator(".ks-fresh").click()
    page.wait_for_selector('.ks-row[data-index="1499"]:not(.ks-waiting)')
    book.run(2)
    page.wait_for_selector('.ks-row[data-index="1999"]:not(.ks-waiting)')
    assert not page.locator(".ks-fresh").is_visible()


def test_keyboard_filter_sort_and_click_to_filter(lab):
    book = lab(SETUP, TABLE)
    book.theme("Light")
    book.run_all()
    page = book.page
    page.wait_for_selector(".ks-row.ks-failed")
    area = page.locator(".ks-scroll")
    area.focus()
    for key, selected in [
        ("Home", 0),
        ("ArrowDown", 1),
        ("ArrowDown", 2),
        ("ArrowUp", 1),
        ("End", 999),
        ("PageUp", 986),
        ("Home", 0),
    ]:
        area.press(key)
        page.wait_for_selector(f'.ks-row.ks-selected[data-index="{selected}"]')
    area.press("Enter")
    page.wait_for_selector(".ks-detail-summary")
    row = page.locator(".ks-table tr", has_text="method")
    row.first.hover()
    row.first.locator(".ks-plus").click()
    page.wait_for_selector(".ks-count >> text=300 of 1,000 items match")
    assert page.locator(".ks-kfl-input").input_value() == 'request.method == "GET"'
    book.shot("table-filtered-light")
    area.focus()
    area.press("/")
    assert page.evaluate("document.activeElement.className") == "ks-kfl-input"
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("http and respo")
    page.wait_for_selector(".ks-problem pre")
    assert "^" in page.locator(".ks-problem pre").inner_text()
    page.keyboard.press("a")
    page.keyboard.press("Backspace")
    page.wait_for_selector(".ks-option >> text=response.status")
    book.shot("table-completion-light")
    page.keyboard.press("Escape")
    page.locator(".ks-button", has_text="Clear").click()
    page.wait_for_selector(".ks-count >> text=/^1,000 items/")
    page.locator(".ks-head-title", has_text="Elapsed").click()
    page.locator(".ks-head-title", has_text="Elapsed").click()
    page.wait_for_function(
        "document.querySelector('.ks-row[data-index=\"0\"] .ks-cell-elapsed')?.textContent === '40 ms'"
    )
    page.locator('.ks-head-cell[data-key="method"] .ks-resize').hover()
    handle = page.locator('.ks-head-cell[data-key="method"] .ks-resize').bounding_box()
    page.mouse.move(handle["x"] + 4, handle["y"] + 4)
    page.mouse.down()
    page.mouse.move(handle["x"] + 64, handle["y"] + 4)
    page.mouse.up()
    assert 130 <= page.locator('.ks-head-cell[data-key="method"]').bounding_box()["width"] <= 137
