"""One window of traffic for the scripts: its events, and what falls due between them, in one order by time."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kubeshark_nb.model import JobRun
from kubeshark_nb.runtime.batches import Batch, Moment, announce, perform
from kubeshark_nb.runtime.timeline import Timeline, Traffic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.items.item import Item
    from kubeshark_nb.jobs.scheduler import Entry, Scheduler
    from kubeshark_nb.jobs.timers import Timers
    from kubeshark_nb.runtime.feed import Done
    from kubeshark_nb.runtime.pump import Pump
    from kubeshark_nb.traffic import PacketColumns

LATEST = 1 << 62
IDLE_RUNS = 10_000  # job runs in a row without traffic between; then the gap is skipped, and that is counted
VERDICTS = {"0": (False, False), "1": (True, False), "2": (False, True), "3": (True, True)}


class Window(Protocol):
    """A stretch of traffic: everything up to ``end_ns`` is final."""

    @property
    def end_ns(self) -> int:
        """In ns since the epoch."""

    @property
    def packets(self) -> PacketColumns:
        """In capture order."""

    @property
    def items(self) -> Sequence[Item]:
        """Sorted by ``ready_ns``."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What every window of a node is played on. ``worker`` is the ``ip:port`` in item ids."""

    pump: Pump
    scheduler: Scheduler
    timers: Timers
    worker: str
    live: bool = False


@dataclass(slots=True)
class Running:
    """A job's run that the interpreter has: due at ``due`` (ns), started at ``started`` (s of wall time)."""

    entry: Entry
    due: int
    started: float
    lines: int


class Play:
    """The feed of one window; without a window, of what is due until ``end_ns``.

    What is due at the time of an event comes before it, so that the windows' borders make no difference. When live,
    what is due by wall time comes first.
    """

    def __init__(self, stage: Stage, window: Window | None, end_ns: int, clock: int) -> None:
        self._stage = stage
        self._pump = stage.pump
        self._limits = stage.pump.limits
        self._end = window.end_ns if window else end_ns
        self._announced: deque[tuple[str, list[Any]]] = deque()
        self._job: Running | None = None
        self._batch: Batch | None = None
        self._skip = 0
        self._idle = 0
        self.clock = clock
        self.verdicts: list[tuple[bool, bool]] = [(False, False)] * (len(window.items) if window else 0)
        self._timeline = self._wanted(window) if window else None

    def announce(self, hook: str, values: list[Any]) -> None:
        """Let a hook be called with plain values, next."""
        self._announced.append((hook, values))

    def next(self) -> Batch | None:
        """See `Feed`."""
        self._batch = self._announcement() or self._upcoming()
        return self._batch

    def done(self, done: Done) -> None:
        """See `Feed`."""
        batch = self._batch
        if isinstance(batch, Traffic):
            self._advance(batch, done)
        elif self._job is not None:
            self._end_job(self._job, done.failure or "")
        elif self._announced:
            self._announce_done(done)

    def _wanted(self, window: Window) -> Timeline:
        packets = bool(self._pump.listeners("onPacketCaptured"))
        copies = len(self._pump.listeners("onItemCaptured"))
        return Timeline(
            window.packets, window.items, self._stage.worker, self._pump.projection,
            want_packets=packets, copies=copies,
        )  # fmt: skip

    # ---- events ----

    def _upcoming(self) -> Batch | None:
        due = min(self._stage.scheduler.next_ns, self._stage.timers.next_ns)
        if self._stage.live:
            return self._live(due)
        batch = self._traffic(due)
        if batch is None and due <= self._end:
            return self._due(due)
        return batch

    def _live(self, due: int) -> Batch | None:
        now = time.time_ns()
        return self._due(now) if due <= now else self._traffic(LATEST)

    def _traffic(self, before_ns: int) -> Batch | None:
        if self._timeline is None:
            return None
        return self._timeline.take(before_ns, self._limits.hook_seconds, self._skip)

    def _advance(self, batch: Traffic, done: Done) -> None:
        assert self._timeline is not None
        if done.events:
            self.clock = max(self.clock, batch.time_ns(done.events - 1))
            self._idle = 0
        first = self._timeline.at
        self._timeline.advance(batch, done.events)
        self.verdicts[first : first + len(done.verdicts)] = [VERDICTS[digit] for digit in done.verdicts]
        self._skip = done.skip if done.events < batch.events else 0

    # ---- jobs and timers ----

    def _due(self, due: int) -> Batch | None:
        """The timer or job that is due at ``due``; timers first, they belong to what was just handled."""
        self._idle += 1
        if self._idle > IDLE_RUNS and not self._stage.live:
            self._skip_gap()
            return self._upcoming()
        self.clock = max(self.clock, due)
        moment = Moment(self.clock, self._limits.job_seconds)
        if self._stage.timers.next_ns <= due:
            timer = self._stage.timers.pop()
            return perform(moment, timer.task, timer.owner, "setTimeout", once=True)
        entry = self._stage.scheduler.due(self.clock)
        if entry is None:  # it was triggered and then removed
            return self._upcoming()
        self._stage.scheduler.begin(entry, self.clock)
        self._job = Running(entry, self.clock, time.perf_counter(), self._pump.records.lines)
        return perform(moment, entry.task, entry.owner, f"job:{entry.tag}", once=False)

    def _skip_gap(self) -> None:
        """Ten thousand runs with no traffic between: what follows is a gap in the capture, nobody waits for it."""
        self._idle = 0
        target = self._end if self._timeline is None else min(self._timeline.next_ns, self._end)
        if skipped := self._stage.scheduler.skip_to(target + 1):
            self._pump.say("warning", f"a gap in the capture: {skipped} job runs in it were left out")

    def _end_job(self, job: Running, error: str) -> None:
        self._job = None
        entry = job.entry
        run = JobRun(job.due, time.perf_counter() - job.started, error, self._pump.records.lines - job.lines)
        self._stage.scheduler.end(entry, run)
        if error:
            self.announce("onJobFailed", [entry.tag, entry.cron, entry.limit, error])
        else:
            self.announce("onJobPassed", [entry.tag, entry.cron, entry.limit])

    # ---- hooks with plain arguments ----

    def _announcement(self) -> Batch | None:
        while self._announced:
            hook, values = self._announced[0]
            if self._skip < len(self._pump.listeners(hook)):
                return announce(Moment(self.clock, self._limits.hook_seconds, self._skip), hook, values)
            self._announced.popleft()
            self._skip = 0
        return None

    def _announce_done(self, done: Done) -> None:
        if done.events:
            self._announced.popleft()
        self._skip = 0 if done.events else done.skip
