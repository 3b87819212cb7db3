"""The jobs panel: every scheduled job, its cron in words, its history, its buttons."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from kubeshark_nb.model import NS_PER_S, ConsoleLine, Job, moment
from kubeshark_nb.widgets import fallback
from kubeshark_nb.widgets.bundle import bundle
from kubeshark_nb.widgets.cron_words import in_words
from kubeshark_nb.widgets.view import Question, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubeshark_nb.store.query import Watch
    from kubeshark_nb.widgets.feed import Channel, Feed

HEADS = ("Job", "Cron", "Meaning", "Script", "Node", "Runs", "Failures", "Next run (UTC)", "State")
ACTIONS = ("run", "stop", "start", "remove", "scheduler start", "scheduler stop")
HISTORY = 20  # runs of a job shown
MOST_LINES = 100  # of one run


class JobsView(View):
    """The jobs that ``jobs()`` gives, each with buttons.

    Args:
        jobs: every scheduled job as it stands.
        control: ``control(action, tag, node)``, action one of `ACTIONS`; tag ``""`` means all, node ``None`` all nodes.
            Without it: no buttons.
        lines: the console, for what a run has printed.
        clock: the node's time in ns since the epoch, for the count-down; ``None`` when there is none.
        live: True when that clock is wall time, so that the count-down runs by itself.
        feed: carries updates in the channel ``jobs``, made by `jobs_channel`.
    """

    _esm = bundle("jobs_view.js")

    def __init__(  # noqa: PLR0913 (each is one thing that the page can ask for)
        self,
        jobs: Callable[[], Sequence[Job]],
        control: Callable[[str, str, str | None], object] | None = None,
        *,
        lines: Sequence[ConsoleLine] = (),
        clock: Callable[[], int] | None = None,
        live: bool = False,
        feed: Feed | None = None,
    ) -> None:
        self._jobs, self._command, self._clock, self._live, self._lines = jobs, control, clock, live, lines
        super().__init__({"jobs": self._all, "lines": self._printed}, {"control": self._control}, feed=feed)

    def static_html(self) -> str:
        """The jobs as a table."""
        rows = [("failed" if job.failures else "", _cells(job)) for job in self._jobs()]
        return fallback.table(HEADS, rows, f"{len(rows)} jobs")

    def static_text(self) -> str:
        """The jobs as text."""
        jobs = self._jobs()
        return fallback.plain(HEADS, [_cells(job) for job in jobs], f"{len(jobs)} jobs")

    def _all(self, _question: Question) -> dict[str, Any]:
        return {**snapshot(self._jobs, self._clock), "live": self._live, "control": self._command is not None}

    def _control(self, question: Question, _watch: Watch) -> dict[str, Any]:
        action, tag, node = str(question["action"]), str(question["tag"]), question.get("node")
        if self._command is None or action not in ACTIONS:
            raise ValueError(f"jobs cannot be told to {action!r} here")
        one_by_one = not tag and action in ("stop", "start")  # of all jobs; without a tag it is the scheduler's switch
        for each, where in [(job.tag, job.node) for job in self._jobs()] if one_by_one else [(tag, node)]:
            self._command(action, each, where)
        return self._all(question)

    def _printed(self, question: Question) -> dict[str, Any]:
        """What one run of a job printed: its lines from its time on, before the run that came next (0: none did)."""
        tag, node, begin, end = (question[name] for name in ("tag", "node", "time", "next"))
        hook = f"job:{tag}"
        found = [
            line
            for line in self._lines[:]
            if line.hook == hook and line.node == node and begin <= line.time and (not end or line.time < end)
        ]
        return {"lines": [asdict(line) for line in found[:MOST_LINES]], "more": max(0, len(found) - MOST_LINES)}


def jobs_channel(jobs: Callable[[], Sequence[Job]], clock: Callable[[], int] | None = None) -> Channel:
    """The feed channel that keeps a `JobsView` up to date: `snapshot` when a job has changed, else ``{"now": ns}``.

    The clock alone is sent once for each of its seconds.
    """

    def look(last: tuple[list[Job], int] | None) -> tuple[tuple[list[Job], int], Any]:
        held, now = list(jobs()), clock() if clock else 0
        if last is None or held != last[0]:
            return (held, now), snapshot(lambda: held, lambda: now)
        return (held, now), None if now // NS_PER_S == last[1] // NS_PER_S else {"now": now}

    return look


def snapshot(jobs: Callable[[], Sequence[Job]], clock: Callable[[], int] | None) -> dict[str, Any]:
    """``{"jobs": [...], "now": ns}``; each job with its cron in ``words`` and the last runs of its history."""
    return {"jobs": [_described(job) for job in jobs()], "now": clock() if clock else 0}


def _described(job: Job) -> dict[str, Any]:
    return {**asdict(replace(job, history=job.history[-HISTORY:])), "words": in_words(job.cron)}


def state(job: Job) -> str:
    """``running``, ``stopped`` or ``waiting``."""
    return "running" if job.running else "stopped" if job.stopped else "waiting"


def _cells(job: Job) -> list[object]:
    following = f"{moment(job.next_run):%Y-%m-%d %H:%M:%S}" if job.next_run else ""
    return [job.tag, job.cron, in_words(job.cron), job.script, job.node, job.runs, job.failures, following, state(job)]
