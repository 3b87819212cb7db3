"""Where the clock, the scheduler and the scripts meet: packets, items, due jobs and timers in one order by time."""

from __future__ import annotations

import time
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.errors import ScriptError
from kubeshark_nb.helpers.captures import Captures
from kubeshark_nb.helpers.console import Console
from kubeshark_nb.helpers.files import Files
from kubeshark_nb.helpers.filters import Filters
from kubeshark_nb.helpers.folder import Folder
from kubeshark_nb.helpers.metrics import Metrics
from kubeshark_nb.helpers.namespace import Namespace, furniture
from kubeshark_nb.helpers.schedule import Schedule
from kubeshark_nb.helpers.surroundings import HUB, Hub, Utils
from kubeshark_nb.helpers.timeouts import Timeouts
from kubeshark_nb.helpers.vendor import ChatGPT, Counter, Vendor
from kubeshark_nb.helpers.verdicts import Verdicts
from kubeshark_nb.helpers.wrappers import Wrappers
from kubeshark_nb.jobs.scheduler import Scheduler
from kubeshark_nb.jobs.timers import Timers
from kubeshark_nb.model import ConsoleLine, Effect, HookError
from kubeshark_nb.node.explain import Explanation, OneItem, Relay
from kubeshark_nb.node.play import Play, Stage
from kubeshark_nb.runtime.limits import Limits
from kubeshark_nb.runtime.profile import profiles
from kubeshark_nb.runtime.pump import Pump
from kubeshark_nb.runtime.queries import Queries
from kubeshark_nb.runtime.variables import Variables
from kubeshark_nb.vendors.desk import VendorDesk
from kubeshark_nb.vendors.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from kubeshark_nb.helpers.captures import Streams
    from kubeshark_nb.helpers.metrics import Metric
    from kubeshark_nb.model import Job, NodeInfo
    from kubeshark_nb.node.explain import Sink
    from kubeshark_nb.node.play import Window
    from kubeshark_nb.runtime.profile import HookProfile
    from kubeshark_nb.runtime.pump import Where
    from kubeshark_nb.runtime.scripts import Script
    from kubeshark_nb.vendors.policy import VendorPolicy

PATIENCE = 3


class Player:
    """One node's scripts over its traffic.

    Args:
        node: who the node is.
        folder: where scripts read and write; must exist.
        sink: gets all output.
        live: whether the clock is the wall's, so that due jobs follow it.
        limit: seconds a hook call may take; a job's run may take `PATIENCE` times that.
        limits: all limits, when more than that one differs.
        seed: of everything random, so that a replay repeats itself.
        start_ns: the clock before the first event: the capture's first packet. Wall time when 0.
        hub: whether this is the hub's copy of the scripts, where ``utils.nodeName()`` is ``"hub"``.
        policy: which vendor calls are sent; all are recorded by default.
        secrets: what is hidden in effects.

    Attributes:
        on_hub_action: takes action and object of ``hub.action``; give them to the hub's `call_hub_action`.
        targeted: what ``hub.targeted()`` answers.
        metrics: what scripts gave to ``prometheus.*``.
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
        hub: bool = False,
        policy: VendorPolicy | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        self.node = node
        self._secrets = secrets or Secrets()
        self._relay = Relay(sink, self._secrets)
        self._live = live
        self._limits = limits or (Limits(hook_seconds=limit, job_seconds=PATIENCE * limit) if limit else Limits())
        self._anchored = bool(start_ns) or live
        self._clock = start_ns or time.time_ns()
        chance = Random(f"{seed}/{node.name}")  # noqa: S311 - a replay must repeat itself
        self.folder = Folder(folder, chance)
        self.timers = Timers(self._forget)
        self.scheduler = Scheduler(node.name, self._forget)
        self.metrics = Metrics(self._now)
        self.on_hub_action: Callable[[str, Any], None] = lambda _action, _value: None
        self.targeted: Callable[[], dict[str, Any]] = lambda: {"targets": [], "excluded": []}
        self._captures = Captures(self.folder, self._now)
        self._desk = VendorDesk(
            node,
            self.folder.root,
            policy=policy,
            secrets=self._secrets,
            record=self._relay.effect,
            failed=self._late_failure,
            live=live,
        )
        self._pump = self._equipped(HUB if hub else node.name, [chance.getrandbits(31) for _ in range(4)])
        self._pump.on_reload = self._drop_jobs
        self._stage = Stage(self._pump, self.scheduler, self.timers, node.worker, live)

    # ---- scripts ----

    def load(self, name: str, source: str, env: Mapping[str, Any] | None = None) -> None:
        """Load a script, in place of one of the same name, whose jobs go.

        Raises:
            ScriptError: it does not load; its predecessor is gone, too.
            KeyboardInterrupt: stopped.
        """
        self._secrets.add_env(env or {})
        try:
            self._load(name, source, env or {})
        except ScriptError as error:
            hide = self._secrets.scrub
            message, source_line = hide(error.message), hide(error.source_line)
            raise ScriptError(error.name, error.line, error.column, message, source_line) from None

    def _load(self, name: str, source: str, env: Mapping[str, Any]) -> None:
        script = self._pump.scripts.new(name, source, env)
        self.unload(name)
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
        self._desk.collect()
        feed = self._played(window, window.end_ns)
        self._clock = max(self._clock, window.end_ns)
        return feed.verdicts

    def finish(self, end_ns: int) -> None:
        """Run the jobs and timers due until the end of the capture."""
        self._played(None, end_ns)
        self._clock = max(self._clock, end_ns)
        self._desk.collect()

    def hears(self, hook: str) -> bool:
        """Whether some script has this hook."""
        return bool(self._pump.listeners(hook))

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
        records = self._pump.records
        known, records.known = records.known, set()  # what was said before is said again, for this item
        try:
            feed = self._played(OneItem(document, self._clock), 0)
            explanation.passed, explanation.failed = feed.verdicts[0]
            explanation.replaced = self.query([document])[0]
        finally:
            self._relay.explanation, records.known = None, known
        return explanation

    def exposed(self) -> list[Metric]:
        """What scripts gave to ``prometheus.*``."""
        return list(self.metrics.known.values())

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
        """The jobs as they stand, with the secrets in their errors hidden."""
        hide = self._secrets.scrub
        return [
            replace(
                job,
                last_error=hide(job.last_error),
                history=tuple(replace(run, error=hide(run.error)) if run.error else run for run in job.history),
            )
            if job.failures
            else job
            for job in self.scheduler.listed()
        ]

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

    # ---- surroundings ----

    def use_policy(self, policy: VendorPolicy) -> None:
        """Follow another vendor policy from now on."""
        self._desk.use(policy)

    def send_now(self, number: int) -> Any:
        """Send the recorded vendor call ``number`` after all. Raises VendorError."""
        return self._desk.send_now(number)

    def use_streams(self, streams: Streams) -> None:
        """Where ``pcap.*`` finds the packets of streams and the history of names."""
        self._captures.streams = streams

    def interrupt(self) -> None:
        """Ask what is running to stop; callable from a signal handler or another thread."""
        self._pump.watch.interrupt()

    def close(self) -> None:
        """Nothing of the scripts goes on after this; queued vendor calls get a moment to end."""
        self.scheduler.remove_all()
        self._desk.close()

    # ---- inside ----

    def _played(self, window: Window | None, end_ns: int) -> Play:
        feed = Play(self._stage, window, end_ns, self._clock)
        try:
            self._pump.run(feed)
        finally:
            self._clock = max(self._clock, feed.clock)
        return feed

    def _equipped(self, name: str, seed: list[int]) -> Pump:
        counter = Counter(self._desk, self._where, self._log, self._waited)
        owner = f"{self.node.name}_{self.node.ip}"
        spaces: list[Namespace] = [
            Console(),
            Verdicts(),
            Filters(self._now, lambda text: self._pump.say("error", text)),
            Files(self.folder, self._now),
            self._captures,
            Schedule(self.scheduler, self._where, self._log, self._changed),
            Timeouts(self.timers, self._where, self._changed),
            Vendor(counter, self.folder, self._env, owner, self.node.run_id),
            ChatGPT(counter),
            Utils(name),
            Hub(self._hub_action, self._targets, self._block_pod),
            self.metrics,
            Wrappers(),
        ]
        return Pump(
            furniture(spaces), self._relay, node=self.node.name, limits=self._limits, seed=seed,
            live=self._live, start=self._clock,
        )  # fmt: skip

    @property
    def clock(self) -> int:
        """Where the node's clock stands (ns): at the event whose hook runs, at the latest one between hooks."""
        return self._pump.now

    def _now(self) -> int:
        return self._pump.now

    def _env(self) -> Mapping[str, Any]:
        script = self._pump.scripts.by_id(self._where().script)
        return script.env if script else {}

    def _waited(self) -> None:
        """A vendor call took its time; the script's own limit starts anew."""
        self._pump.rearm()

    def _late_failure(self, message: str, effect: Effect) -> None:
        """A call that was left to the queue has failed: no script can catch that any more."""
        failure = HookError(
            effect.script, effect.line, 0, effect.hook, message, 1, effect.item, effect.time, self.node.name
        )
        self._relay.error(failure)
        self._relay.console(
            ConsoleLine(
                "error", message, effect.time, effect.script, effect.line, self.node.name, effect.hook, effect.item
            )
        )

    def _hub_action(self, action: str, value: Any) -> None:
        self._note("hub.action", action, orjson.dumps(value).decode(), "sent")
        self.on_hub_action(action, value)

    def _targets(self) -> dict[str, Any]:
        return self.targeted()

    def _block_pod(self, pod: str, namespace: str) -> str:
        """There is no cluster here: the wish is recorded."""
        self._note("hub.blockPod", f"{namespace}/{pod}", "", "recorded")
        return ""

    def _note(self, helper: str, target: str, request: str, status: str) -> None:
        here = self._where()
        self._relay.effect(
            Effect(
                here.time, helper, target, request[:2000], status, here.name, here.line, here.item, self.node.name,
                here.hook,
            )
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
