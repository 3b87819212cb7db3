"""The extension in Notebook 7: colours, marks, help, the sidebar; there is no status bar, and nothing misses it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import READY, Notebook

pytestmark = pytest.mark.browser

CELLS = [
    "%load_ext kubeshark_nb",
    "%kubeshark_items http and response.status >=",
    "%%kubeshark_script alerts\nfunction onItemCaptured(data) {\n  test.fial(data);\n}",
]


def test_colours_marks_and_help(server, page):
    server.write("seven.ipynb", CELLS)
    page.goto(f"{server.url}/notebooks/seven.ipynb")
    page.evaluate(READY)
    book = Notebook(page)
    page.wait_for_selector(".jp-KubesharkKfl-macro >> text=http")
    book.cell(2).locator(".cm-lintRange-warning").first.wait_for()
    book.cell(2).locator(".cm-line span", has_text="onItemCaptured").first.hover()
    page.wait_for_selector(".jp-KubesharkHelp >> text=onItemCaptured(data)")
    page.mouse.move(0, 0)
    book.run(0)
    page.wait_for_function("window.jupyterapp.shell.currentWidget.content.widgets[0].model.executionCount > 0")
    book.cell(1).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" ")
    book.cell(1).locator(".cm-lintRange-error").first.wait_for()
    book.shot("notebook7-light")
    assert page.locator(".jp-KubesharkLight").count() == 0
    server.stop_kernels()
