"""Nothing that was captured, printed or named by someone else runs in the page or breaks its layout."""

from __future__ import annotations

import nbconvert
import nbformat
import pytest

from kubeshark_nb.widgets import fallback
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.item_table import ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView
from tests.browser import corpus, hostile

pytestmark = pytest.mark.browser

SETUP = """from tests.browser import corpus, hostile
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.item_table import ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView"""
FOREIGN = ".ks-root :is(script, img, svg, iframe, a, [data-commandlinker-command], [onerror], [onload])"
OVERFLOWING = (
    "() => [...document.querySelectorAll('.ks-root')].filter(root => root.scrollWidth > root.clientWidth + 2).length"
)
HIDDEN = """() => {
  const shown = [...document.querySelectorAll('.ks-root')].map(root => root.textContent).join('');
  return /[\\u202e\\u2066\\u200b\\x00\\x1b]/.test(shown);
}"""


def assert_harmless(page) -> None:
    assert page.evaluate("window.hits || 0") == 0
    assert page.locator(FOREIGN).count() == 0
    assert page.evaluate(OVERFLOWING) == 0
    assert not page.evaluate(HIDDEN)


def test_live_widgets_show_hostile_text_as_text(lab):
    book = lab(
        SETUP,
        "ItemTable(corpus.Listed(hostile.rows()), corpus.query_of(corpus.Listed([])), hostile.detail)",
        "ConsoleView(hostile.lines())",
        "JobsView(hostile.jobs, print)",
        "EffectsView(hostile.effects())",
    )
    book.theme("Light")
    book.run_all()
    page = book.page
    page.wait_for_selector(".ks-row.ks-failed")
    page.wait_for_selector(".ks-job")
    page.wait_for_selector(".ks-effect-line")
    assert_harmless(page)
    for number in (0, 3, 10):
        page.locator(f'.ks-row[data-index="{number}"]').click()
        page.wait_for_selector(".ks-detail-summary")
        for tab in page.locator(".ks-tab").all():
            tab.click()
            assert_harmless(page)
    page.locator(".ks-kfl-input").fill(hostile.TEXTS[0])
    page.locator(".ks-kfl-input").press("Enter")
    page.wait_for_selector(".ks-problem pre")
    assert_harmless(page)
    book.shot("hostile-light")


def saved_notebook() -> str:
    """The HTML that nbconvert makes of a notebook that holds every widget's static picture."""
    views = [
        ItemTable(corpus.Listed(hostile.rows())),
        ConsoleView(hostile.lines()),
        JobsView(hostile.jobs),
        EffectsView(hostile.effects()),
    ]
    outputs = [
        nbformat.v4.new_output("display_data", {"text/html": view.static_html(), "text/plain": view.static_text()})
        for view in views
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])
    return nbconvert.HTMLExporter(
        require_js_url="", mathjax_url="", jquery_url="", mermaid_js_url=""
    ).from_notebook_node(book)[0]


def test_saved_notebooks_are_harmless(page):
    page.set_content(saved_notebook(), wait_until="load")
    page.wait_for_timeout(300)
    assert page.evaluate("window.hits || 0") == 0
    assert page.locator(".jp-OutputArea-output :is(img, svg, iframe, script)").count() == 0


def test_this_test_notices_a_missing_escape(page, monkeypatch):
    monkeypatch.setattr(fallback, "html", str)
    page.set_content(saved_notebook(), wait_until="load")
    page.wait_for_function("window.hits > 0")
