"""Searches that take their time, sorted tables of growing items, what is remembered, and what Python sees of it."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SETUP = """import time
from tests.browser import corpus
from kubeshark_nb.widgets.feed import Feed, whole
from kubeshark_nb.widgets.item_table import ItemTable
items = corpus.listed(1000)
feed = Feed({"items": whole(lambda: {"total": len(items)})})
def query(kfl, watch):
    found = corpus.query_of(items)(kfl.replace("slow and ", ""))
    for step in range(300 if "slow" in kfl else 0):
        watch.progress(step, 300)
        if watch.cancelled():
            found = found[:7]
            found.partial = True
            break
        time.sleep(0.05)
    return found
table = ItemTable(items, query, corpus.detail, pcap=lambda row: b"packets", feed=feed)"""
MORE = "items.rows.extend(corpus.row(number) for number in range(len(items), len(items) + 500))"


def apply(page, query: str) -> None:
    page.locator(".ks-kfl-input").fill(query)
    page.locator(".ks-kfl-input").press("Enter")


def test_a_long_search_shows_its_progress_is_cancelled_and_holds_up_nothing(lab):
    book = lab(SETUP, "table", "print(table.kfl, table.selected['request']['path'])")
    book.run(0)
    book.run(1)
    page = book.page
    page.wait_for_selector(".ks-row:not(.ks-waiting)")
    apply(page, "slow and request.method == GET")
    cancel = page.locator(".ks-halt")
    page.wait_for_function("/Cancel · [1-9]/.test(document.querySelector('.ks-halt').textContent)")
    book.shot("search-light", ".ks-root")
    page.evaluate("document.querySelector('.ks-scroll').scrollTop = 14000")
    page.wait_for_selector('.ks-row[data-index="505"]:not(.ks-waiting)')
    page.locator('.ks-row[data-index="505"]').click()
    page.wait_for_selector(".ks-detail-summary")
    assert cancel.is_visible()  # the search went on meanwhile
    cancel.click()
    page.wait_for_selector(".ks-count >> text=/7 of 1,000 items match.*there may be more/")
    assert not cancel.is_visible()
    with page.expect_download() as saved:
        page.locator(".ks-button", has_text="pcap").click()
    assert saved.value.path().read_bytes() == b"packets"
    page.locator(".ks-kfl-input").fill("")
    page.locator(".ks-kfl-input").press("ArrowUp")
    page.wait_for_function("document.querySelector('.ks-kfl-input').value === 'slow and request.method == GET'")
    book.run(2)
    page.wait_for_selector(".jp-OutputArea-output >> text=slow and request.method == GET")


def top(page) -> str:
    return page.locator('.ks-row[data-index="0"]').inner_text()


def test_a_sorted_table_stands_still_until_the_new_items_are_asked_for(lab):
    book = lab(SETUP, "table", MORE, "ItemTable(items)")
    book.run(0)
    book.run(1)
    page = book.page
    page.wait_for_selector(".ks-row:not(.ks-waiting)")
    page.locator(".ks-head-title", has_text="Time").click()
    page.locator(".ks-head-title", has_text="Time").click()
    page.wait_for_selector(".ks-count >> text=sorted, as they were")
    page.wait_for_function("document.querySelector('.ks-row[data-index=\"0\"] .ks-path')?.textContent === 'mail'")
    before = top(page)
    book.run(2)
    page.wait_for_selector(".ks-fresh >> text=↻ 500 new items")
    assert top(page) == before
    book.shot("sorted-light", ".ks-root")
    page.locator(".ks-fresh").click()
    page.wait_for_selector(".ks-count >> text=1,500 items · sorted")
    assert top(page) != before
    handle = page.locator('.ks-head-cell[data-key="method"] .ks-head-title')
    handle.focus()
    for _ in range(5):
        handle.press("Shift+ArrowRight")
    page.locator(".ks-menu summary").click()
    page.locator(".ks-choice", has_text="Namespace").click()
    page.keyboard.press("Escape")
    assert not page.locator(".ks-menu-list").is_visible()
    book.run(3)
    other = page.locator(".ks-root").nth(1)
    other.locator(".ks-row:not(.ks-waiting)").first.wait_for()
    assert other.locator('.ks-head-cell[data-key="namespace"]').count() == 1
    assert 130 <= other.locator('.ks-head-cell[data-key="method"]').bounding_box()["width"] <= 138
    page.evaluate("localStorage.clear()")
