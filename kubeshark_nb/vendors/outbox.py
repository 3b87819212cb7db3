"""Work done beside the traffic: daemon threads, a bounded queue, and a wait that never outlasts its limit."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from kubeshark_nb.errors import VendorError

Result = TypeVar("Result")
Work = Callable[[], Result]

WORKERS = 4
MOST_UNANSWERED = 32


class Outbox(Generic[Result]):
    """Runs work in daemon threads (an unanswered call must not keep a process alive).

    Work must return its failures, not raise them. ``size`` calls may wait; results of queued work are fetched with
    :meth:`finished` by the thread that owns the outbox, so that nobody else is ever called back.
    """

    def __init__(self, size: int) -> None:
        self._waiting: queue.Queue[Work[Result] | None] = queue.Queue(size)
        self._finished: deque[Result] = deque()
        self._unanswered = threading.BoundedSemaphore(MOST_UNANSWERED)
        self._idle = threading.Condition()
        self._open = 0
        self._workers = 0

    def run(self, work: Work[Result], seconds: float) -> Result | None:
        """The result of ``work``, or ``None`` when it takes longer: it is then left to end by itself."""
        if not self._unanswered.acquire(blocking=False):
            raise VendorError(f"{MOST_UNANSWERED} earlier calls are still unanswered")
        results: queue.SimpleQueue[Result] = queue.SimpleQueue()

        def answer() -> None:
            try:
                results.put(work())
            finally:
                self._unanswered.release()

        threading.Thread(target=answer, daemon=True, name="vendor-call").start()
        try:
            return results.get(timeout=seconds)
        except queue.Empty:
            return None

    def put(self, work: Work[Result], patience_s: float) -> bool:
        """Queue ``work``; waits up to ``patience_s`` for room (back-pressure), then False."""
        self._hire()
        with self._idle:
            self._open += 1
        try:
            self._waiting.put(work, timeout=patience_s) if patience_s else self._waiting.put_nowait(work)
        except queue.Full:
            self._done()
            return False
        return True

    def finished(self) -> list[Result]:
        """Results of queued work since the last time, oldest first."""
        return [self._finished.popleft() for _ in range(len(self._finished))]

    def flush(self, seconds: float) -> int:
        """Wait until the queue is empty, at most ``seconds``; how many are still open then."""
        with self._idle:
            self._idle.wait_for(lambda: not self._open, seconds)
            return self._open

    def close(self) -> None:
        """Let the threads end; what waits is not sent any more."""
        while not self._waiting.empty():
            try:
                self._waiting.get_nowait()
            except queue.Empty:
                break
            self._done()
        for _ in range(self._workers):
            self._waiting.put(None)
        self._workers = 0

    def _hire(self) -> None:
        if self._workers < WORKERS:
            self._workers += 1
            threading.Thread(target=self._work, daemon=True, name="vendor-queue").start()

    def _work(self) -> None:
        while (work := self._waiting.get()) is not None:
            self._finished.append(work())
            self._done()

    def _done(self) -> None:
        with self._idle:
            self._open -= 1
            self._idle.notify_all()
