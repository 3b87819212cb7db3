"""The one place that builds and connects everything on the kernel's side: nodes, ledger, items.

session = Session()
session.capture("incident.pcapng", names="names.json")
session.load_script(source, name="alerts.js")
run = session.run()
"""

from __future__ import annotations

import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kubeshark_nb.errors import CaptureError, KubesharkError, NodeError, ScriptError, StoreError
from kubeshark_nb.model import ConsoleLine, NodeInfo, Stats
from kubeshark_nb.node.ledger import Ledger
from kubeshark_nb.node.process import InlineNode, Link, NodeProcess
from kubeshark_nb.node.report import Report
from kubeshark_nb.node.spec import CaptureSpec, NodeSpec, ScriptSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from kubeshark_nb.model import Effect, HookError, Job
    from kubeshark_nb.store.items import Items
    from kubeshark_nb.vendors.policy import VendorPolicy

HOOK_LIMIT = 10.0  # seconds one hook call may take
LONGEST_NAME = 200  # bytes of a node's name, which is a folder's name, too
ITEMS = "items-"
UNBOUND = "no capture is bound; use %kubeshark_capture FILE, or session.capture(file)"


@dataclass(frozen=True, slots=True)
class Run:
    """How one run over a capture went. ``seconds``: wall time; ``ended``: ``done``, ``stopped`` or what went wrong."""

    packets: int
    items: int
    passed: int
    failed: int
    errors: int
    dropped: int
    truncated: int
    seconds: float
    ended: str = "done"
    reasons: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        counts = ", ".join(f"{getattr(self, name):,} {name}" for name in SUMMARY)
        end = "" if self.ended == "done" else f"; {self.ended}"
        why = "".join(f"\n  {number:,} {reason}" for reason, number in self.reasons)
        return f"{counts} in {self.seconds:.1f} s{end}{why}"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 - IPython's signature
        printer.text(str(self))


JOB_ACTIONS = {
    "run": "jobs_run",
    "stop": "jobs_stop",
    "start": "jobs_start",
    "remove": "jobs_remove",
    "scheduler stop": "jobs_stop",
    "scheduler start": "jobs_start",
}
COUNTED = ("packets", "bytes", "streams", "items", "passed", "failed", "dropped", "truncated", "undissected", "gaps")
SUMMARY = ("packets", "items", "passed", "failed", "errors", "dropped", "truncated")


@dataclass(frozen=True, slots=True)
class Script:
    """A loaded script, by name."""

    name: str
    session: Session

    def unload(self) -> None:
        """Remove the script, its hooks and its jobs."""
        self.session.unload_script(self.name)

    def __repr__(self) -> str:
        return f"<script {self.name}>"


class Console:
    """What scripts printed. ``lines`` oldest first; ``dropped`` counts the ones thrown away to stay within bounds."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @property
    def lines(self) -> Sequence[ConsoleLine]:
        """Every line kept since the run began or the console was cleared."""
        return self._ledger.console

    @property
    def dropped(self) -> int:
        """Lines thrown away."""
        return self._ledger.console.dropped

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        return "\n".join(shown(line) for line in self.lines)

    def __repr__(self) -> str:
        return f"<console: {len(self):,} lines, {self.dropped:,} dropped>"


def shown(line: ConsoleLine) -> str:
    """A console line as Kubeshark prints it: ``[node] text``, errors ``[node:ERROR] text``."""
    mark = ":ERROR" if line.level == "error" else ""
    return f"[{line.node}{mark}] {line.text}"


class Globals:
    """The scripts' top-level variables as a mapping: ``session.globals["packetCount"]`` reads, assignment writes."""

    def __init__(self, ask: Callable[..., Any], node: Callable[[], str]) -> None:
        self._ask = ask
        self._node = node

    def node(self, name: str) -> Globals:
        """The variables on the node of this name. Raises NodeError when there is no such node."""
        if name != self._node():
            raise NodeError(f"there is no node {name!r}, only {self._node()!r}")
        return self

    def __getitem__(self, name: str) -> Any:
        """The value as JSON allows. Raises KeyError when no script has such a variable."""
        return self._ask("globals_get", name)

    def __setitem__(self, name: str, value: Any) -> None:
        """Give the variable a value that JSON has. Raises KeyError: no script has it; TypeError: no such value."""
        import orjson

        self._ask("globals_set", name, orjson.loads(orjson.dumps(value)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._ask("globals_names"))

    def __contains__(self, name: object) -> bool:
        return name in self._ask("globals_names")


class Env(dict[str, object]):
    """Entries of ``env``, for every script loaded from now on. Shown without their values."""

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name!r}: •••" for name in self) + "}"


class Vendor:
    """What vendor calls do: recorded unless switched ``live``, service by service; see `VendorPolicy`."""

    def __init__(self, use: Callable[[VendorPolicy], None], ask: Callable[..., Any]) -> None:
        from kubeshark_nb.vendors.policy import VendorPolicy

        self._use = use
        self._ask = ask
        self.policy = VendorPolicy()

    def switch(self, mode: str, *services: str, **options: Any) -> None:
        """``record``, ``live`` or ``off`` for ``services`` (all when none is named).

        Options: ``replay`` (send during a replay too), ``maximum`` (calls), ``allow_clear``.

        Raises:
            VendorError: no such mode or service.
        """
        self._follow(self.policy.switched(mode, services, **options))

    def answer(self, helper: str, *values: Any) -> None:
        """What ``helper`` ("chatgpt.prompt") answers while it is not sent, in turn; nothing: the usual answer."""
        self._follow(self.policy.answering(helper, *values))

    def send_now(self, number: int) -> Any:
        """Send a recorded call (`Effect.number`) after all; what the service answered. Raises VendorError."""
        return self._ask("send_now", number)

    def _follow(self, policy: VendorPolicy) -> None:
        self.policy = policy
        self._use(policy)


def seconds(limit: float) -> float:
    """``limit`` as it is. Raises ScriptError unless it is more than 0."""
    if not limit > 0:
        raise ScriptError("limit", None, None, f"{limit!r} is no time for a hook; give the seconds it may take")
    return limit


def node_name(name: str) -> str:
    """``name`` as it is. Raises CaptureError when no folder can have it."""
    if not name.isprintable() or "/" in name or name in {"", ".", ".."} or len(name.encode()) > LONGEST_NAME:
        raise CaptureError(f"{name!r} cannot be a node's name: no '/' and no '..', and 1 to {LONGEST_NAME} bytes")
    return name


def latest_run(folder: Path) -> int:
    """Number of the latest run whose items are in ``folder``, 0 when there is none."""
    numbers = (path.name.removeprefix(ITEMS) for path in folder.glob(f"{ITEMS}*"))
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def made(folder: Path) -> None:
    """Make ``folder``. Raises StoreError when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; give Session(folder=...) one that can be written") from None


def capture_spec(files: Sequence[str | Path], options: Mapping[str, Any]) -> CaptureSpec:
    """What `Session.capture` was told; an option that is ``None`` was not given. Raises CaptureError."""
    known = [each.name for each in fields(CaptureSpec) if each.name != "files"]
    for name in options:
        if name not in known:
            raise CaptureError(f"{name!r} is no option of a capture; there are node, {', '.join(known)}")
    names = tuple(str(file) for file in files)
    if any(not name or "\0" in name for name in names):
        raise CaptureError("a file's name cannot be empty, or hold a NUL")
    given = {name: value for name, value in options.items() if value is not None}
    for name in ("duration", "count", "ring"):
        if not given.get(name, 1) > 0:
            raise CaptureError(f"{name} is {given[name]!r}; give more than 0, or leave it out")
    return CaptureSpec(files=names, **{**given, "speed": str(given.get("speed", "max"))})


class Session:
    """A capture, the scripts loaded over it, and everything they bring. Needs no notebook.

    Args:
        inline: run the node in this process: simpler to debug, but nothing can interrupt a script that never ends
            unless this is the main thread.
        folder: where items and the scripts' files go; a temporary folder, removed by `close`, when not given.
        limit: seconds one hook call may take.
    """

    def __init__(self, *, inline: bool = False, folder: str | Path | None = None, limit: float = HOOK_LIMIT) -> None:
        self._inline = inline
        self._limit = seconds(limit)
        self.folder = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="kubeshark-"))
        self._cleanup = None if folder else weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.ledger = Ledger()
        self.globals = Globals(self._ask, lambda: self._info.name)
        self.env = Env()
        self.vendor = Vendor(self._use_policy, self._ask)
        self._scripts: dict[str, ScriptSpec] = {}
        self._capture: CaptureSpec | None = None
        self._info = NodeInfo()
        self._link: Link | None = None
        self._found = latest_run(self.folder)
        self._runs = 0
        self._closed = False
        self._last: Run | None = None
        self._ended: str | None = None
        self._played = False  # whether there are items of what is bound
        self._opened: Items | None = None
        self._obituary: ConsoleLine | None = None

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """A session on the folder of an earlier one, whatever became of that: ``items`` are those of its latest run.

        Raises:
            StoreError: there are no items in ``folder``.
        """
        if not latest_run(Path(folder)):
            raise StoreError(f"{folder}: no items here; give the folder that a Session(folder=...) had")
        return cls(folder=folder)

    def __repr__(self) -> str:
        bound = self._capture.label if self._capture else "no capture"
        return f"<session: {bound}, {len(self._scripts)} scripts{', closed' if self._closed else ''}>"

    # capture ---------------------------------------------------------------------------------------------------

    def capture(self, *files: str | Path, node: str | None = None, **options: Any) -> CaptureSpec:
        """Bind a capture; what was bound before is let go. Options are the fields of `CaptureSpec`.

        Raises:
            CaptureError: a file is missing, empty, a directory, or not a capture; there is no such interface or no
                right to capture from it; the hub does not answer; options do not go together.
        """
        from kubeshark_nb.node.origin import check

        self._must_be_open()
        spec, name = capture_spec(files, options), self._info.name if node is None else node_name(node)
        check(spec)
        self.stop()
        if name != self._info.name:
            self._info = replace(self._info, name=name)
            self._forget_node()
        self._capture = spec
        self._last = None
        self._played = False
        return spec

    # scripts ---------------------------------------------------------------------------------------------------

    def load_script(self, source: str, name: str = "script", env: Mapping[str, object] | None = None) -> Script:
        """Load JavaScript; a script of the same name is replaced, with its hooks and jobs. Its top level runs now.

        Raises:
            ScriptError: it does not compile or its top level throws; then it is not loaded.
        """
        script = self._spec(name, source, env)
        try:
            self._node().call("load", script)
        except ScriptError:
            self._scripts.pop(name, None)
            raise
        self._scripts[name] = script
        return Script(name, self)

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
        self._scripts[name] = self._spec(name, source, env)
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
        self._scripts[name] = self._spec(name, source, env)
        try:
            self.start()
        except ScriptError as error:
            self._scripts.pop(error.name, None)
            raise
        return Script(name, self)

    def unload_script(self, name: str) -> None:
        """Remove a script, its hooks and its jobs. Raises ScriptError when there is none of that name."""
        if self._scripts.pop(name, None) is None:
            known = ", ".join(self._scripts) or "none"
            raise ScriptError(name, None, None, f"no script of that name is loaded (loaded: {known})")
        self._node().call("unload", name)

    @property
    def scripts(self) -> list[str]:
        """Names of the loaded scripts, in the order in which hooks see events."""
        return list(self._scripts)

    # running ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin a run over the bound capture with the loaded scripts and return at once; `wait` waits for its end.

        Raises:
            CaptureError: nothing is bound, or it cannot be read.
            ScriptError: a script does not load.
        """
        if self._capture is None:
            raise CaptureError(UNBOUND)
        self.stop()
        self._let_items_go()
        self.ledger = Ledger()
        self._bury()
        link = self._connected()
        self._runs += 1
        self._ended, self._began = None, time.monotonic()
        self._played = False
        try:
            made(self._items_folder)
            link.call("start", self._capture, list(self._scripts.values()), self._items_folder)
        except BaseException:
            self._ended = "did not begin"
            raise
        self._played = True

    def wait(self, tick: Callable[[], object] = lambda: None) -> Run:
        """Wait until the run has ended, calling ``tick`` about ten times a second.

        Stop (KeyboardInterrupt) ends the run early and keeps what it brought.

        Raises:
            NodeError: the run broke off; the message says why.
        """
        self._connected().wait(tick)
        self._last = self._summary()
        if self._ended not in ("done", "stopped"):
            raise NodeError(self._ended or "the run ended without a word")
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
        if self._link is None or not self.running:
            return None
        self._link.call("stop")
        self._last = self._summary()
        return self._last

    def control_run(self, action: str) -> None:
        """``pause``, ``resume`` or ``stop`` the run that goes on. Raises NodeError for anything else."""
        if action not in ("pause", "resume", "stop"):
            raise NodeError(f"{action!r} is nothing a run can do; there are pause, resume and stop")
        if self.running:
            self._connected().call(action)

    @property
    def limit(self) -> float:
        """Seconds one hook call may take. To set another ends what runs: it holds for scripts loaded from then on."""
        return self._limit

    @limit.setter
    def limit(self, limit: float) -> None:
        if seconds(limit) != self._limit:
            self.stop()
            self._limit = limit
            self._forget_node()

    @property
    def bound(self) -> CaptureSpec | None:
        """The capture that is bound."""
        return self._capture

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return bool(self._runs) and self._ended is None

    # results ---------------------------------------------------------------------------------------------------

    @property
    def items(self) -> Items:
        """The items of the latest run. A bound capture that never ran is replayed first; a live one begins."""
        from kubeshark_nb.store.items import Doors, open_items

        self._must_be_open()
        if self._capture is None and not (self._runs or self._found):
            raise CaptureError(UNBOUND)
        if self._capture is not None and not self._played:
            self._begin()
        if self._opened is None:
            doors = Doors(self._hears_queries(), self._packets_of, lambda: self._clock_ns)
            self._opened = open_items(self._items_folder, doors)
        return self._opened

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
    def jobs(self) -> list[Job]:
        """The scheduled jobs."""
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
        """Who the node is."""
        return self._info

    def document(self, item: str) -> dict[str, Any]:
        """The document of the item with this id, as the dashboard gets it. Raises StoreError when there is none."""
        stream, _, index = item.rpartition("/")[2].rpartition("-")
        if index.isdecimal() and '"' not in stream and "\\" not in stream:
            for found in self.query(f'stream == "{stream}" and index == {index}'):
                return found
        raise StoreError(f"no item {item!r} in the latest run")

    def control_job(self, action: str, tag: str = "") -> None:
        """Run, stop, start or remove a job; all of them without a tag. ``scheduler start`` and ``scheduler stop`` too.

        Raises:
            NodeError: no such action.
            LookupError: no such job.
        """
        if action not in JOB_ACTIONS:
            raise NodeError(f"{action!r} is nothing a job can do; there are {', '.join(JOB_ACTIONS)}")
        self._ask(JOB_ACTIONS[action], *([tag] if tag else []))

    def env_file(self, file: str) -> dict[str, object]:
        """The ``scripting.env`` of a ``kubeshark.yaml``. Raises ScriptError when it cannot be read."""
        import yaml

        try:
            document = yaml.safe_load(Path(file).expanduser().read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
            raise ScriptError(file, None, None, f"cannot be read as kubeshark.yaml ({reason})") from None
        scripting = document.get("scripting") or {} if isinstance(document, dict) else {}
        return dict(scripting.get("env") or scripting.get("consts") or {})

    def profile(self) -> Any:
        """Per script and hook: calls, errors, total, p50 and p99 time, and the slowest item."""
        return self._ask("profile")

    def explain(self, item: dict[str, Any]) -> Any:
        """Run the hooks on one item and give every console line, verdict and effect that it caused."""
        import orjson

        return self._ask("explain", orjson.dumps(item))

    def status(self) -> str:
        """What is bound, what is loaded, what came in and what was lost, in a few lines."""
        stats = self.stats
        counts = ", ".join(f"{getattr(stats, name):,} {name}" for name in COUNTED)
        lost = [f"  {number:,} {reason}" for reason, number in stats.reasons.items()]
        return "\n".join(
            [
                f"node:    {self._info.name} ({self._info.ip})",
                f"capture: {self._capture.label if self._capture else 'none; use %kubeshark_capture FILE'}",
                f"scripts: {', '.join(self._scripts) or 'none'}",
                f"run:     {'running' if self.running else self._ended or 'not yet'}",
                f"counts:  {counts}",
                *lost,
            ]
        )

    # ending ----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the node and remove the temporary folder. Console, jobs, effects and counters can still be read."""
        running = self.running
        if self._capture is not None and self._capture.is_live:
            with suppress(KubesharkError):
                self.stop()
        self._forget_node()
        if self._cleanup is not None:
            self._cleanup()
        self._ended = "stopped" if running else self._ended
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # inside ----------------------------------------------------------------------------------------------------

    @property
    def _items_folder(self) -> Path:
        return self.folder / f"{ITEMS}{self._found + self._runs:04d}"

    def _node(self) -> Link:
        """The node, with the scripts loaded; made when there is none, or when it died."""
        new = self._link is None or not self._link.alive
        link = self._connected()
        if new:
            for script in self._scripts.values():
                link.call("load", script)
        return link

    def _connected(self) -> Link:
        """The node, as it is. Raises NodeError when the session is closed."""
        self._must_be_open()
        if self._link is not None and not self._link.alive:
            self._forget_node()
        if self._link is None:
            spec = NodeSpec(self._info, self.folder / self._info.name, self._limit)
            link = InlineNode(spec, self._enter) if self._inline else NodeProcess(spec, self._enter, self._mourn)
            link.call("use_policy", self.vendor.policy)
            self._link = link
        return self._link

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

    def _let_items_go(self) -> None:
        """A new run begins: the items of the last one stay on disk as long as somebody still holds them."""
        if self._opened is not None and self._runs:
            weakref.finalize(self._opened.store, shutil.rmtree, self._items_folder, ignore_errors=True)
        elif self._runs:
            shutil.rmtree(self._items_folder, ignore_errors=True)
        self._opened = None

    def _forget_node(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
        self._last = None

    def _mourn(self, message: str) -> None:
        """A node died unasked: say so where its output was; the next use makes a new one."""
        self._obituary = ConsoleLine("warning", message, time.time_ns(), node=self._info.name)
        self._enter(Report(node=self._info.name, console=[self._obituary]))

    def _bury(self) -> None:
        """The console that told of a node's death went with its run: what was lost is said in the next one, too."""
        if self._obituary is not None:
            self._enter(Report(node=self._info.name, console=[self._obituary]))
            self._obituary = None

    def _use_policy(self, policy: VendorPolicy) -> None:
        if self._link is not None and self._link.alive:
            self._link.call("use_policy", policy)

    def _ask(self, method: str, *arguments: Any) -> Any:
        return self._node().call("ask", method, *arguments)

    def _enter(self, report: Report) -> None:
        if report.finished is not None:
            self._ended = report.finished
        self.ledger.enter(report)

    def _spec(self, name: str, source: str, env: Mapping[str, object] | None) -> ScriptSpec:
        from kubeshark_nb.vendors.lookup import looked_up

        return ScriptSpec(name, source, looked_up({**self.env, **(env or {})}))

    def _hears_queries(self) -> Callable[[list[bytes]], list[bytes | None]] | None:
        return self._queried if self._scripts and self._ask("hears", "onItemQueried") else None

    @property
    def _clock_ns(self) -> int:
        """The node's clock: what `now()` means in a query."""
        return self.ledger.progress.time or time.time_ns()

    def _queried(self, documents: list[bytes]) -> list[bytes | None]:
        """`onItemQueried` of all scripts over what a query returned."""
        changed: list[bytes | None] = self._ask("query", documents)
        return changed

    def _packets_of(self, stream: str, _node: str) -> tuple[int, list[tuple[int, int, bytes]]]:
        found: tuple[int, list[tuple[int, int, bytes]]] = self._node().call("packets_of", stream)
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
            ended=self._ended or "",
            reasons=tuple(stats.reasons.items()),
        )
