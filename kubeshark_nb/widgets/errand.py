"""Work that takes longer than a page should wait for: done on a thread of its own, looked at by questions.

The thread publishes nothing (see `feed`): the page asks how far it is, and fetches the answer the same way.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from kubeshark_nb.store.query import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 20.0  # an errand that nobody looked at for so long has lost its page, and stops


class Errand:
    """``work(watch)`` on a thread. ``watch`` takes its progress, and tells it when it is no longer wanted."""

    def __init__(self, work: Callable[[Watch], Any]) -> None:
        self._work = work
        self._cancelled = False
        self._looked = time.monotonic()
        self._far = (0, 0)
        self._answer: Any = None
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="kubeshark-errand", daemon=True)
        self._thread.start()

    def ended(self, wait: float = 0.0) -> bool:
        """Whether it has ended, after at most ``wait`` seconds."""
        self._looked = time.monotonic()
        self._thread.join(wait)
        return not self._thread.is_alive()

    @property
    def progress(self) -> tuple[int, int]:
        """Done and total in whatever unit the work counts, (0, 0) while it does not say."""
        return self._far

    def answer(self) -> Any:
        """What the work returned. Raises what it raised."""
        if self._fault is not None:
            raise self._fault
        return self._answer

    def cancel(self) -> None:
        """Asks the work to stop; what it has found by then is its answer."""
        self._cancelled = True

    def _run(self) -> None:
        try:
            self._answer = self._work(Watch(self._told, self._unwanted))
        except Exception as fault:  # noqa: BLE001 (raised again where somebody asks for the answer)
            self._fault = fault

    def _told(self, done: int, total: int) -> None:
        self._far = (done, total)

    def _unwanted(self) -> bool:
        return self._cancelled or time.monotonic() - self._looked > PATIENCE_S
