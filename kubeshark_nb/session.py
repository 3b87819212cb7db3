"""The one place that builds and connects everything on the kernel's side: nodes, ledger, items.

session = Session()
session.capture("incident.pcapng", names="names.json")
session.load_script(source, name="alerts.js")
run = session.run()
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kubeshark_nb.asked import address, node_captures, seconds
from kubeshark_nb.cluster import connected
from kubeshark_nb.errors import CaptureError, KubesharkError, NodeError, ScriptError, StoreError
from kubeshark_nb.fleet import Fleet, Member, usable_cores
from kubeshark_nb.folder import Folder
from kubeshark_nb.handles import COUNTED, JOB_ACTIONS, Console, Env, Run, Script, Vendor
from kubeshark_nb.hub import Hub
from kubeshark_nb.members import Answers, members_for
from kubeshark_nb.model import ConsoleLine, NodeInfo, Stats
from kubeshark_nb.node.config import Config, find, read, script_text, scripts_in
from kubeshark_nb.node.ledger import Ledger
from kubeshark_nb.node.process import InlineNode, NodeProcess
from kubeshark_nb.node.report import Report
from kubeshark_nb.node.spec import CaptureSpec, NodeSpec
from kubeshark_nb.scripts import Scripts
from kubeshark_nb.variables import Globals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from distributed import Client

    from kubeshark_nb.model import Effect, HookError
    from kubeshark_nb.node.ledger import Jobs
    from kubeshark_nb.node.process import Link
    from kubeshark_nb.node.spec import ScriptSpec
    from kubeshark_nb.scrape import Scrape
    from kubeshark_nb.store.items import Items
    from kubeshark_nb.vendors.policy import VendorPolicy

HOOK_LIMIT = 10.0  # seconds one hook call may take
# On a cluster nodes keep nothing but results, 64 tasks are waited for at a time, and Stop takes longer to get there.
FAR: dict[str, Any] = {"brief": True, "cores": 64, "grace": 30.0}
QUERIED = "onItemQueried"
UNBOUND = "no capture is bound; use %kubeshark_capture FILE, or session.capture(file)"
UNSTARTED = "nothing has been started; use start() first, or run(), which does both"


class Session:
    """A capture, the scripts loaded over it, and everything they bring. Needs no notebook.

    Args:
        inline: run the node in this process: simpler to debug, but nothing can interrupt a script that never ends
            unless this is the main thread.
        folder: where items and the scripts' files go; a temporary folder, removed by `close`, when not given. Sessions
            may share one, also at the same time: each has its own items, and its nodes' files.
        limit: seconds one hook call may take; a run of a job may take three times that.
        config: a ``kubeshark.yaml``, as for `use_config`.
        cluster: a `distributed.Client` or a scheduler's address: every node is a task there.
        store: a folder or address (``s3://...``) where the cluster's workers leave items; the session's folder when
            empty, which all of them must see then.
        ip, run_id: the node's address, in items, and its run, in names of what is uploaded.

    Raises:
        ConfigError: ``config`` cannot be read.
        NodeError: ``ip`` is no address, or no scheduler answers.
    """

    def __init__(  # noqa: PLR0913 - everything a node can be told, each with a sound default
        self,
        *,
        inline: bool = False,
        folder: str | Path | None = None,
        limit: float = HOOK_LIMIT,
        config: str | Path | None = None,
        ip: str = "127.0.0.1",
        run_id: int = 0,
        cluster: Client | str | None = None,
        store: str = "",
    ) -> None:
        self._limit = seconds(limit)
        self._files = Folder(folder)
        self._inline = inline
        self.cluster = connected(cluster, store)
        self.ledger = Ledger()
        self._fleet = Fleet(
            NodeInfo(ip=address(ip), run_id=run_id),
            self._node_spec,
            self._hired,
            inline=inline,
            scripts=lambda: list(self._scripts.values()),
            enter=self._enter,
            mourn=self._mourn,
            over=self._settle,
            **(FAR if cluster is not None else {}),
        )
        self._hub = Hub(self._node_spec, self._fleet.hire, self._enter)
        self._nodes = Answers(self._fleet, self._hub, lambda: self.ledger)
        self.globals = Globals(self._nodes)
        self.env = Env()
        self.config = Config()
        self.vendor = Vendor(self._use_policy, self._ask_of)
        self._scripts = Scripts(lambda: self.env)
        self._capture: CaptureSpec | None = None
        self._runs = 0
        self._closed = False
        self._last: Run | None = None
        self._played = False  # whether there are items of what is bound
        self._paused = False
        self._opened: Items | None = None
        self._obituaries: list[ConsoleLine] = []
        self._scrape: Scrape | None = None
        if config is not None:
            self.use_config(config)

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """A session on the folder of an earlier one, whatever became of that: ``items`` are those of its latest run.

        Raises:
            StoreError: there are no items in ``folder``.
        """
        session = cls(folder=folder)
        if session._files.items is None:
            raise StoreError(f"{folder}: no items here; give the folder that a Session(folder=...) had")
        return session

    def __repr__(self) -> str:
        bound = self._capture.label if self._capture else "no capture"
        return f"<session: {bound}, {len(self._scripts)} scripts{', closed' if self._closed else ''}>"

    # capture ---------------------------------------------------------------------------------------------------

    def capture(
        self,
        *files: str | Path,
        node: str | None = None,
        nodes: Mapping[str, str | Path | Sequence[str | Path]] | None = None,
        **options: Any,
    ) -> CaptureSpec:
        """Bind a capture; what was bound before is let go. Options are the fields of `CaptureSpec`.

        One argument is one node: a folder, a pattern or a snapshot is an ordered chain of files. Several arguments are
        a node each, named after the files; ``node="a"`` makes them one node's chain. ``nodes={"a": "x.pcap", "b":
        ["y1.pcap", "y2.pcap"]}`` says it name by name. Of several nodes one that cannot be read does not stop the
        others; the run names it.

        Raises:
            CaptureError: a file is missing, empty, a directory, or not a capture; there is no such interface or no
                right to capture from it; the hub does not answer; options do not go together.
        """
        self._must_be_open()
        specs = node_captures(files, node, nodes, options)
        members = members_for(specs, self.info, usable_cores() if self.cluster is None else 1)
        self.stop()
        self._fleet.bind(members)
        self._capture = replace(
            members[0].capture or CaptureSpec(), files=tuple(file for spec in specs.values() for file in spec.files)
        )
        self._last = None
        self._played = False
        return self._capture

    # scripts ---------------------------------------------------------------------------------------------------

    def load_script(self, source: str, name: str = "script", env: Mapping[str, object] | None = None) -> Script:
        """Load JavaScript; a script of the same name is replaced, with its hooks and jobs. Its top level runs now.

        Raises:
            ScriptError: it does not compile or its top level throws; then it is not loaded.
        """
        script = self._scripts.made(name, source, env)
        try:
            self._load(script)
        except ScriptError:
            self._scripts.pop(name, None)
            raise
        self._scripts[name] = script
        return Script(name, self.unload_script)

    def load_folder(self, folder: str | Path | None = None) -> list[Script]:
        """Load every ``*.js`` directly inside ``folder``, by name; those of the configuration's folders without one.

        Before every run they are read again (unless ``scripting.watchScripts`` is off); one whose file is gone goes.

        Raises:
            ConfigError: there is no such folder.
            ScriptError: one does not load; the ones before it are loaded then.
        """
        paths = self.config.scripts() if folder is None else scripts_in(Path(folder).expanduser())
        return [self._load_file(path) for path in paths]

    def replay_script(
        self,
        source: str,
        name: str = "script",
        env: Mapping[str, object] | None = None,
        tick: Callable[[], object] = lambda: None,
    ) -> Run:
        """Load a script, or replace the one of its name, and run all loaded scripts over the capture from its start.

        The same as `load_script` and `run`, but the script's top level runs once.

        Raises:
            ScriptError, CaptureError: see there.
        """
        self._scripts[name] = self._scripts.made(name, source, env)
        try:
            return self.run(tick)
        except ScriptError as error:
            self._scripts.pop(error.name, None)
            raise

    def attach_script(self, source: str, name: str = "script", env: Mapping[str, object] | None = None) -> Script:
        """Load a script, or replace the one of its name, on a live capture, which begins when it does not run yet.

        Returns at once. The script sees what comes from now on.

        Raises:
            ScriptError, CaptureError: see there.
        """
        if self.running:
            return self.load_script(source, name, env)
        self._scripts[name] = self._scripts.made(name, source, env)
        try:
            self.start()
        except ScriptError as error:
            self._scripts.pop(error.name, None)
            raise
        return Script(name, self.unload_script)

    def unload_script(self, name: str) -> None:
        """Remove a script, its hooks and its jobs. Raises ScriptError when there is none of that name."""
        self._scripts.remove(name)
        for member in self._fleet.alive:
            self._fleet.linked(member).call("unload", name)

    @property
    def scripts(self) -> list[str]:
        """Names of the loaded scripts, in the order in which hooks see events."""
        return list(self._scripts)

    def source_of(self, name: str) -> str | None:
        """The source of the script of this name, ``None`` when none is loaded."""
        return self._scripts.source(name)

    # running ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin a run over the bound capture with the loaded scripts and return at once; `wait` waits for its end.

        Raises:
            CaptureError: nothing is bound, or it cannot be read.
            ScriptError: a script does not load.
        """
        self._must_be_open()
        if self._capture is None:
            raise CaptureError(UNBOUND)
        self.stop()
        if self.config.watch:
            self._scripts.refresh()
        items = self._files.begin(self._opened)
        self._opened = None
        self.ledger = Ledger()
        self._bury()
        self._runs += 1
        self._began = time.monotonic()
        self._played = self._paused = False
        scripts = list(self._scripts.values())
        if self.cluster is not None:
            self.cluster.begin()
            self._fleet.connected(self._fleet.first).call("rehearse", scripts)
        self._hub.begin(scripts, self.info, self._capture)
        self.ledger.expect({member.name: member.total for member in self._fleet.members.values()})
        self._fleet.start(scripts, items)
        self._played = True

    def wait(self, tick: Callable[[], object] = lambda: None) -> Run:
        """Wait until the run has ended, calling ``tick`` about ten times a second.

        Stop (KeyboardInterrupt) ends the run early and keeps what it brought.

        Raises:
            NodeError: nothing was started; or the run broke off, and the message says why. Where only some of several
                nodes broke off, the run is ``partial`` and names them.
        """
        self._must_be_open()
        if not self._runs:
            raise NodeError(UNSTARTED)
        self._fleet.wait(tick)
        self._last = self._summary()
        broken = self._fleet.broken
        if len(broken) == len(self._fleet.members):
            raise NodeError("; ".join(dict.fromkeys(why for _, why in broken)))
        return self._last

    def run(self, tick: Callable[[], object] = lambda: None) -> Run:
        """Run the loaded scripts over the bound capture, from its start to its end; see `start` and `wait`.

        Every run begins afresh: scripts are loaded again, the clock starts at the capture's first packet, and the same
        capture and scripts give the same items, lines, verdicts and job runs.
        """
        self.start()
        return self.wait(tick)

    def stop(self) -> Run | None:
        """End the run that goes on and say how it went; ``None`` when none did. Items that were made are kept."""
        if not self.running:
            return None
        self._hub.stop()
        self._fleet.stop()
        self._last = self._summary()
        return self._last

    def control_run(self, action: str) -> None:
        """``pause``, ``resume`` or ``stop`` the run that goes on. Raises NodeError for anything else."""
        if action not in ("pause", "resume", "stop"):
            raise NodeError(f"{action!r} is nothing a run can do; there are pause, resume and stop")
        if action == "stop":
            self.stop()
        elif self.running:
            self._fleet.tell(action)
            self._paused = action == "pause"

    def pace(self, speed: str) -> None:
        """Replay at ``speed`` (``max``, ``1x``, ``10x`` …) from now on: the run that goes on, and later ones.

        Raises:
            CaptureError: no such speed, or what is bound is no replay.
        """
        from kubeshark_nb.capture.pacing import factor

        if self._capture is None or self._capture.is_live:
            raise CaptureError("only a replay of capture files has a speed")
        factor(speed)
        self._capture = replace(self._capture, speed=speed)
        for member in self._fleet.members.values():
            member.capture = member.capture and replace(member.capture, speed=speed)
        self._fleet.tell("pace", speed)

    @property
    def limit(self) -> float:
        """Seconds one hook call may take. To set another ends what runs: it holds for scripts loaded from then on."""
        return self._limit

    @limit.setter
    def limit(self, limit: float) -> None:
        if (wanted := seconds(limit)) != self._limit:
            self.stop()
            self._limit = wanted
            self._fleet.close()
            self._hub.close()
            self._last = None

    @property
    def folder(self) -> Path:
        """Where items and the scripts' files are."""
        return self._files.path

    @property
    def bound(self) -> CaptureSpec | None:
        """The capture that is bound."""
        return self._capture

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self._fleet.running

    @property
    def state(self) -> str:
        """``running``, ``paused``, how the latest run ended (``done``, ``stopped``, an error), ``""`` before one."""
        if self.running:
            return "paused" if self._paused else "running"
        return self._fleet.ended if self._runs else ""

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    # results ---------------------------------------------------------------------------------------------------

    @property
    def items(self) -> Items:
        """The items of the latest run. A bound capture that never ran is replayed first; a live one begins."""
        from kubeshark_nb.store.items import Doors, open_items

        self._must_be_open()
        if self._capture is not None and not self._played:
            self._begin()
        if self._files.items is None:
            raise CaptureError(UNBOUND)
        if self.cluster is not None:
            self.cluster.bring(self._files.items)
        if self._opened is None:
            doors = Doors(self._hears_queries(), self._packets_of, lambda: self._clock_ns)
            self._opened = open_items(self._files.items, doors)
            self._files.looked_at()
        return self._opened

    @property
    def run_number(self) -> int:
        """Which run the items are of, counted from 1: another number, other items. 0 while there are none to show."""
        return self._runs if self._played else 0

    def query(self, kfl: str = "") -> Items:
        """The items that match ``kfl``, as Kubeshark's dashboard gets them: after `onItemQueried` of all scripts.

        Raises:
            KFLError: the query is wrong; the error points at the place.
        """
        items = self.items
        return items.query(kfl) if kfl or items.doors.queried else items

    @property
    def console(self) -> Console:
        """What scripts printed in the latest run, and since."""
        return Console(self.ledger)

    @property
    def jobs(self) -> Jobs:
        """The scheduled jobs, one row per tag and node; ``jobs.by_tag()`` has one per tag."""
        return self.ledger.jobs

    @property
    def effects(self) -> Sequence[Effect]:
        """Vendor calls: recorded, sent, refused or failed."""
        return self.ledger.effects

    @property
    def errors(self) -> list[HookError]:
        """Errors of hooks and jobs, one entry per place and message."""
        return self.ledger.errors

    @property
    def stats(self) -> Stats:
        """What went in, what came out, and what was lost on the way."""
        return self.ledger.stats

    @property
    def info(self) -> NodeInfo:
        """Who the node is; the first of several."""
        return self._fleet.first.info

    @property
    def nodes(self) -> list[str]:
        """Names of the nodes, in the order in which they were given."""
        return list(self._fleet.members)

    def document(self, item: str) -> dict[str, Any]:
        """The document of the item with this id, as the dashboard gets it. Raises StoreError when there is none."""
        stream, _, index = item.rpartition("/")[2].rpartition("-")
        if index.isdecimal() and '"' not in stream and "\\" not in stream:
            for found in self.query(f'stream == "{stream}" and index == {index}'):
                if "/" not in item or found.get("id") == item:  # several nodes have streams of the same name
                    return found
        raise StoreError(f"no item {item!r} in the latest run")

    def control_job(self, action: str, tag: str = "", node: str | None = None) -> None:
        """Run, stop, start or remove a job; all of them without a tag. ``scheduler start`` and ``scheduler stop`` too.

        On all nodes, unless ``node`` names one.

        Raises:
            NodeError: no such action, or no such node.
            LookupError: no such job.
        """
        if action not in JOB_ACTIONS:
            raise NodeError(f"{action!r} is nothing a job can do; there are {', '.join(JOB_ACTIONS)}")
        self._nodes.broadcast(JOB_ACTIONS[action], *([tag] if tag else []), only=node)

    def use_config(self, file: str | Path | None = None) -> Config:
        """Read ``file``, else ``./kubeshark.yaml``, else ``~/.kubeshark/config.yaml``.

        Its ``scripting.env`` is for scripts loaded from now on; `load_folder` loads its folders of scripts.

        Raises:
            ConfigError: ``file`` is missing, or what is there cannot be read.
        """
        self.config = read(find(file))
        self.env.update(self.config.env)
        return self.config

    def profile(self, node: str | None = None) -> Any:
        """Per script and hook: calls, errors, total, p50 and p99 time, and the slowest item; of the first node."""
        return self._ask_of("profile", node=node)

    @property
    def metrics(self) -> str:
        """What scripts gave to ``prometheus.*``, in Prometheus' text format; of several nodes with a label ``node``."""
        from kubeshark_nb.helpers.metrics import exposition

        alive = [member.name for member in self._fleet.alive]
        return exposition({name: self._nodes.ask(name, "exposed") for name in alive})

    def serve_metrics(self, port: int = 0) -> str:
        """Let a Prometheus on this machine scrape `metrics`, until `close`; gives the address. Port 0: any free one.

        Raises:
            NodeError: the port is taken; the session is closed; or the node runs in this process, which answers nobody
                while it works.
        """
        from kubeshark_nb.scrape import Scrape

        self._must_be_open()
        if self._inline:
            raise NodeError("an inline session has no time to answer; read session.metrics, or leave inline=True out")
        if self._scrape is not None:
            self._scrape.close()
        self._scrape = Scrape(lambda: self.metrics, port)
        return self._scrape.url

    def explain(self, item: dict[str, Any]) -> Any:
        """Run the hooks on one item and give every console line, verdict and effect that it caused."""
        import orjson

        return self._ask_of("explain", orjson.dumps(item), node=self._nodes.owner(item))

    def status(self) -> str:
        """What is bound, what is loaded, what came in and what was lost, in a few lines."""
        stats = self.stats
        counts = ", ".join(f"{getattr(stats, name):,} {name}" for name in COUNTED)
        lost = [f"  {number:,} {reason}" for reason, number in stats.reasons.items()]
        return "\n".join(
            [
                *self._nodes.lines(),
                f"capture: {self._capture.label if self._capture else 'none; use %kubeshark_capture FILE'}",
                f"scripts: {', '.join(self._scripts) or 'none'}",
                f"run:     {'running' if self.running else self._fleet.ended if self._runs else 'not yet'}",
                *([f"dissected before: {len(self.ledger.recalled)} nodes"] if self.ledger.recalled else []),
                f"counts:  {counts}",
                *lost,
            ]
        )

    # ending ----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the node and remove the temporary folder. Console, jobs, effects and counters can still be read."""
        if self._capture is not None and self._capture.is_live:
            with suppress(KubesharkError):
                self.stop()
        if self._scrape is not None:
            self._scrape.close()
        self._fleet.close()
        self._hub.close()
        if self.cluster is not None:
            self.cluster.close()
        self._files.close()
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # inside ----------------------------------------------------------------------------------------------------

    def _load_file(self, path: Path) -> Script:
        text = script_text(path)
        script = self.load_script(text, path.name)
        self._scripts.follow(path, text)
        return script

    def _load(self, script: ScriptSpec) -> None:
        """Load a script on every node that has a process, on the first one when none has."""
        self._must_be_open()
        for member in self._fleet.alive or [self._fleet.first]:
            self._fleet.linked(member).call("load", script)

    def _node_spec(self, info: NodeInfo) -> NodeSpec:
        """What a node of this session needs to start. Raises NodeError when the session is closed."""
        self._must_be_open()
        files = self._files
        return NodeSpec(info, files.node(info.name), self._limit, self.vendor.policy, cache=files.dissected)

    def _hired(self, spec: NodeSpec, enter: Callable[[Report], None], died: Callable[[str], None]) -> Link:
        """A node, wherever this session has its nodes; the hub is always here."""
        if self._inline:
            return InlineNode(spec, enter, died)
        if self.cluster is not None and not spec.hub:
            return self.cluster.node(spec, enter, died)
        return NodeProcess(spec, enter, died)

    def _begin(self) -> None:
        """The first run of what is bound, because somebody wants to see items."""
        assert self._capture is not None
        if self._capture.is_live:
            self.start()
        else:
            self.run()

    def _must_be_open(self) -> None:
        if self._closed:
            raise NodeError("this session is closed; make a new one: ks.Session()")

    def _mourn(self, member: Member, message: str) -> None:
        """A node died unasked: say so where its output was; the next use makes a new one."""
        obituary = ConsoleLine("warning", message, time.time_ns(), node=member.name)
        self._obituaries.append(obituary)
        self._enter(Report(node=member.name, console=[obituary]))

    def _enter(self, report: Report) -> None:
        self.ledger.enter(report)
        self._hub.take(report)

    def _settle(self) -> None:
        """The run has ended on every node: now it is the hub's turn, and then everything is in order."""
        self._hub.finish(self.ledger.began, self.ledger.progress.time)
        self.ledger.settle()

    def _bury(self) -> None:
        """The console that told of a node's death went with its run: what was lost is said in the next one, too."""
        for obituary in self._obituaries:
            self.ledger.enter(Report(node=obituary.node, console=[obituary]))
        self._obituaries = []

    def _use_policy(self, policy: VendorPolicy) -> None:
        for member in self._fleet.alive:
            self._fleet.connected(member).call("use_policy", policy)

    def _ask_of(self, method: str, *arguments: Any, node: str | None = None) -> Any:
        """Ask the player of a node, of the first one when none is named."""
        self._must_be_open()
        return self._nodes.ask(node or self.info.name, method, *arguments)

    def _hears_queries(self) -> Callable[[list[bytes]], list[bytes | None]] | None:
        return self._nodes.queried if self._scripts.mention(QUERIED) and self._ask_of("hears", QUERIED) else None

    @property
    def _clock_ns(self) -> int:
        """The node's clock: what `now()` means in a query."""
        return self.ledger.progress.time or time.time_ns()

    def _packets_of(self, stream: str, node: str) -> tuple[int, list[tuple[int, int, bytes]]]:
        found: tuple[int, list[tuple[int, int, bytes]]]
        found = self._fleet.linked(self._fleet.member(node)).call("packets_of", stream)
        return found

    def _summary(self) -> Run:
        stats = self.stats
        return Run(
            packets=stats.packets,
            items=stats.items,
            passed=stats.passed,
            failed=stats.failed,
            errors=sum(error.count for error in self.errors),
            dropped=stats.dropped + self.console.dropped,
            truncated=stats.truncated,
            seconds=time.monotonic() - self._began,
            ended=self._fleet.ended,
            reasons=tuple(stats.reasons.items()),
            broken=self._fleet.broken,
        )
