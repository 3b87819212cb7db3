"""Console, jobs, effects and the progress bar in a real JupyterLab."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SETUP = """from tests.browser import corpus
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.feed import Feed, counted, tail
from kubeshark_nb.widgets.jobs_view import JobsView, jobs_channel
from kubeshark_nb.widgets.progress import Progress
lines, effects, jobs, told = corpus.console(300), corpus.effects(), corpus.jobs(), []
def control(action, tag, node):
    told.append((action, tag)); del jobs[0]
feed = Feed({"console": counted(lines), "effects": tail(effects), "jobs": jobs_channel(lambda: jobs)})"""


def test_console_jobs_effects_and_progress(lab):
    book = lab(
        SETUP,
        "ConsoleView(lines, feed=feed)",
        "now = lambda: corpus.START + 61 * corpus.NS\n"
        "JobsView(lambda: jobs, control, lines=corpus.printed(), clock=now, feed=feed)",
        "EffectsView(effects, lambda number: told.append(number), feed=feed)",
        "bar = Progress(); display(bar); bar.show(.4, 'half way'); bar.finish('1,234 items · 3 failed · 0.8 s')",
        "for at in range(3): lines.append(corpus.ConsoleLine('log', f'late line {at}', corpus.START, 'a.js', 7))",
    )
    book.run_all()
    page = book.page
    page.wait_for_selector(".ks-line-text >> text=late line 2")
    assert page.locator(".ks-line.ks-level-error").count() > 5  # of the lines in the window that is looked at
    assert page.locator(".ks-ansi-fg2").first.text_content() == "all good"
    assert page.locator(".ks-repeated").first.text_content() == "\u00d73"
    assert "every 5 seconds" in page.locator(".ks-job").first.inner_text()
    page.locator(".ks-history summary").first.click()
    book.shot("panels-light")
    page.get_by_role("button", name="Remove report").click()
    page.wait_for_function("document.querySelectorAll('.ks-job').length === 2")
    page.locator(".ks-effect-line summary").first.click()
    page.get_by_role("button", name="send now").first.click()
    page.wait_for_selector(".ks-effect-line [role=status] >> text=sent")
    page.get_by_label("Search the console").fill("REFERENCEERROR")
    page.wait_for_function(
        "[...document.querySelectorAll('.ks-console-root .ks-line')].every(one => /Reference/.test(one.textContent))"
    )
    book.theme("Dark")
    book.shot("panels-dark")
