"""Mistakes are marked as they are typed: by the page itself in scripts, by the kernel in queries."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

WRONG = """%%kubeshark_script alerts
function onItemCapture(data) {
  if (data.response.status >= 500 {
    vendor.slak(env.HOOK, "x", "y", "z");
  }
}"""
UNCLOSED = "%%kubeshark_script b\nfunction onItemCaptured(data) {\n  test.fail(data);\n"
NEWER = "%%kubeshark_script c\nconst seen = 1;\nfunction onItemCaptured(data) { console.log(seen); }"
FINE = (
    "%%kubeshark_script d\nvar kfl = { near: 1 };\nfunction onItemCaptured(data) { console.log(kfl.near, vendor.s3); }"
)
FILTER = "%%kubeshark_script e\nfunction onItemCaptured(data) { return kfl.match('http and', data); }"
ENDLESS = '%%kubeshark_script f\nvar hook = "https://hooks;\nvar next = 1;'
QUERY = "x = 1\n%kubeshark_items http and response.status >"


def marks(page, cell: int):
    return page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".cm-lintRange")


def message(page, mark) -> str:
    page.mouse.move(0, 0)
    mark.hover()
    shown = page.locator(".cm-tooltip .cm-diagnostic").first
    shown.wait_for()
    return shown.inner_text()


def test_scripts_are_checked_without_a_kernel(lab):
    book = lab(WRONG, UNCLOSED, NEWER, FINE, "x = 1", ENDLESS)
    book.theme("Light")
    page = book.page
    page.locator(".cm-lintRange-error").first.wait_for()
    page.wait_for_function("document.querySelectorAll('.cm-lintRange-warning').length >= 3")
    assert "this ( is never closed" in message(page, marks(page, 0).filter(has_text="(").first)
    assert "did you mean onItemCaptured?" in message(page, marks(page, 0).filter(has_text="onItemCapture").first)
    book.shot("squiggles-light")
    assert "did you mean vendor.slack?" in message(page, marks(page, 0).filter(has_text="vendor").first)
    assert "{ is never closed" in message(page, marks(page, 1).first)
    assert "a cluster refuses this script" in message(page, marks(page, 2).first)
    assert marks(page, 3).count() == marks(page, 4).count() == 0
    assert "a quotation mark is missing" in message(page, marks(page, 5).first)
    book.theme("Dark")
    message(page, marks(page, 2).first)
    book.shot("squiggles-dark")


def test_queries_are_checked_by_the_kernel_as_they_are_typed(lab):
    book = lab("%load_ext kubeshark_nb", QUERY, FILTER)
    page = book.page
    book.run(0)
    page.wait_for_selector(".jp-KubesharkLight")
    cell = page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".cm-content")
    cell.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("= ")
    marks(page, 1).first.wait_for()
    page.keyboard.type("500")
    marks(page, 1).first.wait_for(state="detached")
    page.keyboard.type(" or dns")
    marks(page, 1).first.wait_for()
    assert "add parentheses" in message(page, marks(page, 1).first)
    page.locator(".jp-Notebook .jp-Cell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" ")
    marks(page, 2).first.wait_for()
