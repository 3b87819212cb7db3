"""What becomes of open widgets when their node dies, the kernel restarts, the page reloads, a cell runs again."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

CAPTURE = Path(__file__).parents[1] / "captures" / "http2.pcap.gz"
BIND = f"%load_ext kubeshark_nb\n%kubeshark_capture {CAPTURE}"
SCRIPT = "%%kubeshark_script seen\nfunction onItemCaptured(data) { console.log(data.request.path); }"
NODE = """import os, signal, threading, kubeshark_nb as ks
node = ks.current_session()._fleet.first.link.pid
print('node', node)"""
KILL = "os.kill(node, signal.SIGKILL)"
COUNT = "print(sum(thread.name == 'kubeshark-feed' for thread in threading.enumerate()), 'feed')"
GONE = ".ks-root > .ks-gone >> text=run its cell again"


def node_of(book, cell: int) -> int:
    book.page.wait_for_function(
        "cell => /node \\d+/.test(document.querySelectorAll('.jp-Notebook .jp-Cell')[cell].textContent)", arg=cell
    )
    return int(re.findall(r"node (\d+)", book.cell(cell).text_content())[-1])


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def assert_ends(pid: int) -> None:
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(pid)


def test_a_killed_node_is_said_to_be_dead_and_the_widgets_go_on(lab):
    book = lab(BIND, SCRIPT, "%kubeshark_dashboard", NODE, KILL, SCRIPT)
    for cell in range(4):
        book.run(cell)
    page = book.page
    dead = node_of(book, 3)
    page.wait_for_selector(".ks-dash .ks-row:not(.ks-waiting)")
    book.run(4)
    page.wait_for_selector(".ks-dash .ks-line >> text=/died.*starts again/")
    book.shot("node-killed-light")
    page.locator(".ks-dash .ks-kfl-input").fill("http")
    page.locator(".ks-dash .ks-kfl-input").press("Enter")
    page.wait_for_selector(".ks-dash .ks-count >> text=match")
    book.run(5)  # the same script again: a new node
    page.wait_for_function("/in \\d+\\.\\d s/.test(document.querySelectorAll('.jp-Notebook .jp-Cell')[5].textContent)")
    page.wait_for_selector(".ks-dash .ks-progress-text >> text=replayed to the end")
    assert not alive(dead)


def test_after_a_restart_of_the_kernel_widgets_say_that_it_has_gone_and_no_node_is_left(lab, server):
    book = lab(BIND, SCRIPT, "%kubeshark_items", NODE)
    for cell in range(4):
        book.run(cell)
    page = book.page
    pid = node_of(book, 3)
    page.wait_for_selector(".ks-row:not(.ks-waiting)")
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.sessionContext.restartKernel(); }")
    page.wait_for_selector(GONE)
    assert_ends(pid)
    book.shot("kernel-restarted-light")
    page.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.info; }")
    for cell in range(3):
        book.run(cell)
    page.wait_for_selector(GONE, state="detached")
    page.wait_for_selector(".ks-row:not(.ks-waiting)")


def test_a_reloaded_page_shows_the_widgets_of_its_kernel_again(lab):
    book = lab(BIND, SCRIPT, "table = %kubeshark_items\ntable")
    for cell in range(3):
        book.run(cell)
    page = book.page
    page.wait_for_selector(".ks-row:not(.ks-waiting)")
    book.command("docmanager:save")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    book = lab(name="test_a_reloaded_page_shows_the_widgets_of_its_kernel_again.ipynb")
    page.wait_for_selector(".ks-row:not(.ks-waiting)")
    page.locator(".ks-row").first.click()
    page.wait_for_selector(".ks-detail-summary")


def test_two_notebooks_have_a_session_each_and_a_cell_run_twice_leaves_nothing_behind(lab, server, browser):
    book = lab(BIND, SCRIPT, "%kubeshark_dashboard", NODE, COUNT)
    for cell in (0, 1, 2, 1, 2, 3, 4):
        book.run(cell)
    page = book.page
    first = node_of(book, 3)
    page.wait_for_selector(".ks-dash .ks-row:not(.ks-waiting)")
    assert page.locator(".ks-dash").count() == 1
    page.wait_for_function("/1 feed/.test(document.querySelectorAll('.jp-Notebook .jp-Cell')[4].textContent)")
    server.write("second.ipynb", [BIND, SCRIPT, "%kubeshark_items", NODE])
    other = type(book)(browser.new_context(viewport={"width": 1360, "height": 960}).new_page())
    other.page.add_init_script(book.exposed)
    other.open(server, "second.ipynb")
    for cell in range(4):
        other.run(cell)
    second = node_of(other, 3)
    other.page.wait_for_selector(".ks-row:not(.ks-waiting)")
    assert first != second
    assert alive(first)
    assert alive(second)
    server.stop_kernels()
    assert_ends(first)
    assert_ends(second)
    other.page.context.close()
