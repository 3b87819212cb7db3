"""A replay no faster than the capture was, or a given number of times faster."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.capture.merge import part
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.traffic import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubeshark_nb.traffic import Batch

SLICE = 0.1  # seconds slept, and of capture given, at a time
LONGEST = 1.0  # seconds between two looks: what is longer was a pause
NS = 1_000_000_000
SPEED = re.compile(r"([0-9]+(?:\.[0-9]+)?)x?")


def factor(speed: str) -> float:
    """``1x`` and ``10x`` as numbers, ``max`` as 0. Raises CaptureError for anything else."""
    if speed == "max":
        return 0.0
    found = SPEED.fullmatch(speed)
    if found is None or not float(found[1]):
        raise CaptureError(f"{speed!r} is no speed; there are max, 1x, 10x and so on")
    return float(found[1])


def paced(batches: Iterator[Batch], times: Callable[[], float]) -> Iterator[Batch]:
    """The frames of ``batches`` when they are due, ``times()`` as fast as they were captured (0: at once).

    What is due is given in pieces; in between come empty batches that tell how late it is in the capture. Time in which
    nobody asks for more (a pause) does not pass in the capture either.
    """
    now_ns, looked = 0, time.monotonic()
    for batch in batches:
        rest = batch
        while len(rest):
            speed = times()
            now_ns, looked = later(now_ns or int(batch.time_ns[0]), looked, speed)
            if not speed:
                now_ns = max(now_ns, int(rest.time_ns[-1]))
                yield rest
                break
            waiting = np.flatnonzero(rest.time_ns > now_ns)
            due = int(waiting[0]) if waiting.size else len(rest)
            yield part(rest, slice(0, due)) if due else nothing(now_ns)
            rest = part(rest, slice(due, None))
            if len(rest):
                time.sleep(min(SLICE, max(0.0, (int(rest.time_ns[0]) - now_ns) / NS / speed)))


def later(now_ns: int, looked: float, speed: float) -> tuple[int, float]:
    """Where the capture is by now, ``speed`` times as fast as it was since ``looked``, and when that was looked at."""
    moment = time.monotonic()
    return now_ns + int(min(moment - looked, LONGEST) * speed * NS), moment
