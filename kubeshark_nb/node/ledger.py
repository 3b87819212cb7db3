"""What the kernel knows of its nodes: their reports, added up. Nodes write it; widgets and the session read it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar, overload

from kubeshark_nb.model import Stats
from kubeshark_nb.node.report import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Jobs(list["Job"]):
    """Jobs, one row per tag and node."""

    def by_tag(self) -> list[Job]:
        """One row per tag for all nodes together: runs, failures and missed runs summed, the latest of the rest."""
        rows: dict[str, list[Job]] = {}
        for job in self:
            rows.setdefault(job.tag, []).append(job)
        return [rolled_up(jobs) for jobs in rows.values()]


def rolled_up(jobs: list[Job]) -> Job:
    """The same job on several nodes as one row; ``node`` says on how many."""
    last = max(jobs, key=lambda job: (job.last_run, job.node))
    return replace(
        last,
        node=last.node if len(jobs) == 1 else f"{len(jobs)} nodes",
        runs=sum(job.runs for job in jobs),
        failures=sum(job.failures for job in jobs),
        missed=sum(job.missed for job in jobs),
        next_run=min((job.next_run for job in jobs if job.next_run), default=0),
        last_error=next((job.last_error for job in (last, *jobs) if job.last_error), ""),
        running=any(job.running for job in jobs),
        stopped=all(job.stopped for job in jobs),
        halted=all(job.halted for job in jobs),
        history=tuple(sorted((run for job in jobs for run in job.history), key=lambda run: run.time)),
    )


Key = tuple[int, str, int]


class Merged(Ring[T]):
    """A ring for the records of several nodes: which ones it keeps depends on their times alone, not on who was first.

    The order is by (time, node, number); records that arrive late stand where they came until `settle` sorts them, so
    that whoever follows sees every record once. ``empties`` says of a record that it empties the ring up to itself.
    ``shuffled`` counts how often records have changed places other than by losing the first ones.
    """

    def __init__(self, size: int, empties: Callable[[T], bool] = lambda _: False) -> None:
        super().__init__(size)
        self._empties = empties
        self.shuffled = 0
        self._keys: list[Key] = []
        self._heard: dict[str, tuple[int, int]] = {}
        self._floor: Key = (0, "", 0)

    def enter(self, node: str, records: Sequence[T]) -> None:
        """Records of one node (they have a ``time``), in its order."""
        time, number = self._heard.get(node, (0, 0))
        floor = self._floor
        for record in records:
            time, number = max(time, record.time), number + 1  # type: ignore[attr-defined]
            key = (time, node, number)
            if self._empties(record):
                self._floor = max(self._floor, key)
            elif key > self._floor:
                self._keys.append(key)
                self._kept.append(record)
        self._heard[node] = (time, number)
        if self._floor != floor:
            self._keep([at for at, key in enumerate(self._keys) if key > self._floor])
            self.dropped = 0
        excess = len(self._kept) - self._size
        if excess > 0:
            oldest = set(self._order()[:excess])
            self._keep([at for at in range(len(self._kept)) if at not in oldest])
            self.dropped += excess

    def settle(self) -> None:
        """Nothing more comes: put everything in order."""
        self._keep(self._order())

    def _order(self) -> list[int]:
        return sorted(range(len(self._keys)), key=self._keys.__getitem__)

    def _keep(self, places: list[int]) -> None:
        self.shuffled += places != list(range(len(self._kept) - len(places), len(self._kept)))
        self._kept = [self._kept[at] for at in places]
        self._keys = [self._keys[at] for at in places]


class Ledger:
    """The sum of all reports of one run.

    Reports arrive on reader threads, so that every change holds one lock.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.console: Merged[ConsoleLine] = Merged(LINES, lambda line: line.level == "clear")
        self.effects: Merged[Effect] = Merged(EFFECTS)
        self._errors: dict[str, dict[Place, HookError]] = {}
        self._jobs: dict[str, list[Job]] = {}
        self._stats: dict[str, Stats] = {}
        self.began = 0  # the earliest clock at which a node began (ns)
        self.recalled: set[str] = set()  # nodes whose items were dissected before
        self._progress: dict[str, Progress] = {}

    def enter(self, report: Report) -> None:
        """Add one report."""
        with self._lock:
            self.console.enter(report.node, report.console)
            self.console.dropped += report.dropped
            self.began = min(self.began or report.began, report.began or self.began)
            self.effects.enter(report.node, report.effects)
            for error in report.errors:
                self._add_error(error)
            if report.jobs is not None:
                self._jobs[report.node] = report.jobs
            if report.stats is not None:
                self._stats[report.node] = report.stats
            if report.recalled:
                self.recalled.add(report.node)
            if report.progress is not None:
                self._progress[report.node] = report.progress

    def expect(self, totals: dict[str, int]) -> None:
        """Bytes that the nodes are going to read, before they say so themselves."""
        with self._lock:
            self._progress = {node: Progress(0, size) for node, size in totals.items()}

    def settle(self) -> None:
        """The run has ended on all nodes: what they said stands in one order by time."""
        with self._lock:
            self.console.settle()
            self.effects.settle()

    @property
    def errors(self) -> list[HookError]:
        """One entry per hook, line and message, counted over all nodes, in the order of their first appearance.

        After `ERRORS` on one node, one per line. An entry's item, time and node are those of the first.
        """
        with self._lock:
            if len(self._errors) < 2:  # noqa: PLR2004 - of one node, as they came
                return [error for known in self._errors.values() for error in known.values()]
            every = [error for node in sorted(self._errors) for error in self._errors[node].values()]
        whole: dict[Place, HookError] = {}
        for error in sorted(every, key=lambda error: error.first_time):
            whole[place_of(error)] = added(whole.get(place_of(error)), error)
        return list(whole.values())

    @property
    def jobs(self) -> Jobs:
        """All jobs of all nodes, node by node, in the order they were scheduled."""
        with self._lock:
            return Jobs(job for node in sorted(self._jobs) for job in self._jobs[node])

    def stats_of(self, node: str) -> Stats:
        """The counters of one node."""
        with self._lock:
            return self._stats.get(node) or Stats()

    def clock_of(self, node: str) -> int:
        """How late it is on one node (ns), 0 when it has not said."""
        with self._lock:
            return self._progress.get(node, Progress()).time

    @property
    def stats(self) -> Stats:
        """The counters of all nodes, summed."""
        with self._lock:
            return total([self._stats[node] for node in sorted(self._stats)])

    @property
    def progress(self) -> Progress:
        """Bytes done and total of all nodes, and the latest clock."""
        with self._lock:
            known = list(self._progress.values())
        return Progress(
            sum(p.done for p in known), sum(p.total for p in known), max((p.time for p in known), default=0)
        )

    def _add_error(self, error: HookError) -> None:
        known = self._errors.setdefault(error.node, {})
        if place_of(error) not in known and len(known) >= ERRORS:
            error = replace(error, message=FURTHER)
        known[place_of(error)] = added(known.get(place_of(error)), error)


Place = tuple[str, int, str, str]


def place_of(error: HookError) -> Place:
    """What makes two errors the same."""
    return error.script, error.line, error.hook, error.message


def added(known: HookError | None, error: HookError) -> HookError:
    """``error`` and what is known of its place."""
    return error if known is None else replace(known, count=known.count + error.count)


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
