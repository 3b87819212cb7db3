"""One-shot timers of scripts (``setTimeout``) on the node's clock."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.jobs.scheduler import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable


class Timer(NamedTuple):
    """Due at ``due_ns``; ``number`` orders timers of the same time and is what ``clearTimeout`` takes."""

    due_ns: int
    number: int
    task: int
    owner: int


class Timers:
    """Pending timers, earliest first. ``dropped(task)`` is told of functions nobody needs any more."""

    def __init__(self, dropped: Callable[[int], None]) -> None:
        self._dropped = dropped
        self._heap: list[Timer] = []
        self._last = 0

    def __len__(self) -> int:
        return len(self._heap)

    def set(self, due_ns: int, task: int, owner: int) -> int:
        """A timer; its number."""
        self._last += 1
        heapq.heappush(self._heap, Timer(due_ns, self._last, task, owner))
        return self._last

    def clear(self, number: int) -> None:
        """Forget a timer; an unknown number is no error."""
        self._keep(lambda timer: timer.number != number)

    def clear_owned(self, owner: int) -> None:
        """Forget the timers of script ``owner``."""
        self._keep(lambda timer: timer.owner != owner)

    @property
    def next_ns(self) -> int:
        """When the next one is due (ns), `NEVER` for none."""
        return self._heap[0].due_ns if self._heap else NEVER

    def pop(self) -> Timer:
        """The earliest timer, no longer pending."""
        return heapq.heappop(self._heap)

    def _keep(self, wanted: Callable[[Timer], bool]) -> None:
        kept = [timer for timer in self._heap if wanted(timer)]
        for timer in self._heap:
            if not wanted(timer):
                self._dropped(timer.task)
        heapq.heapify(kept)
        self._heap = kept
