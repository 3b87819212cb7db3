"""A capture that goes on, received on a thread of its own: to disk first, to whoever asks for it when there is time.

So nothing is lost while a script or a burst keeps us busy, and the packets are there when somebody wants them.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from kubeshark_nb.capture.arriving import QUIET
from kubeshark_nb.capture.pace import Pace
from kubeshark_nb.traffic import nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.capture.arriving import Arriving
    from kubeshark_nb.capture.spool import Spool
    from kubeshark_nb.traffic import Batch

T = TypeVar("T")
PATIENCE = 10.0  # seconds that a stop may spend on what is on disk but was not read yet
GRACE = 5.0  # seconds for the thread to end
LEFT = "packets not looked at: the capture was stopped while they waited on disk"


@dataclass
class Spooled:
    """``source`` by way of ``spool``; see `kubeshark_nb.capture.frames.Frames`."""

    source: Arriving
    spool: Spool
    names: list[tuple[str, list[str]]] = field(default_factory=list)
    key_log: list[str] = field(default_factory=list)
    read_bytes: int = 0
    total_bytes: int = 0
    pace: Pace = field(default_factory=Pace)
    stopping: float = 0.0
    _quiet_ns: int = 0
    _failure: Exception | None = None
    _opened: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def reasons(self) -> dict[str, int]:
        """What was lost, in words, and how much."""
        return self.source.reasons

    @property
    def dropped(self) -> int:
        """Frames lost on the way here."""
        return self.source.dropped

    @property
    def ended(self) -> str:
        """What went wrong at the end, ``""`` when nothing did."""
        return self.source.ended

    def stop(self) -> None:
        """Let `batches` end: what has arrived by now still comes, as far as there is time for it."""
        self.stopping = time.monotonic()
        self.source.stop()

    def batches(self) -> Iterator[Batch]:
        """Every frame, numbered from 1.

        Raises:
            CaptureError: nothing can be captured; the reason says what to do.
        """
        thread = threading.Thread(target=self._receive, daemon=True, name="receiver")
        thread.start()
        try:
            self._opened.wait()
            yield from self._read()
        finally:
            self.source.stop()
            self.spool.close()
            thread.join(GRACE)
        if self._failure:
            raise self._failure

    def _read(self) -> Iterator[Batch]:
        while not self._is_late():
            over = self._over.is_set()
            batch = self.spool.read(0 if over else QUIET, self.pace.bytes)
            self._hand_over()
            if batch is not None:
                self.read_bytes += int(batch.captured.sum())
                began = time.thread_time()
                yield batch
                self.pace.took(len(batch.data), time.thread_time() - began)
            elif over:
                return
            else:
                yield nothing(self._quiet_ns)

    def _is_late(self) -> bool:
        if not self.stopping or time.monotonic() < self.stopping + PATIENCE:
            return False
        left = self.spool.waiting
        self.source.dropped += left
        self.source.lost(LEFT, left)
        return True

    def _receive(self) -> None:
        try:
            for batch in self.source.batches():
                self._keep(batch)
        except Exception as error:  # noqa: BLE001 - it is raised where the frames are read
            self._failure = error
        finally:
            self._over.set()
            self._opened.set()

    def _keep(self, batch: Batch) -> None:
        if len(batch):
            self.spool.write(batch)
        else:
            self._quiet_ns = batch.until_ns
        self._opened.set()

    def _hand_over(self) -> None:
        """What the capture tells besides its frames. The other thread only ever adds to its lists."""
        _move(self.source.names, self.names)
        _move(self.source.key_log, self.key_log)


def _move(source: list[T], target: list[T]) -> None:
    count = len(source)
    target += source[:count]
    del source[:count]
