"""Time limits and Stop: a tick every few milliseconds that can end an evaluation no script can hold on to.

The engine looks for signals while JavaScript runs. An exception raised by a handler at that moment ends the evaluation
and cannot be caught in JavaScript; the interpreter's state survives. Signals reach only a process's main thread, so
elsewhere there is neither limit nor Stop (`Watch.active` says so).
"""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kubeshark_nb.runtime.engine import EVALUATING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

TICK = 0.02


@dataclass(frozen=True, slots=True)
class Limits:
    """What a script may use: seconds of wall time per call, and how often a hook may exceed them before it is off."""

    hook_seconds: float = 5.0
    job_seconds: float = 30.0
    load_seconds: float = 5.0
    strikes: int = 3
    file_bytes: int = 1 << 30


class InterruptError(BaseException):
    """An evaluation was ended: ``why`` is ``limit`` or ``stop``; ``stack`` is where JavaScript was."""

    def __init__(self, why: Literal["limit", "stop"], stack: str) -> None:
        super().__init__(why)
        self.why = why
        self.stack = stack


class Watch:
    """Used with ``with`` around an evaluation; `arm` starts the time limit anew, `interrupt` asks for a stop."""

    def __init__(self, stack: Callable[[], str]) -> None:
        self._stack = stack
        self._depth = 0
        self._deadline = float("inf")
        self.stopping = False
        self.active = False
        self._armed = False
        self._looking = False

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth > 1 or threading.current_thread() is not threading.main_thread():
            return
        self.active = True
        self._previous = (signal.signal(signal.SIGALRM, self._tick), signal.signal(signal.SIGINT, self._interrupt))
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._depth -= 1
        if self._depth or not self.active:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._previous[0])
        signal.signal(signal.SIGINT, self._previous[1])
        self.active = False
        self._armed = False

    def arm(self, seconds: float) -> None:
        """What runs now may take ``seconds`` from now on."""
        self._deadline = time.monotonic() + seconds
        self._armed = True

    def disarm(self) -> None:
        """What runs now is our own work and must not be ended."""
        self._armed = False

    def reset(self) -> None:
        """Forget a stop that was asked for."""
        self.stopping = False

    def interrupt(self) -> None:
        """Ask for a stop; safe from a signal handler and from another thread."""
        self.stopping = True

    @property
    def ending(self) -> bool:
        """Whether the next tick will end the evaluation: what calls Python meanwhile need not be answered."""
        return self.active and self._armed and (self.stopping or time.monotonic() > self._deadline)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
        self._tick(number, frame)

    def _tick(self, _number: int, frame: FrameType | None) -> None:
        late = time.monotonic() > self._deadline
        if not self._armed or self._looking or not (late or self.stopping):
            return
        if frame is None or frame.f_code is not EVALUATING:
            return
        # Stays armed until whoever evaluates has got it and disarms: native code may swallow the exception (turning an
        # object into JSON does, when a getter is interrupted), then the next tick raises it again.
        self._looking = True
        try:
            stack = self._stack()
        finally:
            self._looking = False
        raise InterruptError("stop" if self.stopping else "limit", stack)
