"""``setTimeout(fn, ms, ...args)`` and ``clearTimeout(number)``, on the node's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.helpers.namespace import script_beside
from kubeshark_nb.model import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.helpers.namespace import Exports
    from kubeshark_nb.jobs.timers import Timers
    from kubeshark_nb.runtime.pump import Where

LONGEST_MS = 1e12


class Timeouts:
    """The two global functions."""

    name = ""
    javascript = script_beside(__file__)

    def __init__(self, timers: Timers, where: Callable[[], Where], changed: Callable[[], None]) -> None:
        self._timers = timers
        self._where = where
        self._changed = changed

    def exports(self) -> Exports:
        """See the module; the JavaScript part keeps the function."""
        return {"setTimeout": ("on", self.set), "clearTimeout": ("n", self.clear)}

    def set(self, task: int, delay: float | None) -> int:
        """Call the kept function ``task`` after ``delay`` ms; the number of the timer."""
        here = self._where()
        number = self._timers.set(here.time + int(min(delay or 0.0, LONGEST_MS) * NS_PER_MS), task, here.script)
        self._changed()
        return number

    def clear(self, number: float | None) -> None:
        """Forget a timer; anything that is no pending timer is ignored."""
        self._timers.clear(int(number or 0))
        self._changed()
