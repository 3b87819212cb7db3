"""Nothing that was captured, printed or named by someone else runs in the page or breaks its layout."""

from __future__ import annotations

import nbconvert
import nbformat
import pytest

from kubeshark_nb.widgets import fallback
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.dashboard import Dashboard
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.item_table import ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView
from kubeshark_nb.widgets.map_view import MapView
from kubeshark_nb.widgets.progress import Progress
from tests.browser import corpus, hostile

pytestmark = pytest.mark.browser

SETUP = """from tests.browser import corpus, hostile
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.dashboard import Dashboard
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.item_table import ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView
from kubeshark_nb.widgets.map_view import MapView
from kubeshark_nb.widgets.progress import Progress
def parts():
    return {
        "table": ItemTable(corpus.Listed(hostile.rows()), corpus.query_of(corpus.Listed([])), hostile.detail),
        "console": ConsoleView(hostile.lines(), source=hostile.source, item=hostile.item),
        "jobs": JobsView(hostile.jobs, print, lines=hostile.lines()),
        "effects": EffectsView(hostile.effects()),
        "traffic": MapView(lambda kfl, watch: hostile.columns(), kfl=hostile.TEXTS[0]),
    }
bar = Progress()
bar.show(0.5, " ".join(hostile.TEXTS))"""
DRAWN = "svg:not(.ks-map, .ks-timeline)"
FOREIGN = f".ks-root :is(script, img, {DRAWN}, iframe, a, [data-commandlinker-command], [onerror], [onload])"
OVERFLOWING = """() => [...document.querySelectorAll('.ks-root')]
  .filter(root => root.scrollWidth > root.clientWidth + 2)
  .map(root => [...root.querySelectorAll('*')].find(one => one.getBoundingClientRect().right >
    root.getBoundingClientRect().right + 2)?.className)"""
HIDDEN = """() => {
  const shown = [...document.querySelectorAll('.ks-root')].map(root => root.textContent).join('');
  return /[\\u202e\\u2066\\u200b\\x00\\x1b]/.test(shown);
}"""


def assert_harmless(page) -> None:
    assert page.evaluate("window.hits || 0") == 0
    assert page.locator(FOREIGN).count() == 0
    assert page.evaluate(OVERFLOWING) == []
    assert not page.evaluate(HIDDEN)


def test_live_widgets_show_hostile_text_as_text(lab):
    book = lab(SETUP, "display(bar, *parts().values())")
    book.theme("Light")
    book.run_all()
    page = book.page
    page.wait_for_selector(".ks-row.ks-failed")
    for shown in (".ks-job", ".ks-effect-line", ".ks-progress-text", ".ks-node", ".ks-bar-errors"):
        page.wait_for_selector(shown)
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
    for line in page.locator(".ks-console-list .ks-line").all()[:6]:
        line.click()
        page.wait_for_selector(".ks-strip .ks-source-line")
    page.locator(".ks-strip .ks-fact .ks-link").last.click()
    page.wait_for_selector(".ks-strip .ks-detail-summary")
    for opened in page.locator(".ks-job summary, .ks-effect-line summary").all()[:6]:
        opened.click()
    assert_harmless(page)
    book.shot("hostile-light")


def test_the_dashboard_shows_hostile_text_as_text(lab):
    book = lab(SETUP, "Dashboard(**parts(), stats=hostile.stats, progress=hostile.progress, control=print)")
    book.run_all()
    page = book.page
    page.wait_for_selector(".ks-row.ks-failed")
    for tab in ("Service map", "Jobs", "Effects", "Console"):
        page.locator(".ks-dash > .ks-tabs .ks-tab", has_text=tab).click()
        assert_harmless(page)
    page.locator(".ks-dash > .ks-tabs .ks-tab", has_text="Service map").click()
    page.locator(".ks-node").first.dispatch_event("click")
    page.wait_for_timeout(300)
    assert_harmless(page)
    book.shot("hostile-dashboard-light")


UNSAFE = """from kubeshark_nb.widgets import bundle
name, safe = "dom.js", "document.createTextNode(visible(child))"
unsafe = "document.createRange().createContextualFragment(child)"
read = bundle._read
bundle._read = lambda file: read(file).replace(safe, unsafe) if file == name else read(file)
assert unsafe in bundle._read(name)"""


def test_these_tests_notice_when_the_page_builds_markup(lab):
    book = lab(UNSAFE, SETUP, "parts()['table']")
    book.run_all()
    book.page.wait_for_function("window.hits > 0")


def told(bar: Progress) -> Progress:
    bar.finish(" ".join(hostile.TEXTS))
    return bar


def saved_notebook() -> str:
    """The HTML that nbconvert makes of a notebook that holds every widget's static picture."""
    views = [
        ItemTable(corpus.Listed(hostile.rows())),
        ConsoleView(hostile.lines()),
        JobsView(hostile.jobs),
        EffectsView(hostile.effects()),
        MapView(lambda _kfl, _watch: hostile.columns()),
        told(Progress()),
    ]
    views.append(
        Dashboard(
            table=views[0], console=views[1], jobs=views[2], effects=views[3], traffic=views[4], stats=hostile.stats
        )
    )
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
