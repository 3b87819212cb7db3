"""The quick-start, opened and run by a user in JupyterLab."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_quickstart_shows_verdicts_console_and_colours(lab, server):
    server.copy_notebooks()
    book = lab(name="quickstart.ipynb")
    book.theme("Light")
    book.run_all()
    book.idle()
    page = book.page
    errors = page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')
             .flatMap(cell => cell.model.outputs.toJSON()).filter(output => output.output_type === 'error')
             .map(output => output.ename + ': ' + output.evalue)"""
    )
    assert errors == []
    book.show(book.find("%%kubeshark_script"))
    page.wait_for_selector(".jp-CodeCell .cm-line span >> text=/^function$/")
    book.shot("quickstart-script-light")
    book.show(book.find("%kubeshark_items"))
    page.locator(".ks-row.ks-failed").first.click()
    page.wait_for_selector(".ks-detail-summary")
    book.shot("quickstart-items-light")
    page.get_by_role("button", name="Clear", exact=True).click()
    page.wait_for_selector(".ks-row.ks-passed")
    book.show(book.find("%kubeshark_jobs"))
    page.wait_for_selector(".ks-job-tag")
    page.wait_for_selector(".ks-line")
    book.shot("quickstart-jobs-light")
