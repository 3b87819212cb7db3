"""How soon the magics' own widgets are there, in a real JupyterLab. Run: python -m tests.benchmarks.bench_dashboard

A replay at its own pace goes on meanwhile. Prints one line per widget and exits with 1 when one misses its target.
"""

from __future__ import annotations

import sys
import time

from tests.benchmarks.lab import lab
from tests.browser.conftest import Notebook
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
    with lab() as (server, page):
        server.write("bench.ipynb", [BIND, SCRIPT, *WIDGETS])
        book = Notebook(page)
        book.open(server, "bench.ipynb")
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
