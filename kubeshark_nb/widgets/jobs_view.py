"""The jobs panel: every scheduled job, its cron in words, its history, its buttons."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kubeshark_nb.model import Job, moment
from kubeshark_nb.widgets import fallback
from kubeshark_nb.widgets.bundle import bundle
from kubeshark_nb.widgets.cron_words import in_words
from kubeshark_nb.widgets.feed import Channel, Feed, whole
from kubeshark_nb.widgets.view import Question, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HEADS = ("Job", "Cron", "Meaning", "Script", "Node", "Runs", "Failures", "Next run (UTC)", "State")
ACTIONS = ("run", "stop", "start", "remove", "scheduler start", "scheduler stop")
HISTORY = 20


class JobsView(View):
    """The jobs that ``jobs()`` gives, each with buttons.

    Args:
        jobs: every scheduled job as it stands.
        control: ``control(action, tag)``, action one of `ACTIONS`; tag ``""`` means all. Without it: no buttons.
        clock: the node's time in ns since the epoch, for the count-down; ``None`` when there is none.
        live: True when that clock is wall time, so that the count-down runs by itself.
        feed: carries updates in the channel ``jobs``, made by `jobs_channel`.
    """

    _esm = bundle("jobs_view.js")

    def __init__(
        self,
        jobs: Callable[[], Sequence[Job]],
        control: Callable[[str, str], object] | None = None,
        *,
        clock: Callable[[], int] | None = None,
        live: bool = False,
        feed: Feed | None = None,
    ) -> None:
        self._jobs, self._command, self._clock, self._live = jobs, control, clock, live
        super().__init__({"jobs": self._all, "control": self._control}, feed=feed)

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

    def _control(self, question: Question) -> dict[str, Any]:
        action = str(question["action"])
        if self._command is None or action not in ACTIONS:
            raise ValueError(f"jobs cannot be told to {action!r} here")
        self._command(action, str(question["tag"]))
        return self._all(question)


def jobs_channel(jobs: Callable[[], Sequence[Job]], clock: Callable[[], int] | None = None) -> Channel:
    """The feed channel that keeps a `JobsView` up to date."""
    return whole(lambda: snapshot(jobs, clock))


def snapshot(jobs: Callable[[], Sequence[Job]], clock: Callable[[], int] | None) -> dict[str, Any]:
    """``{"jobs": [...], "now": ns}``; each job with its cron in ``words`` and the last runs of its history."""
    return {"jobs": [_described(job) for job in jobs()], "now": clock() if clock else 0}


def _described(job: Job) -> dict[str, Any]:
    recent = [asdict(run) for run in job.history[-HISTORY:]]
    return {**asdict(job), "history": recent, "words": in_words(job.cron)}


def state(job: Job) -> str:
    """``running``, ``stopped`` or ``waiting``."""
    return "running" if job.running else "stopped" if job.stopped else "waiting"


def _cells(job: Job) -> list[object]:
    following = f"{moment(job.next_run):%Y-%m-%d %H:%M:%S}" if job.next_run else ""
    return [job.tag, job.cron, in_words(job.cron), job.script, job.node, job.runs, job.failures, following, state(job)]
