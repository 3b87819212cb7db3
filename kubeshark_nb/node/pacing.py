"""Windows that were made elsewhere or before, played no faster than the capture was, should somebody ask for that.

A reading of its own paces the frames (`kubeshark_nb.capture.pacing`); shards and the cache give whole windows, as fast
as they are taken.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.capture.pacing import NS, SLICE, later
from kubeshark_nb.node.dissection import Window
from kubeshark_nb.node.parcel import part_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubeshark_nb.items.item import Item


def paced(windows: Iterator[Window], times: Callable[[], float]) -> Iterator[Window]:
    """``windows``, ``times()`` as fast as they were captured (0: at once), in pieces as they are due.

    Time in which nobody asks for more (a pause) does not pass in the capture either.
    """
    now_ns, looked = 0, 0.0
    for window in windows:
        rest = window
        if not looked:  # it begins when there is something to play
            now_ns, looked = _begin(window), time.monotonic()
        while True:
            speed = times()
            now_ns, looked = later(now_ns, looked, speed)
            if not speed or rest.end_ns <= now_ns:
                now_ns = max(now_ns, rest.end_ns)
                yield rest
                break
            due, rest = _cut(rest, now_ns)
            yield due
            time.sleep(min(SLICE, max(rest.end_ns - now_ns, 0) / NS / speed))


def _begin(window: Window) -> int:
    return int(window.packets.time_ns.min(initial=window.end_ns))


def _cut(window: Window, now_ns: int) -> tuple[Window, Window]:
    """What is over by ``now_ns``, and the rest."""
    packets, items, end_ns = window
    row = int(np.searchsorted(np.maximum.accumulate(packets.time_ns), now_ns, side="right"))
    at = bisect_right(items, now_ns, key=_ready)
    before, after = part_of(packets, slice(0, row)), part_of(packets, slice(row, None))
    return Window(before, items[:at], now_ns), Window(after, items[at:], end_ns)


def _ready(item: Item) -> int:
    return item.ready_ns
