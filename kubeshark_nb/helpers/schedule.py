"""``jobs.*``: schedule functions by cron, run, list and remove them, stop and start the scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.helpers.namespace import script_beside

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.helpers.namespace import Exports
    from kubeshark_nb.jobs.scheduler import Scheduler
    from kubeshark_nb.runtime.pump import Where


class Schedule:
    """The namespace ``jobs``.

    Args:
        scheduler: the node's.
        where: who calls, and when.
        log: writes a console line in the name of the caller.
        changed: told when something may be due sooner or later than before.
    """

    name = "jobs"
    javascript = script_beside(__file__)

    def __init__(
        self, scheduler: Scheduler, where: Callable[[], Where], log: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        self._scheduler = scheduler
        self._where = where
        self._log = log
        self._changed = changed

    def exports(self) -> Exports:
        """See the module; ``schedule`` itself is in JavaScript, it keeps the function."""
        return {
            "schedule": ("sson", self.schedule),
            "remove": ("s", self.remove),
            "removeAll": ("", self.remove_all),
            "list": ("", lambda: self._scheduler.tags),
            "run": ("s", self.run),
            "runAll": ("", self.run_all),
            "scheduler.isRunning": ("", lambda: self._scheduler.running),
            "scheduler.start": ("", self.start),
            "scheduler.stop": ("", self.stop),
        }

    def schedule(self, tag: str, cron: str, task: int, limit: float) -> None:
        """Schedule the kept function ``task``; ``limit`` 0 means without end. Raises CronError."""
        here = self._where()
        entry = self._scheduler.schedule(tag, cron, task, here.script, here.name, int(limit), here.time)
        self._changed()
        self._log(f'Scheduled the job: "{entry.tag}" for cron: "{cron}" (limit: {entry.limit or "infinite"})')

    def remove(self, tag: str) -> None:
        """Remove a job. Raises UnknownJobError."""
        shown = self._scheduler.remove(tag)
        self._changed()
        self._log(f'Removed the job: "{shown}"')

    def remove_all(self) -> None:
        """Remove every job."""
        self._scheduler.remove_all()
        self._changed()
        self._log("All jobs are removed.")

    def run(self, tag: str) -> None:
        """Run a job as soon as the caller is done. Raises UnknownJobError."""
        shown = self._scheduler.run(tag)
        self._changed()
        self._log(f'Triggered the job: "{shown}"')

    def run_all(self) -> None:
        """Run every job as soon as the caller is done."""
        self._scheduler.run_all()
        self._changed()
        self._log("All jobs are triggered.")

    def start(self) -> bool:
        """Start the scheduler; whether it runs now."""
        self._scheduler.start(self._where().time)
        self._changed()
        return self._scheduler.running

    def stop(self) -> bool:
        """Stop the scheduler; whether it runs now."""
        self._scheduler.stop()
        self._changed()
        return self._scheduler.running
