"""Where the clock, the scheduler and the scripts meet: packets, items, due jobs and timers in one order by time."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING, Any

from kubeshark_nb.helpers.console import Console
from kubeshark_nb.helpers.files import Files
from kubeshark_nb.helpers.filters import Filters
from kubeshark_nb.helpers.folder import Folder
from kubeshark_nb.helpers.namespace import Namespace, furniture
from kubeshark_nb.helpers.schedule import Schedule
from kubeshark_nb.helpers.timeouts import Timeouts
from kubeshark_nb.helpers.verdicts import Verdicts
from kubeshark_nb.jobs.scheduler import Scheduler
from kubeshark_nb.jobs.timers import Timers
from kubeshark_nb.node.explain import Explanation, OneItem, Relay
from kubeshark_nb.node.play import Play, Stage
from kubeshark_nb.runtime.limits import Limits
from kubeshark_nb.runtime.profile import profiles
from kubeshark_nb.runtime.pump import Pump
from kubeshark_nb.runtime.queries import Queries
from kubeshark_nb.runtime.variables import Variables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kubeshark_nb.model import Job, NodeInfo
    from kubeshark_nb.node.explain import Sink
    from kubeshark_nb.node.play import Window
    from kubeshark_nb.runtime.profile import HookProfile
    from kubeshark_nb.runtime.pump import Where
    from kubeshark_nb.runtime.scripts import Script


class Player:
    """One node's scripts over its traffic.

    Args:
        node: who the node is.
        folder: where scripts read and write; must exist.
        sink: gets all output.
        live: whether the clock is the wall's, so that due jobs follow it.
        limit: seconds a hook call may take.
        limits: all limits, when more than that one differs.
        seed: of everything random, so that a replay repeats itself.
        start_ns: the clock before the first event: the capture's first packet. Wall time when 0.
    """

    def __init__(  # noqa: PLR0913 - everything a node's scripts are given
        self,
        node: NodeInfo,
        folder: Path,
        sink: Sink,
        *,
        live: bool = False,
        limit: float | None = None,
        limits: Limits | None = None,
        seed: int = 0,
        start_ns: int = 0,
    ) -> None:
        self.node = node
        self._relay = Relay(sink)
        self._live = live
        self._limits = limits or (Limits(hook_seconds=limit) if limit else Limits())
        self._anchored = bool(start_ns) or live
        self._clock = start_ns or time.time_ns()
        chance = Random(f"{seed}/{node.name}")  # noqa: S311 - a replay must repeat itself
        self.folder = Folder(folder, chance)
        self.timers = Timers(self._forget)
        self.scheduler = Scheduler(node.name, self._forget)
        self._pump = self._equipped([chance.getrandbits(31) for _ in range(4)])
        self._pump.on_reload = self._drop_jobs
        self._stage = Stage(self._pump, self.scheduler, self.timers, node.worker, live)

    # ---- scripts ----

    def load(self, name: str, source: str, env: Mapping[str, Any] | None = None) -> None:
        """Load a script, in place of one of the same name, whose jobs go.

        Raises:
            ScriptError: it does not load; its predecessor is gone, too.
            KeyboardInterrupt: stopped.
        """
        self.unload(name)
        script = self._pump.scripts.new(name, source, env or {})
        self._tick()
        if (newer := script.syntax.newer) is not None:
            self._pump.say(
                "warning", f"{name}:{newer.line}: {newer.what} is newer than ES5: a cluster refuses this script"
            )
        try:
            self._pump.load(script)
        except BaseException:
            self._drop_jobs(script)
            raise

    def unload(self, name: str) -> None:
        """Remove a script with its hooks, jobs and timers; an unknown name is no error."""
        script = self._pump.unload(name)
        if script is not None:
            self._drop_jobs(script)

    # ---- traffic ----

    def play(self, window: Window) -> list[tuple[bool, bool]]:
        """Give a window to the scripts; (passed, failed) of each of its items.

        Raises:
            KeyboardInterrupt: stopped; scripts and their state are kept.
        """
        self._anchor(window)
        feed = self._played(window, window.end_ns)
        self._clock = max(self._clock, window.end_ns)
        return feed.verdicts

    def finish(self, end_ns: int) -> None:
        """Run the jobs and timers due until the end of the capture."""
        self._played(None, end_ns)
        self._clock = max(self._clock, end_ns)

    def tick(self) -> None:
        """Live: run what is due by now."""
        self.finish(time.time_ns())

    def query(self, documents: Sequence[bytes], text: str = "") -> list[bytes | None]:
        """What ``onItemQueried`` makes of item documents: the replaced document, ``None`` where it is unchanged."""
        if not self._pump.listeners("onItemQueried"):
            return [None] * len(documents)
        feed = Queries(self._pump, documents, text, self._clock, self._limits.hook_seconds)
        self._pump.run(feed)
        return feed.answers

    def event(self, hook: str, *values: Any) -> None:
        """Call a hook with plain values in every script that has it, such as ``onPodEvent``."""
        self._tick()
        feed = Play(self._stage, None, 0, self._clock)
        feed.announce(hook, list(values))
        self._pump.run(feed)

    def call_hub_action(self, action: str, value: Any) -> None:
        """``onHubAction`` with what a script sent."""
        self.event("onHubAction", action, value)

    # ---- insight ----

    def explain(self, document: bytes) -> Explanation:
        """What the scripts do with one item: ``onItemCaptured`` and ``onItemQueried`` run on it, for real."""
        explanation = self._relay.explanation = Explanation()
        try:
            feed = self._played(OneItem(document, self._clock), 0)
            explanation.passed, explanation.failed = feed.verdicts[0]
            explanation.replaced = self.query([document])[0]
        finally:
            self._relay.explanation = None
        return explanation

    def profile(self) -> list[HookProfile]:
        """Calls, times and errors of each hook of each script."""
        return profiles(self._pump)

    def globals_names(self) -> list[str]:
        """The variables of all scripts that exist now, shared ones last."""
        return Variables(self._pump).names()

    def globals_get(self, name: str) -> Any:
        """The value of a variable, through JSON. Raises KeyError."""
        return Variables(self._pump).read(name)

    def globals_set(self, name: str, value: Any) -> None:
        """Set a variable to a JSON value; an unknown name becomes a shared one."""
        Variables(self._pump).write(name, value)

    # ---- jobs ----

    def jobs(self) -> list[Job]:
        """The jobs as they stand."""
        return self.scheduler.listed()

    def jobs_run(self, tag: str = "") -> None:
        """Run a job now, or all. Raises UnknownJobError."""
        self._tick()
        if tag:
            self.scheduler.run(tag)
        else:
            self.scheduler.run_all()
        self._played(None, 0)

    def jobs_remove(self, tag: str = "") -> None:
        """Remove a job, or all. Raises UnknownJobError."""
        if tag:
            self.scheduler.remove(tag)
        else:
            self.scheduler.remove_all()

    def jobs_stop(self, tag: str = "") -> None:
        """Let a job not be due until started again; without a tag, stop the scheduler. Raises UnknownJobError."""
        if tag:
            self.scheduler.stop_job(tag)
        else:
            self.scheduler.stop()

    def jobs_start(self, tag: str = "") -> None:
        """Start a stopped job, or the scheduler, without catching up. Raises UnknownJobError."""
        if tag:
            self.scheduler.start_job(tag, self._clock)
        else:
            self.scheduler.start(self._clock)

    def interrupt(self) -> None:
        """Ask what is running to stop; callable from a signal handler or another thread."""
        self._pump.watch.interrupt()

    def close(self) -> None:
        """Nothing of the scripts goes on after this."""
        self.scheduler.remove_all()

    # ---- inside ----

    def _played(self, window: Window | None, end_ns: int) -> Play:
        feed = Play(self._stage, window, end_ns, self._clock)
        try:
            self._pump.run(feed)
        finally:
            self._clock = max(self._clock, feed.clock)
        return feed

    def _equipped(self, seed: list[int]) -> Pump:
        spaces: list[Namespace] = [
            Console(),
            Verdicts(),
            Filters(lambda: self._pump.now, lambda text: self._pump.say("error", text)),
            Files(self.folder, lambda: self._pump.now),
            Schedule(self.scheduler, self._where, self._log, self._changed),
            Timeouts(self.timers, self._where, self._changed),
        ]
        return Pump(
            furniture(spaces), self._relay, node=self.node.name, limits=self._limits, seed=seed,
            live=self._live, start=self._clock,
        )  # fmt: skip

    def _where(self) -> Where:
        return self._pump.where()

    def _log(self, text: str) -> None:
        self._pump.say("log", text)

    def _changed(self) -> None:
        self._pump.halt = True

    def _forget(self, task: int) -> None:
        self._pump.forget(task)

    def _drop_jobs(self, script: Script) -> None:
        self.scheduler.remove_owned(script.id)
        self.timers.clear_owned(script.id)

    def _tick(self) -> None:
        if self._live:
            self._clock = time.time_ns()
        self._pump.set_clock(self._clock)

    def _anchor(self, window: Window) -> None:
        """The first window sets the clock of a replay, when nobody did before the scripts were loaded."""
        if self._anchored:
            return
        firsts = [int(times[0]) for times in (window.packets.time_ns,) if len(times)]
        firsts += [item.ready_ns for item in window.items[:1]]
        self._clock = min(firsts, default=window.end_ns)
        self.scheduler.anchor(self._clock)
        self._anchored = True
