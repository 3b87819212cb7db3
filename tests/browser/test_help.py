"""Help and completion in script cells and queries of a real JupyterLab, which needs no kernel for them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SCRIPT = "%%kubeshark_script alerts\nfunction onItemCaptured(item) {\n  kfl.match('http and dst.name', item);\n}"
SOURCE = "number => window.jupyterapp.shell.currentWidget.content.widgets[number].model.sharedModel.getSource()"


def complete(book, cell: int, wanted: str) -> str:
    """The cell's text after Tab at its end and a click on ``wanted``."""
    page = book.page
    book.cell(cell).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    page.locator(".jp-Completer-item", has_text=wanted).first.click()
    page.wait_for_selector(".jp-Completer", state="hidden")
    return page.evaluate(SOURCE, cell)


def test_help_on_what_is_under_the_mouse(lab):
    book = lab(SCRIPT, "%kubeshark_items http && status_code >= 500")
    book.theme("Light")
    page = book.page
    for cell, name, text in [
        (0, "onItemCaptured", "onItemCaptured(data)"),
        (0, "match", "kfl.match(query, data)"),
        (0, "'http and dst.name'", "resolved name of the server"),
        (1, "status_code", "HTTP status"),
    ]:
        page.mouse.move(0, 0)
        page.wait_for_selector(".jp-KubesharkHelp", state="hidden")
        word = book.cell(cell).locator(".cm-line span", has_text=name).last
        word.hover(position={"x": word.bounding_box()["width"] - 12, "y": 5})
        page.wait_for_selector(f".jp-KubesharkHelp >> text={text}")
    book.theme("Dark")
    page.mouse.move(0, 0)
    book.cell(0).locator(".cm-line span", has_text="match").last.hover()
    page.wait_for_selector(".jp-KubesharkHelp >> text=Whether an item matches")
    book.shot("help-dark")


def test_tab_completes_scripts_and_queries(lab):
    book = lab("%%kubeshark_script x\ntest.", f"{SCRIPT}\nitem.request.pa", "%kubeshark_items http and response.sta")
    assert complete(book, 0, "test.pass").endswith("\ntest.pass")
    assert complete(book, 1, "item.request.pathSegments").endswith("\nitem.request.pathSegments")
    assert complete(book, 2, "response.statusText") == "%kubeshark_items http and response.statusText"
