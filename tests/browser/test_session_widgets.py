"""The magics' own widgets over a real session: steered from the page, readable by everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

CAPTURE = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"
BIND = f"%load_ext kubeshark_nb\n%kubeshark_capture {CAPTURE} --speed 1x"
SCRIPT = """%%kubeshark_script alerts --load-only
jobs.schedule("tick", "* * * * * *", function () { console.log("tick"); });
function onItemCaptured(data) {
  if (data.protocol.name === "http") console.log(data.request.path);
}"""


def test_the_dashboard_steers_the_replay(lab):
    book = lab(BIND, SCRIPT, "%kubeshark_dashboard", "%kubeshark_console", "%kubeshark_jobs", "%kubeshark_map")
    page = book.page
    book.run(0)
    book.run(1)
    book.idle_kernel()
    book.run(2)
    page.wait_for_selector(".ks-dash .ks-progress-text >> text=replaying")
    page.wait_for_selector(".ks-dash .ks-row:not(.ks-waiting)")
    page.locator(".ks-dash .ks-button", has_text="pause").first.click()
    page.wait_for_selector(".ks-dash .ks-progress-text >> text=paused")
    page.wait_for_timeout(600)
    before = page.locator(".ks-dash .ks-stats").inner_text()
    page.wait_for_timeout(600)
    assert page.locator(".ks-dash .ks-stats").inner_text() == before
    page.locator(".ks-dash").get_by_label("Speed of the replay").select_option("max")
    page.locator(".ks-dash .ks-button", has_text="resume").first.click()
    page.wait_for_selector(".ks-dash .ks-progress-text >> text=replayed to the end", timeout=60000)
    page.wait_for_selector(".ks-dash .ks-count >> text=/^1[0-9],[0-9]{3} items/")
    assert "0 items" not in page.locator(".ks-dash .ks-stats").inner_text().replace("\n", " ").split("streams")[1][:12]
    for cell, selector in ((3, ".ks-line"), (4, ".ks-job-tag"), (5, ".ks-node")):
        book.show(cell)
        book.run(cell)
        page.wait_for_selector(f".jp-Cell:nth-child({cell + 1}) {selector}")
    page.locator(".jp-Cell:nth-child(4) .ks-line").first.click()
    page.wait_for_selector(".ks-strip .ks-source-hit")
    page.locator(".ks-strip .ks-fact .ks-link").last.click()
    book.shot("console-line-light")
    book.show(2)
    page.locator(".ks-dash .ks-button", has_text="replay").click()
    page.wait_for_selector(".ks-dash .ks-progress-text >> text=replaying")
    page.locator(".ks-dash .ks-button", has_text="stop").first.click()
    page.wait_for_selector(".ks-dash .ks-progress-text >> text=/stopped|to the end/")


SERIOUS = {"serious", "critical"}


def serious(page, name: str) -> list[tuple[str, str, str, str]]:
    """What axe finds that keeps somebody out, in each panel of the dashboard."""
    found = []
    for tab in ("Console", "Service map", "Jobs", "Effects"):
        page.locator(".ks-dash > .ks-tabs .ks-tab", has_text=tab).click()
        page.wait_for_timeout(200)
        violations = Axe().run(page, context=".ks-root", options={"resultTypes": ["violations"]}).response["violations"]
        found += [
            (name, tab, one["id"], one["nodes"][0]["html"][:160]) for one in violations if one["impact"] in SERIOUS
        ]
    return found


def test_assistive_technology_finds_its_way(lab):
    from tests.browser.test_dashboard import SETUP

    book = lab(SETUP, "dashboard")
    book.theme("Light")
    book.run(0)
    book.run(1)
    page = book.page
    page.wait_for_selector(".ks-row.ks-failed")
    page.locator(".ks-row.ks-failed").first.click()
    page.wait_for_selector(".ks-detail-summary")
    light = serious(page, "light")
    book.theme("Dark")
    assert light + serious(page, "dark") == []


def test_nothing_moves_where_motion_is_unwelcome(lab):
    book = lab("from kubeshark_nb.widgets.progress import Progress\nbar = Progress()\nbar.show(-1, 'x')\nbar")
    book.page.emulate_media(reduced_motion="reduce")
    book.run(0)
    book.page.wait_for_selector(".ks-progress-bar.ks-unknown")
    style = "name => getComputedStyle(document.querySelector('.ks-progress-bar'))[name]"
    assert book.page.evaluate(style, "animationName") == "none"
    book.page.emulate_media(reduced_motion="no-preference")
    assert book.page.evaluate(style, "animationName") == "ks-slide"
