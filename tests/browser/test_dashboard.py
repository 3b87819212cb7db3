"""The dashboard with its timeline and service map in a real JupyterLab."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SETUP = """from tests.browser import corpus
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.dashboard import Dashboard
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.item_table import ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView
from kubeshark_nb.widgets.map_view import MapView
items = corpus.listed(1000)
traffic = MapView(lambda kfl, watch: corpus.columns(0 if "nothing" in kfl else 800))
stats = lambda: {"packets": 12345, "items": 1000, "passed": 500, "failed": 100, "dropped": 0, "truncated": 3}
dashboard = Dashboard(
    table=ItemTable(items, corpus.query_of(items), corpus.detail), console=ConsoleView(corpus.console(200)),
    jobs=JobsView(corpus.jobs, print), effects=EffectsView(corpus.effects()), traffic=traffic, stats=stats)"""


def test_dashboard_timeline_and_map(lab):
    book = lab(SETUP, "dashboard")
    book.theme("Light")
    book.run_all()
    page = book.page
    page.wait_for_selector(".ks-row.ks-failed")
    page.wait_for_selector(".ks-bar-errors")
    assert "12,345 packets" in page.locator(".ks-stats").inner_text().replace("\n", " ")
    page.locator(".ks-tab", has_text="Service map").click()
    page.wait_for_selector(".ks-node")
    assert page.locator(".ks-node").count() == 7
    book.shot("dashboard-light")
    book.shot("map-light", ".ks-map-pane")
    page.locator(".ks-edge").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.ks-kfl-input').value.includes('protocol.abbr ==')")
    page.get_by_role("button", name="Clear", exact=True).click()
    page.wait_for_selector(".ks-count >> text=/^1,000 items/")
    page.wait_for_timeout(500)  # the timeline is drawn anew for the whole traffic
    box = page.locator(".ks-timeline").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 20)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.ks-kfl-input').value.startsWith('timestamp >= datetime(')")
    page.get_by_role("button", name="Clear", exact=True).click()
    book.theme("Dark")
    book.shot("dashboard-dark")
