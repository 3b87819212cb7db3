"""The sidebar and the status light follow the kernel of the notebook one works in."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SCRIPT = """%%kubeshark_script report
var seen = 0;
function onItemCaptured(data) { seen++; if (data.response.status >= 500) console.error("broken", data.request.path); }
jobs.schedule("report", "0 * * * * *", function () { console.log(seen, "items so far"); });"""
CELLS = ["%load_ext kubeshark_nb", "%kubeshark_capture captures/shop.pcap.gz --names captures/shop-names.json", SCRIPT]
LIGHT = ".jp-KubesharkLight"
SIDEBAR = ".jp-KubesharkSidebar"


def test_sidebar_shows_console_and_jobs_and_survives_a_reload(lab, server):
    server.copy_notebooks()
    book = lab(*CELLS, "%kubeshark_reset")
    book.theme("Light")
    page = book.page
    assert not page.locator(LIGHT).is_visible()
    for number in range(3):
        book.run(number)
    book.cell(2).locator(".ks-line", has_text="items so far").first.wait_for(timeout=60000)
    page.wait_for_selector(f"{LIGHT}[data-state=idle] >> text=Kubeshark idle")
    page.locator(LIGHT).click()
    page.wait_for_selector(f"{SIDEBAR} .ks-line >> text=items so far")
    page.wait_for_selector(f"{SIDEBAR} .ks-job-tag >> text=report")
    book.shot("sidebar-light")
    book.theme("Dark")
    book.shot("sidebar-dark")
    page.locator(f"{SIDEBAR} .ks-job").get_by_role("button", name="stop").click()
    page.wait_for_selector(f"{SIDEBAR} .ks-job-stopped")
    page.reload()
    page.wait_for_selector(f"{LIGHT}[data-state=idle]")
    page.wait_for_selector(f"{SIDEBAR} .ks-line >> text=items so far")
    book.run(3)
    page.wait_for_selector(f"{SIDEBAR}-note")


def test_light_says_replaying_and_turns_red_when_vendors_are_live(lab, server):
    server.copy_notebooks()
    book = lab(
        *CELLS[:2], "%kubeshark_capture captures/shop.pcap.gz --speed 10x", SCRIPT, "%kubeshark_vendor live slack"
    )
    book.theme("Light")
    page = book.page
    for number in (0, 2, 4, 3):
        book.run(number)
    page.wait_for_selector(f"{LIGHT}[data-state=vendors] >> text=/replaying.*vendors live! slack/")
    book.shot("light-vendors", "#jp-bottom-panel, #jp-main-statusbar")
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()")
    page.wait_for_selector(f"{LIGHT} >> text=/idle.*vendors live! slack/")


def test_light_follows_from_notebook_to_notebook(lab, server):
    server.write("without.ipynb", ["1"])
    book = lab("%load_ext kubeshark_nb")
    page = book.page
    book.run(0)
    page.wait_for_selector(LIGHT)
    book.command("docmanager:open", path="without.ipynb")
    page.wait_for_selector(LIGHT, state="hidden")
    book.command("application:activate-previous-tab")
    page.wait_for_selector(LIGHT)
