"""A circuit breaker per target: a server that fails again and again is left alone for a while."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_PAUSE = 60.0
MOST_TARGETS = 1024


@dataclass(slots=True)
class _State:
    failures: int = 0
    pause: float = 0.0
    until: float = 0.0


class Breaker:
    """Counts failures in a row by target. Safe to use from several threads.

    ``failures`` in a row open it for ``pause_s`` seconds; after that it is tried again, and each further failure opens
    it for twice as long as before, up to a minute. A success closes it.
    """

    def __init__(self, failures: int, pause_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = failures
        self._pause = pause_s
        self._clock = clock
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}

    def closed_for(self, target: str) -> float:
        """Seconds ``target`` is still to be left alone, 0 when it may be called."""
        with self._lock:
            state = self._states.get(target)
            return max(0.0, state.until - self._clock()) if state else 0.0

    def succeeded(self, target: str) -> None:
        """``target`` answered."""
        with self._lock:
            self._states.pop(target, None)

    def failed(self, target: str, asked_pause_s: float = 0.0) -> None:
        """``target`` failed; ``asked_pause_s`` is its own Retry-After, which is honoured at once."""
        with self._lock:
            if len(self._states) >= MOST_TARGETS:
                self._states.clear()
            state = self._states.setdefault(target, _State())
            state.failures += 1
            if state.failures >= self._failures:
                state.pause = min(state.pause * 2 or self._pause, LONGEST_PAUSE)
            pause = max(state.pause, min(asked_pause_s, LONGEST_PAUSE))
            state.until = self._clock() + pause if pause else 0.0
