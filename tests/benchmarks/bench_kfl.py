"""How fast queries are: `python tests/benchmarks/bench_kfl.py [--items N] [--folder F] [--size BYTES]`.

Writes N items of about 3 KB (once, when --folder is kept), then prints one line per figure with its target, and ends
with 1 if one was missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb import kfl
from kubeshark_nb.items.item import Item
from kubeshark_nb.store.items import Items, open_items
from kubeshark_nb.store.query import Watch
from kubeshark_nb.store.writer import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Callable

START = 1_700_000_000_000_000_000
SLICE = 10_000
CALLS = 100_000
STATUSES = [200] * 90 + [201, 204, 301, 304, 400, 404, 404, 429, 500, 503]


def main() -> int:
    """Run everything; 1 when a target was missed."""
    options = _options()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="bench-kfl-"))
    if not any(folder.glob("node=*")):
        _fill(folder, options.items, options.size)
    for segment in folder.rglob("*.arrow"):  # a warm page cache: what was just recorded is in it
        segment.read_bytes()
    items = open_items(folder)
    print(f"{len(items):,} items, {sum(f.stat().st_size for f in folder.rglob('*.arrow')) / 1e9:.1f} GB")
    missed = 0
    for part in (_queries, _cancelled, _pandas, _pages, _compiled):
        for name, value, unit, target, good in part(items):
            print(f"{'ok  ' if good else 'MISS'} {name:<76} {value:>10.3f} {unit:<4} target {target}", flush=True)
            missed += not good
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--size", type=int, default=3_000, help="bytes of a document")
    parser.add_argument("--folder", help="kept, and used again when it has items; a temporary one by default")
    return parser.parse_args()


def _fill(folder: Path, count: int, size: int) -> None:
    began = time.perf_counter()
    with SegmentWriter(folder, "node-1") as writer:
        for start in range(0, count, SLICE):
            items = [_item(number, size) for number in range(start, min(start + SLICE, count))]
            writer.append(items, [(number % 50 == 0, False) for number in range(len(items))])
    print(f"wrote {count:,} items in {time.perf_counter() - began:.1f} s")


def _item(number: int, size: int) -> Item:
    status, path = STATUSES[number * 7919 % 100], f"/api/v1/orders/{number % 5000}"
    stream, time_ns = f"{number // 8:012d}.pcap", START + number * 1_000_000
    document = {
        "id": f"10.0.0.1:30001/{stream}-{number % 8}",
        "index": number % 8,
        "stream": stream,
        "worker": "10.0.0.1:30001",
        "node": {"ip": "10.0.0.1", "name": "node-1"},
        "protocol": {"name": "http", "version": "1.1", "abbr": "HTTP", "longName": "Hypertext", "macro": "http"},
        "tls": False,
        "src": {"ip": "10.0.0.5", "port": "50001", "name": f"client-{number % 40}.shop", "namespace": "shop"},
        "dst": {"ip": "10.0.0.9", "port": "80", "name": f"svc-{number % 60}.shop", "namespace": "shop"},
        "namespace": "shop",
        "outgoing": False,
        "timestamp": time_ns // 1_000_000,
        "startTime": "2023-11-14T22:13:20.000Z",
        "request": {
            "method": "GET",
            "url": path,
            "targetUri": path,
            "path": path,
            "pathSegments": path[1:].split("/"),
            "httpVersion": "HTTP/1.1",
            "headers": {
                "Host": "orders.shop",
                "User-Agent": "curl/8.0",
                "X-Request-Id": f"{number:032x}",
                **{f"X-Header-{at}": "value of some length" for at in range(16)},
            },
            "cookies": {},
            "queryString": {},
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": status,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": {"Content-Type": "application/json", "Content-Length": "900"},
            "cookies": {},
            "content": {"size": 900, "mimeType": "application/json", "encoding": "base64", "text": ""},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": 900,
        },
        "requestSize": 900,
        "responseSize": 1200,
        "elapsedTime": number % 97,
        "passed": False,
        "failed": False,
        "error": None,
        "entryFile": "",
        "record": "",
    }
    document["response"]["content"]["text"] = "QUJD" * ((size - len(orjson.dumps(document))) // 4)
    src, dst = document["src"], document["dst"]
    return Item(
        time_ns, time_ns, stream, number % 8, "HTTP", src["ip"], 50001, src["name"], "shop", dst["ip"], 80, dst["name"],
        "shop", "GET", path, status, number % 97 * 1000, 900, 1200, "", False, orjson.dumps(document),
    )  # fmt: skip


Result = tuple[str, float, str, str, bool]


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def _queries(items: Items) -> list[Result]:
    cases = [
        ("http and response.status >= 500", 1.0),
        ("http", 1.0),
        ('request.headers["X-Request-Id"].contains("00000f42")', 15.0),
        ('request.headers["X-Request-Id"] == r"f42$"', 15.0),
        ('http and elapsedTime > 90 and dst.name == "svc-7.shop"', 15.0),
    ]
    results = []
    for query, limit in cases:
        seconds, found = _timed(lambda query=query: items.query(query))
        results.append((f"{query}  ({len(found):,} found)", seconds, "s", f"< {limit:g}", seconds < limit))
    return results


def _cancelled(items: Items) -> list[Result]:
    began, calls = time.perf_counter(), []
    watch = Watch(progress=lambda done, total: calls.append((done, total)), cancelled=lambda: len(calls) >= 20)
    found = items.query('request.headers["X-Request-Id"] == r"f42$"', watch=watch)
    seconds = time.perf_counter() - began
    good = seconds < 2 and found.partial
    return [(f"the same, stopped after {calls[-1][0]:,} of {calls[-1][1]:,}", seconds, "s", "< 2", good)]


def _pandas(items: Items) -> list[Result]:
    before, peaks, ended = _private_memory(), [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.005):
            peaks.append(_private_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    seconds, frame = _timed(items.to_pandas)
    ended.set()
    watcher.join()
    grown = (max(*peaks, _private_memory()) - before) / 1e9
    return [
        (f"to_pandas() of {len(frame):,} x {frame.shape[1]}", seconds, "s", "< 5", seconds < 5),
        ("memory it takes at most, mapped files aside", grown, "GB", "< 1", grown < 1),
    ]


def _private_memory() -> int:
    """Bytes of this process that are not mapped files."""
    status = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))


def _pages(items: Items) -> list[Result]:
    everything = items[:]
    first, _ = _timed(lambda: everything.page(len(everything) // 2, 100))
    again, _ = _timed(lambda: everything.page(len(everything) // 3, 100))
    order, _ = _timed(lambda: everything.page(0, 100, "-elapsed_us"))
    return [
        ("page of 100 rows, the first one", first, "s", "< 0.3", first < 0.3),
        ("page of 100 rows, any other", again, "s", "< 0.1", again < 0.1),
        ("page of 100 rows, sorted by another column", order, "s", "< 2", order < 2),
    ]


def _compiled(items: Items) -> list[Result]:
    item = items[7]
    results = []
    for language, query in (
        ("kfl1", 'http and response.status < 500 and request.path.startsWith("/api")'),
        ("kfl2", 'http && status_code < 500 && path.startsWith("/api")'),
    ):
        test = kfl.compile(query, language=language)
        seconds, _ = _timed(lambda test=test: [test(item) for _ in range(CALLS)])
        target = 200 if language == "kfl1" else 67
        speed = CALLS / seconds / 1000
        results.append((f"compile(q)(item), 3 terms, {language}", speed, "k/s", f">= {target}", speed >= target))
    return results


if __name__ == "__main__":
    sys.exit(main())
