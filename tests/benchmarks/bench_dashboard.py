"""How soon the magics' own widgets are there, in a real JupyterLab. Run: python -m tests.benchmarks.bench_dashboard

A replay at its own pace goes on meanwhile. Prints one line per widget and exits with 1 when one misses its target.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, EXPOSE, FLAGS, READY, Notebook, Server
from tests.browser.test_session_widgets import BIND, SCRIPT

SOON_S = 2.0
WIDGETS = {
    "%kubeshark_dashboard": ".ks-dash .ks-progress-text >> text=replaying",
    "%kubeshark_items": ".ks-row:not(.ks-waiting)",
    "%kubeshark_console": ".ks-line",
    "%kubeshark_jobs": ".ks-job-tag",
    "%kubeshark_map": ".ks-node",
}


def measure() -> dict[str, float]:
    """Seconds from the cell's start to the first thing to see, per magic."""
    with contextlib.ExitStack() as stack:
        server = Server(Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))))
        stack.callback(server.stop)
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1360, "height": 1500})
        page.add_init_script(EXPOSE)
        server.write("bench.ipynb", [BIND, SCRIPT, *WIDGETS])
        page.goto(f"{server.url}/lab/tree/bench.ipynb?reset")
        page.evaluate(READY)
        book = Notebook(page)
        for cell in (0, 1):
            book.run(cell)
        book.idle_kernel()
        return {magic: seen_after(book, cell, WIDGETS[magic]) for cell, magic in enumerate(WIDGETS, 2)}


def seen_after(book: Notebook, cell: int, selector: str) -> float:
    book.show(cell)
    began = time.monotonic()
    book.run(cell)
    book.page.wait_for_selector(f".jp-Cell:nth-child({cell + 1}) {selector}", timeout=60000)
    return time.monotonic() - began


def main() -> int:
    found = measure()
    for magic, seconds in found.items():
        print(f"{magic:24} {seconds:6.2f} s (target {SOON_S} s) {'ok' if seconds <= SOON_S else 'MISSED'}")
    return int(max(found.values()) > SOON_S)


if __name__ == "__main__":
    sys.exit(main())
