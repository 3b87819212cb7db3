"""Help and completion in script cells of a real JupyterLab."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

READY = "from kubeshark_nb.widgets.completion import add_completion; add_completion(get_ipython())"
SCRIPT = "%%kubeshark_script alerts\nfunction onItemCaptured(data) {\n  kfl.match('http', data);\n}"


def test_hover_shows_help_and_tab_completes(lab):
    book = lab(READY, SCRIPT, "%%kubeshark_script x\ntest.pa")
    book.theme("Light")
    book.run(0)
    page = book.page
    cell = page.locator(".jp-Notebook .jp-Cell").nth(1)
    cell.locator(".cm-line span", has_text="onItemCaptured").hover()
    page.wait_for_selector(".jp-KubesharkHelp >> text=onItemCaptured(data)")
    book.shot("help-light")
    page.locator(".jp-Notebook .jp-Cell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    page.wait_for_selector(".jp-Completer-item >> text=test.pass")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.content.widgets[2].model.sharedModel.getSource().endsWith('test.pass')"
    )
