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
    from collections.abc import Iterator

    from kubeshark_nb.traffic import Batch

SLICE = 0.1  # seconds slept, and of capture given, at a time
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


def paced(batches: Iterator[Batch], times: float) -> Iterator[Batch]:
    """The frames of ``batches`` when they are due, ``times`` as fast as they were captured (0: at once).

    What is due is given in pieces; in between come empty batches that tell how late it is in the capture.
    """
    if not times:
        yield from batches
        return
    began_ns, began = 0, time.monotonic()
    for batch in batches:
        began_ns = began_ns or int(batch.time_ns[0])
        rest = batch
        while len(rest):
            now = began_ns + int((time.monotonic() - began) * times * NS)
            later = np.flatnonzero(rest.time_ns > now)
            due = int(later[0]) if later.size else len(rest)
            yield part(rest, slice(0, due)) if due else nothing(now)
            rest = part(rest, slice(due, None))
            if len(rest):
                time.sleep(min(SLICE, max(0.0, (int(rest.time_ns[0]) - now) / NS / times)))
