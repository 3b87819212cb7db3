"""What captures that are still going on have in common: they say when nothing comes, they have bounds, they stop."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kubeshark_nb.capture.merge import part
from kubeshark_nb.capture.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.traffic import Batch

QUIET = 0.05  # seconds without a frame after which an empty batch says so
LAG_NS = 200_000_000  # how long a frame may take from its capture to us
SLOWEST = 0.5  # seconds that a stop may spend on what has arrived but was not read yet


@dataclass
class Arriving(ABC):
    """Packets as they arrive: batches at least every `QUIET` seconds, empty ones when nothing came.

    Attributes:
        name: as the user named it.
        duration: seconds after which the capture ends.
        count: frames after which the capture ends.
        reasons: what was lost, in words, and how much.
        dropped: frames lost on the way here.
        pace: how much may be taken at a time.
        ended: what went wrong at the end, ``""`` when nothing did.
    """

    name: str
    duration: float | None = None
    count: int | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    read_bytes: int = 0
    total_bytes: int = 0
    names: list[tuple[str, list[str]]] = field(default_factory=list)
    key_log: list[str] = field(default_factory=list)
    ended: str = ""
    stopping: float = 0.0  # moment (monotonic s) at which somebody asked for the end
    pace: Pace = field(default_factory=Pace)

    def stop(self) -> None:
        """Let `batches` end: what has arrived by now still comes."""
        self.stopping = time.monotonic()

    def batches(self) -> Iterator[Batch]:
        """Every frame, numbered from 1.

        Raises:
            CaptureError: nothing can be captured; the reason says what to do.
        """
        number = 1
        until = time.monotonic() + (self.duration or 10**9)
        clock = Clock()
        for batch in self.arrivals():
            left = (self.count or 1 << 62) - number + 1
            kept = batch if len(batch) <= left else part(batch, slice(0, left))
            kept.first = number
            number += len(kept)
            self.read_bytes += int(kept.captured.sum())
            kept.until_ns = clock.tell(kept)
            began = time.thread_time()
            yield kept
            self.pace.took(len(kept.data) if len(kept) else 0, time.thread_time() - began)
            if time.monotonic() >= until or len(batch) >= left or self._is_late():
                return

    def _is_late(self) -> bool:
        return bool(self.stopping) and time.monotonic() > self.stopping + SLOWEST

    @abstractmethod
    def arrivals(self) -> Iterator[Batch]:
        """The frames as they come, `traffic.nothing` now and then while none do; ends soon after `stop`."""

    def lost(self, reason: str, number: int = 1) -> None:
        """Count ``number`` under ``reason``."""
        if number:
            self.reasons[reason] = self.reasons.get(reason, 0) + number


class Clock:
    """How far capture time has come: as far as the frames say, and while there are none, as fast as the wall's."""

    def __init__(self) -> None:
        self._frame_ns = 0
        self._heard = 0

    def tell(self, batch: Batch) -> int:
        """The moment (ns) before which nothing more will come; 0 when ``batch`` itself says it."""
        if len(batch):
            self._frame_ns = max(self._frame_ns, int(batch.time_ns.max()))
            self._heard = time.monotonic_ns()
            return 0
        return self._frame_ns + max(time.monotonic_ns() - self._heard - LAG_NS, 0) if self._frame_ns else 0
