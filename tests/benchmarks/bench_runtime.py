"""The speed of the script runtime: `make bench-runtime`.

Prints each figure beside what is asked of it, and ends with status 1 when one is missed. Items are 3 KB HTTP items as
JSON bytes, as they come from the store; verdicts go back into the store.
"""

from __future__ import annotations

import gc
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import dukpy
import numpy as np
import orjson

from kubeshark_nb.store.items import open_items
from kubeshark_nb.store.writer import SegmentWriter
from tests.runtime.stage import START, Stage, Window, document, item, packets

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.items.item import Item

ITEMS = 20_000
WINDOW = 1_000
PACKETS = 600_000
ROUNDS = 5
HOOK = """function onItemCaptured(data) {
  console.log(data.request.method, data.request.path, data.response.status);
  return test.pass(data);
}"""
PLAIN = """var console = {log: function () { call_python("log", Array.prototype.join.call(arguments, " ")) }};
var test = {pass: function (data) { data.passed = true; return data }};
"""


def realistic(index: int) -> Item:
    """An HTTP item of 3 KB with the members of the real ones."""
    made = document(index)
    common = {
        "httpVersion": "HTTP/1.1",
        "headers": {f"X-Header-{n}": "a value of some length" for n in range(5)},
        "cookies": {},
        "headersSize": -1,
    }
    protocol = made["protocol"] | {
        "longName": "Hypertext Transfer Protocol -- HTTP/1.1",
        "backgroundColor": "#326de6",
        "foregroundColor": "#ffffff",
        "fontSize": 12,
        "referenceLink": "https://datatracker.ietf.org/doc/html/rfc2616",
        "ports": ["80", "443", "8080"],
        "layer4": "tcp",
        "priority": 0,
    }
    target = {"url": f"/items?id={index}", "targetUri": f"/items?id={index}", "path": "/items"}
    request = {"method": "GET", **target, "pathSegments": ["items"], **common, "queryString": {"id": str(index)}}
    content = {"size": 1020, "mimeType": "application/json", "encoding": "base64", "text": "eyJvayI6dHJ1ZX0=" * 85}
    response = {"status": 200, "statusText": "OK", **common, "content": content, "redirectURL": "", "bodySize": 1020}
    return item(START + index * 1_000_000, index, protocol=protocol, request=request, response=response)


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes, in seconds of this process: other work on the machine is not counted."""
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def items_per_second(items: list[Item]) -> float:
    """Stored items to verdicts in the store: through the pump, window by window, into segments of a store."""
    stage = Stage(HOOK)
    parts = [items[at : at + WINDOW] for at in range(0, len(items), WINDOW)]
    windows = [Window(packets([]), part, part[-1].ready_ns) for part in parts]
    folder = Path(tempfile.mkdtemp())

    def work() -> None:
        with SegmentWriter(folder, "node-1") as writer:
            for window in windows:
                writer.append(window.items, stage.player.play(window))

    gc.freeze()  # as a node does once it is ready
    spent = seconds(work)
    gc.unfreeze()
    assert len(stage.kept.lines) == len(items)
    assert len(open_items(folder).query("passed")) == len(items)
    shutil.rmtree(folder)
    return len(items) / spent


def plain_items_per_second(items: list[Item]) -> float:
    """The same with one `evaljs` per item, a dict each, and an exported function, as dukpy's documentation shows."""
    engine = dukpy.JSInterpreter()
    lines: list[str] = []
    engine.export_function("log", lines.append)
    engine.evaljs(PLAIN + HOOK)
    folder = Path(tempfile.mkdtemp())

    def work() -> None:
        with SegmentWriter(folder, "node-1") as writer:
            for one in items:
                judged = engine.evaljs("onItemCaptured(dukpy.data)", data=orjson.loads(one.json))
                writer.append([one], [(judged["passed"], judged["failed"])])

    spent = seconds(work)
    assert len(lines) == len(items)
    shutil.rmtree(folder)
    return len(items) / spent


def packets_per_second() -> float:
    """``onPacketCaptured`` that counts."""
    stage = Stage("var packetCount = 0; function onPacketCaptured(info) { packetCount++ }")
    times = START + np.arange(PACKETS) * 1000
    window = Window(packets(times), [], int(times[-1]))
    spent = seconds(lambda: stage.player.play(window))
    assert stage.player.globals_get("packetCount") == PACKETS
    return PACKETS / spent


def job_seconds() -> float:
    """An hour of nothing but a job every five seconds."""
    stage = Stage("var n = 0; jobs.schedule('j', '*/5 * * * * *', function () { n++; console.log('run', n) })")
    spent = seconds(lambda: stage.until(3600))
    assert stage.player.globals_get("n") == 720
    return spent


def main() -> int:
    """Measure, print, judge."""
    tempfile.tempdir = str(Path(tempfile.mkdtemp()))
    items = [realistic(index) for index in range(ITEMS)]
    size = sum(len(one.json) for one in items) / ITEMS
    print(f"{ITEMS} items of {size / 1000:.1f} KB, {PACKETS} packets; median and best of {ROUNDS} rounds")
    rounds = [(items_per_second(items), plain_items_per_second(items[: ITEMS // 10])) for _ in range(ROUNDS)]
    ours, ratios = [pump for pump, _ in rounds], [pump / plain for pump, plain in rounds]
    counted, hours = [packets_per_second() for _ in range(3)], [job_seconds() for _ in range(3)]
    figures = [
        ("items/s: 3 fields, console.log, test.pass", statistics.median(ours), max(ours), 25_000, 1),
        ("times the speed of one evaljs per dict", statistics.median(ratios), max(ratios), 5, 1),
        ("packets/s: a counter", statistics.median(counted), max(counted), 300_000, 1),
        ("s for 720 job runs", statistics.median(hours), min(hours), 2, -1),
    ]
    missed = 0
    for name, median, best, asked, sign in figures:
        good = best * sign >= asked * sign
        missed += not good
        print(f"{'ok  ' if good else 'MISS'} {name:45} {median:12,.2f} {best:12,.2f}   asked: {asked:,}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
