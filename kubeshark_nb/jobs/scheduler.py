"""The scheduler of one node: which jobs there are, which is due, what became of each run. It runs nothing itself.

Whoever owns it asks `next_ns`, takes `due(now)`, runs it between `begin` and `end`. There is one run at a time, so a
job never overlaps itself; ticks that passed meanwhile are counted as missed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kubeshark_nb.errors import KubesharkError
from kubeshark_nb.jobs.cron import Schedule, parse
from kubeshark_nb.model import Job, JobRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEVER = 1 << 63  # later than any time in ns
HISTORY = 1000  # runs kept per job
COUNTED = 100_000  # ticks counted one by one when many were missed


class UnknownJobError(KubesharkError):
    """No job has this tag."""


@dataclass(slots=True)
class Entry:
    """One job. ``task`` is the interpreter's number of its function, ``owner`` the script's id."""

    tag: str
    cron: str
    schedule: Schedule
    task: int
    owner: int
    script: str
    limit: int
    next_ns: int
    runs: int = 0
    failures: int = 0
    missed: int = 0
    last_run: int = 0
    last_error: str = ""
    last_seconds: float = 0.0
    running: bool = False
    stopped: bool = False
    history: deque[JobRun] = field(default_factory=lambda: deque(maxlen=HISTORY))


def normalised(tag: str) -> str:
    """The tag as it appears in logs, lists and hooks: lower case, blanks as dashes."""
    return tag.lower().replace(" ", "-")


class Scheduler:
    """Jobs by tag, in the order they were scheduled. ``dropped(task)`` is told of functions nobody needs any more."""

    def __init__(self, node: str, dropped: Callable[[int], None]) -> None:
        self.running = True
        self._node = node
        self._dropped = dropped
        self._entries: dict[str, Entry] = {}
        self._wanted: deque[str] = deque()  # tags to run now

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries.values()))

    def schedule(self, tag: str, cron: str, task: int, owner: int, script: str, limit: int, now: int) -> Entry:  # noqa: PLR0913, PLR0917
        """A job that is first due at the next matching time after ``now``; replaces one of the same tag.

        Raises:
            CronError: the statement means nothing.
        """
        schedule = parse(cron)
        tag = normalised(tag)
        self._drop(tag)
        entry = Entry(tag, cron, schedule, task, owner, script, limit, schedule.next_after(now))
        self._entries[tag] = entry
        return entry

    def remove(self, tag: str) -> str:
        """Take a job off the list; its tag as listed. Raises UnknownJobError."""
        entry = self._known(tag)
        self._drop(entry.tag)
        return entry.tag

    def remove_all(self) -> None:
        """Take every job off the list."""
        for tag in list(self._entries):
            self._drop(tag)

    def remove_owned(self, owner: int) -> None:
        """Take the jobs of script ``owner`` off the list."""
        for entry in self:
            if entry.owner == owner:
                self._drop(entry.tag)

    def run(self, tag: str) -> str:
        """Let a job run as soon as possible, unless the scheduler is stopped; its tag. Raises UnknownJobError."""
        entry = self._known(tag)
        if self.running:
            self._wanted.append(entry.tag)
        return entry.tag

    def run_all(self) -> None:
        """Let every job run as soon as possible."""
        if self.running:
            self._wanted.extend(self._entries)

    def start(self, now: int) -> None:
        """Go on, without catching up."""
        if not self.running:
            self.running = True
            self.anchor(now)

    def stop(self) -> None:
        """Nothing is due until `start`; jobs stay listed."""
        self.running = False
        self._wanted.clear()

    def stop_job(self, tag: str) -> None:
        """This job is not due until `start_job`. Raises UnknownJobError."""
        self._known(tag).stopped = True

    def start_job(self, tag: str, now: int) -> None:
        """This job is due again, without catching up. Raises UnknownJobError."""
        entry = self._known(tag)
        entry.stopped = False
        entry.next_ns = entry.schedule.next_after(now)

    def anchor(self, now: int) -> None:
        """The clock was set to ``now``: every job is next due after it; nothing counts as missed."""
        for entry in self:
            entry.next_ns = entry.schedule.next_after(now)

    def skip_to(self, now: int) -> int:
        """Leave out the runs due before ``now`` and count them as missed; how many."""
        skipped = 0
        for entry in self:
            if not self._idle(entry):
                skipped += self._miss(entry, now - 1)
        return skipped

    @property
    def next_ns(self) -> int:
        """When the next job is due (ns): 0 for one that was triggered, `NEVER` for none."""
        if self._wanted:
            return 0
        return min((entry.next_ns for entry in self._entries.values() if not self._idle(entry)), default=NEVER)

    def due(self, now: int) -> Entry | None:
        """The job to run at ``now``: triggered ones first, then the one due earliest."""
        while self._wanted:
            if entry := self._entries.get(self._wanted.popleft()):
                return entry
        ready = [entry for entry in self._entries.values() if not self._idle(entry) and entry.next_ns <= now]
        return min(ready, key=lambda entry: entry.next_ns, default=None)

    def begin(self, entry: Entry, now: int) -> None:
        """A run starts at ``now``; the next tick is computed, the ones that passed are counted as missed."""
        entry.runs += 1
        entry.last_run = now
        entry.running = True
        if entry.next_ns <= now:
            self._miss(entry, now, first=False)

    def end(self, entry: Entry, run: JobRun) -> None:
        """The run that began has ended; a job at its limit leaves the list."""
        entry.running = False
        entry.last_error = run.error
        entry.last_seconds = run.seconds
        entry.failures += bool(run.error)
        entry.history.append(run)
        if entry.limit and entry.runs >= entry.limit and self._entries.get(entry.tag) is entry:
            self._drop(entry.tag)

    @property
    def tags(self) -> list[str]:
        """All tags, in the order they were scheduled."""
        return list(self._entries)

    def listed(self) -> list[Job]:
        """The jobs as they stand."""
        return [self._shown(entry) for entry in self]

    def _shown(self, entry: Entry) -> Job:
        return Job(
            tag=entry.tag,
            cron=entry.cron,
            script=entry.script,
            node=self._node,
            limit=entry.limit,
            runs=entry.runs,
            failures=entry.failures,
            last_run=entry.last_run,
            next_run=0 if self._idle(entry) else entry.next_ns,
            last_error=entry.last_error,
            last_seconds=entry.last_seconds,
            missed=entry.missed,
            running=entry.running,
            stopped=entry.stopped or not self.running,
            history=tuple(entry.history),
            halted=not self.running,
        )

    def _idle(self, entry: Entry) -> bool:
        return entry.stopped or not self.running

    def _miss(self, entry: Entry, now: int, *, first: bool = True) -> int:
        """Move ``entry`` past ``now``; every tick passed is missed, save the one being run unless ``first``."""
        missed = -1 if not first else 0
        while entry.next_ns <= now and missed < COUNTED:
            missed += 1
            entry.next_ns = entry.schedule.next_after(entry.next_ns)
        if entry.next_ns <= now:
            entry.next_ns = entry.schedule.next_after(now)
        entry.missed += max(0, missed)
        return max(0, missed)

    def _drop(self, tag: str) -> None:
        if entry := self._entries.pop(tag, None):
            self._dropped(entry.task)

    def _known(self, tag: str) -> Entry:
        entry = self._entries.get(normalised(tag))
        if entry is None:
            raise UnknownJobError(f'there is no job with the tag "{normalised(tag)}"')
        return entry
