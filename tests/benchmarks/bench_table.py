"""The item table at 1,000,000 items, measured in a real JupyterLab. Run: python -m tests.benchmarks.bench_table [COUNT]

Prints one line per figure of the table and exits with 1 when one misses its target.
"""

from __future__ import annotations

import statistics
import sys
import time

from tests.benchmarks.lab import lab
from tests.browser.conftest import Notebook

SETUP = """import threading, time
from tests.browser import corpus
from kubeshark_nb.widgets.feed import Feed, whole
from kubeshark_nb.widgets.item_table import ItemTable
class Made:
    \"\"\"Rows made when looked at, so that the figures are the table's own.\"\"\"
    count = {count}
    def __len__(self): return self.count
    def __getitem__(self, which): return self
    def page(self, start, count, sort=''):
        return [corpus.row(number) for number in range(start, min(start + count, self.count))]
items = Made()
feed = Feed({{'items': whole(lambda: {{'total': len(items)}})}})"""
SHOW = "display(ItemTable(items, lambda kfl, watch: items, corpus.detail, feed=feed))"
GROW = """def grow():
    for step in range(1000):
        items.count += 10
        time.sleep(0.01)
threading.Thread(target=grow, daemon=True).start()"""
BUSY_S = 30
BUSY = f"end = time.time() + {BUSY_S}\nwhile time.time() < end: sum(range(10000))"
LINES = """from kubeshark_nb.widgets.console_view import ConsoleView
display(ConsoleView(corpus.console(100_000)))"""
SCROLL = """async part => {
  const area = document.querySelector('.ks-console-list');
  const start = performance.now();
  area.scrollTop = part * (area.scrollHeight - area.clientHeight);
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const box = area.getBoundingClientRect();
  const shown = () => [...area.querySelectorAll('.ks-line')].some(line => {
    const own = line.getBoundingClientRect();
    return own.top <= box.top + 10 && own.bottom > box.top + 10;
  });
  await frame();
  while (!shown()) await new Promise(done => setTimeout(done, 1));
  return performance.now() - start;
}"""
JUMP = """async row => {
  const area = document.querySelector('.ks-scroll');
  const start = performance.now();
  area.scrollTop = row * (area.scrollHeight - area.clientHeight);
  const frame = () => new Promise(done => requestAnimationFrame(done));
  await frame();
  while (document.querySelector('.ks-waiting')) await new Promise(done => setTimeout(done, 1));
  return performance.now() - start;
}"""


class Wire:
    """What the kernel's WebSocket brought: messages that widgets sent, and their bytes."""

    def __init__(self, page) -> None:
        self.messages = 0
        self.bytes = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, frame) -> None:
        text = frame if isinstance(frame, bytes) else frame.encode()
        if b"comm_msg" in text or b"comm_open" in text:
            self.messages += 1
            self.bytes += len(text)

    def since(self, before: tuple[int, int]) -> tuple[int, int]:
        return self.messages - before[0], self.bytes - before[1]

    def now(self) -> tuple[int, int]:
        return self.messages, self.bytes


def run(page, source: str) -> None:
    """Runs code in the notebook's kernel as a new cell would, without waiting."""
    page.evaluate(
        """source => {
          const panel = window.jupyterapp.shell.currentWidget;
          const model = panel.content.activeCell.model;
          model.sharedModel.setSource(source);
          window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        source,
    )


def measure(count: int) -> dict[str, tuple[float, float, str]]:
    """Figure -> (measured, target, unit)."""
    with lab() as (server, page):
        wire = Wire(page)
        server.write("bench.ipynb", [SETUP.format(count=count), "", ""])
        book = Notebook(page)
        book.open(server, "bench.ipynb")
        book.run_all()
        book.idle()
        page.wait_for_timeout(1500)
        return figures(page, wire)


def select(page, cell: int) -> None:
    page.evaluate("cell => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = cell; }", cell)


def figures(page, wire: Wire) -> dict[str, tuple[float, float, str]]:
    """Displays the table and takes every figure in turn."""
    select(page, 1)
    before, start = wire.now(), time.perf_counter()
    run(page, SHOW)
    page.wait_for_selector(".ks-row:not(.ks-waiting)", timeout=20000)
    first = (time.perf_counter() - start) * 1000
    page.wait_for_timeout(700)
    sent = wire.since(before)[1] / 1000
    middle = [page.evaluate(JUMP, 0.3 + at * 0.011) for at in range(40)]
    select(page, 2)
    page.evaluate("() => { const area = document.querySelector('.ks-scroll'); area.scrollTop = area.scrollHeight; }")
    page.wait_for_timeout(500)
    before = wire.now()
    run(page, GROW)
    page.wait_for_timeout(6000)
    messages, received = wire.since(before)
    page.wait_for_timeout(5500)
    run(page, BUSY)
    page.wait_for_timeout(1500)
    busy = []
    while (spent := len(busy) * 0.5) < BUSY_S - 4:
        busy.append(page.evaluate(JUMP, 0.05 + spent / BUSY_S * 0.9))
        page.wait_for_timeout(500 - min(400, busy[-1]))
    computing = page.locator(".jp-InputArea-prompt >> text=[*]").count()
    assert computing, "the cell had ended before the table was asked"
    page.wait_for_timeout(6000)
    run(page, LINES)
    page.wait_for_selector(".ks-console-list .ks-line")
    page.wait_for_timeout(500)
    scrolled = [page.evaluate(SCROLL, 0.9 - at * 0.02) for at in range(40)]
    return {
        "first rows after display": (first, 1000, "ms"),
        "sent on display": (sent, 200, "KB"),
        "jump to the middle, median": (statistics.median(middle), 120, "ms"),
        "jump to the middle, p95": (statistics.quantiles(middle, n=20)[-1], 120, "ms"),
        "messages while 1000 items/s arrive": (messages / 6, 10, "/s"),
        "received while 1000 items/s arrive": (received / 6000, 100, "KB/s"),
        f"jump while a cell computes {BUSY_S} s, p95": (statistics.quantiles(busy, n=20)[-1], 300, "ms"),
        f"jump while a cell computes {BUSY_S} s, worst": (max(busy), 300, "ms"),
        "console of 100,000 lines, jump, p95": (statistics.quantiles(scrolled, n=20)[-1], 120, "ms"),
    }


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    found = measure(count)
    for name, (value, target, unit) in found.items():
        print(f"{name:42} {value:8.1f} {unit:5} (target {target} {unit}) {'ok' if value <= target else 'MISSED'}")
    return int(any(value > target for value, target, _ in found.values()))


if __name__ == "__main__":
    sys.exit(main())
