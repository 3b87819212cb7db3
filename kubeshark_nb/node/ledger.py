"""What the kernel knows of its nodes: their reports, added up. Nodes write it; widgets and the session read it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar, overload

from kubeshark_nb.model import Stats
from kubeshark_nb.node.report import Progress

if TYPE_CHECKING:
    from kubeshark_nb.model import ConsoleLine, Effect, HookError, Job
    from kubeshark_nb.node.report import Report

LINES = 100_000
EFFECTS = 20_000
ERRORS = 1_000  # different messages; then those of one hook and line are counted together
SHOWN = 10  # entries that a short list shows when it is printed
FURTHER = "further messages, not kept one by one"

T = TypeVar("T")


class Ring(Sequence[T]):
    """The newest ``size`` entries of a list; ``dropped`` counts the ones it forgot."""

    def __init__(self, size: int) -> None:
        self._kept: list[T] = []
        self._size = size
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        return self._kept[at]

    def __repr__(self) -> str:
        if len(self._kept) <= SHOWN and not self.dropped:
            return repr(self._kept)
        return f"<{len(self):,} entries, {self.dropped:,} dropped; the last: {self._kept[-1:]!r}>"

    def add(self, entries: list[T]) -> None:
        """Append, forgetting the oldest when full."""
        self._kept.extend(entries)
        excess = max(0, len(self._kept) - self._size)
        del self._kept[:excess]
        self.dropped += excess

    def clear(self) -> None:
        """Forget all, and the count of what was forgotten."""
        self._kept = []
        self.dropped = 0


class Ledger:
    """The sum of all reports of one run.

    Reports arrive on reader threads, so that every change holds one lock.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.console: Ring[ConsoleLine] = Ring(LINES)
        self.effects: Ring[Effect] = Ring(EFFECTS)
        self._errors: dict[tuple[str, str, int, str, str], HookError] = {}
        self._jobs: dict[str, list[Job]] = {}
        self._stats: dict[str, Stats] = {}
        self._progress: dict[str, Progress] = {}

    def enter(self, report: Report) -> None:
        """Add one report."""
        with self._lock:
            self._add_lines(report)
            self.effects.add(report.effects)
            for error in report.errors:
                self._add_error(error)
            if report.jobs is not None:
                self._jobs[report.node] = report.jobs
            if report.stats is not None:
                self._stats[report.node] = report.stats
            if report.progress is not None:
                self._progress[report.node] = report.progress

    @property
    def errors(self) -> list[HookError]:
        """One entry per hook, line and message, in the order of their first appearance; after `ERRORS` per line."""
        with self._lock:
            return list(self._errors.values())

    @property
    def jobs(self) -> list[Job]:
        """All jobs of all nodes, in the order they were scheduled."""
        with self._lock:
            return [job for jobs in self._jobs.values() for job in jobs]

    @property
    def stats(self) -> Stats:
        """The counters of all nodes, summed."""
        with self._lock:
            return total(list(self._stats.values()))

    @property
    def progress(self) -> Progress:
        """Bytes done and total of all nodes, and the latest clock."""
        with self._lock:
            known = list(self._progress.values())
        return Progress(
            sum(p.done for p in known), sum(p.total for p in known), max((p.time for p in known), default=0)
        )

    def _add_lines(self, report: Report) -> None:
        cleared = max((n for n, line in enumerate(report.console) if line.level == "clear"), default=None)
        if cleared is None:
            self.console.add(report.console)
        else:
            self.console.clear()
            self.console.add(report.console[cleared + 1 :])

    def _add_error(self, error: HookError) -> None:
        key = (error.node, error.script, error.line, error.hook, error.message)
        if key not in self._errors and len(self._errors) >= ERRORS:
            key = (*key[:-1], FURTHER)
            error = replace(error, message=FURTHER)
        known = self._errors.get(key)
        self._errors[key] = error if known is None else replace(known, count=known.count + error.count)


def total(parts: list[Stats]) -> Stats:
    """The sum of ``parts``, reasons included."""
    whole = Stats()
    for part in parts:
        for each in fields(Stats):
            if each.name != "reasons":
                setattr(whole, each.name, getattr(whole, each.name) + getattr(part, each.name))
        for reason, number in part.reasons.items():
            whole.count(reason, number)
    return whole
