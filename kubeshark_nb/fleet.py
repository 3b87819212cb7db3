"""The nodes of a session: one per capture, each with a process, a run and a state of its own.

Few nodes keep their processes, so that the state of their scripts is there in later cells. Where there are more than
`KEPT`, as many processes as there are cores play the nodes one after another, and what stays of a node are its items,
its lines and its variables.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from kubeshark_nb.errors import CaptureError, KubesharkError, NodeError, ScriptError
from kubeshark_nb.node.process import GRACE, TICK
from kubeshark_nb.node.spec import CaptureSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from kubeshark_nb.model import NodeInfo
    from kubeshark_nb.node.process import Link
    from kubeshark_nb.node.report import Report
    from kubeshark_nb.node.spec import NodeSpec, ScriptSpec

KEPT = 8  # nodes that keep their processes after a run: 100 to 150 MB each
WELL = ("done", "stopped")
NOT_BEGUN = "did not begin"


@dataclass(slots=True, eq=False)
class Member:
    """One node.

    Attributes:
        capture: what it reads; ``None`` before one is bound.
        link: the way to it; ``None`` before its first use, and after the run of one among many.
        ended: how its latest run ended: ``done``, ``stopped`` or what went wrong; ``None`` while it goes on.
        variables: its scripts' variables, once it has no process any more.
        fault: why its capture could not be bound, ``""`` when it could.
        total: bytes of its capture, 0 when unknown.
        last_word: how the run of one among many ended, before its process is for the next.
    """

    info: NodeInfo
    capture: CaptureSpec | None = None
    link: Link | None = None
    ended: str | None = NOT_BEGUN
    variables: dict[str, Any] = field(default_factory=dict)
    fault: str = ""
    total: int = 0
    last_word: str = ""

    @property
    def name(self) -> str:
        """The node's name."""
        return self.info.name


class Hire(Protocol):
    """Makes the way to a new node."""

    def __call__(self, spec: NodeSpec, enter: Callable[[Report], None], died: Callable[[str], None]) -> Link:
        """A node, which reports to ``enter``; ``died`` is told when it ends unasked."""


class Fleet:
    """All nodes of a session.

    Args:
        spec: what a node needs to start. Raises NodeError when there is to be none.
        hire: makes a node.
        inline: whether the nodes run in this process, when somebody waits for them.
        scripts: the loaded scripts, for a node that starts afresh.
        enter: takes every report.
        mourn: is told of a node that died, and why.
        over: called once when the last node of a run has ended.
        brief: whether no node keeps anything but its results, however few there are.
        grace: seconds between asking nodes to stop and killing them.
        cores: nodes that run at the same time when there are many.
    """

    def __init__(  # noqa: PLR0913 - what connects nodes to their session
        self,
        first: NodeInfo,
        spec: Callable[[NodeInfo], NodeSpec],
        hire: Hire,
        *,
        inline: bool,
        scripts: Callable[[], Sequence[ScriptSpec]],
        enter: Callable[[Report], None],
        mourn: Callable[[Member, str], None],
        over: Callable[[], None],
        brief: bool = False,
        grace: float = GRACE,
        cores: int = 0,
    ) -> None:
        self.members = {first.name: Member(first)}
        self._spec = spec
        self.hire = hire
        self._inline = inline
        self._brief = brief
        self._grace = grace
        self.crowd = brief  # whether there are too many nodes for each to keep its process
        self._scripts = scripts
        self._enter = enter
        self._mourn = mourn
        self._over = over
        self._cores = cores or usable_cores()
        self._lock = threading.RLock()
        self._waiting: deque[Member] = deque()
        self._servers: list[threading.Thread] = []
        self._done = threading.Event()
        self._done.set()
        self._settled = False
        self._refused: ScriptError | None = None

    # ---- who there is ----

    @property
    def first(self) -> Member:
        """The first node, which always exists."""
        return next(iter(self.members.values()))

    def member(self, name: str) -> Member:
        """The node of this name. Raises NodeError when there is none."""
        if name not in self.members:
            known = list(self.members)
            shown = ", ".join(map(repr, known[:KEPT])) + (f" and {len(known) - KEPT} more" if self.crowd else "")
            raise NodeError(f"there is no node {name!r}, only {shown}")
        return self.members[name]

    def bind(self, members: Iterable[Member]) -> None:
        """Take other nodes; those that stay who they were keep their processes."""
        self._disband()
        before = self.members
        self.members = {member.name: member for member in members}
        self.crowd = self._brief or len(self.members) > KEPT
        for name, old in before.items():
            new = self.members.get(name)
            if new is not None and new.info == old.info and not self.crowd:
                new.link = old.link
            elif old.link is not None:
                old.link.close()
        for member in self.members.values():
            self._prepare(member)
            self._start_early(member)

    # ---- a run ----

    @property
    def running(self) -> bool:
        """Whether some node's run goes on."""
        return not self._done.is_set()

    @property
    def broken(self) -> tuple[tuple[str, str], ...]:
        """Nodes whose latest run did not end well, and why."""
        return tuple((one.name, one.ended) for one in self.members.values() if one.ended and one.ended not in WELL)

    @property
    def ended(self) -> str:
        """How the latest run ended: ``done``, ``stopped``, ``partial`` or, of a single node, what went wrong."""
        ends = {member.ended or "" for member in self.members.values()}
        if len(ends) == 1:
            return ends.pop()
        return "partial" if ends - set(WELL) else "stopped"

    def start(self, scripts: list[ScriptSpec], items: Path) -> None:
        """Begin a run on all nodes and return as soon as it has begun.

        Raises:
            ScriptError: a script does not load.
            CaptureError, NodeError: the only node cannot begin; one of several does not stop the others.
        """
        self._refused, self._settled = None, False
        self._done.clear()
        self._waiting = deque()
        for member in self.members.values():
            member.variables = {}
            member.ended, member.last_word = member.fault or None, ""
            if not member.fault:
                self._waiting.append(member)
        self._job = (scripts, items)
        try:
            alone = len(self.members) == 1 and not self._brief
            self._start_here() if self._inline or alone else self._start_beside()
        except BaseException:
            self._give_up()
            raise

    def wait(self, tick: Callable[[], object]) -> None:
        """Until all runs have ended; ``tick`` is called about ten times a second. Stop ends them early."""
        if self._inline:
            self._play_here(tick)
        elif len(self.members) == 1 and not self._brief and self.first.link is not None:
            self.first.link.wait(tick)
            self._done.wait()
        else:
            self._wait_beside(tick)

    def stop(self) -> None:
        """End all runs that go on, keeping what they brought; a node that does not stop in time is killed."""
        self._let_go()
        self.tell("stop")
        if self._inline:  # nobody else follows them to their ends
            for member in self.members.values():
                if member.ended is None:
                    self._rest(member)
        self._insist()

    def tell(self, method: str, *arguments: Any) -> None:
        """Call ``method`` of every node whose run goes on; one that has ended meanwhile need not hear it."""
        for link in self._busy:
            try:
                link.call(method, *arguments)
            except NodeError:
                if link.alive:
                    raise

    @property
    def _busy(self) -> list[Link]:
        """The ways to nodes whose runs go on."""
        links = [member.link for member in self.members.values() if member.ended is None]
        return [link for link in links if link is not None]

    def _insist(self) -> None:
        """Nodes were asked to stop: kill those that do not within the grace."""
        if not self._done.wait(self._grace):
            for link in self._busy:
                link.kill()
            self._done.wait(self._grace)

    # ---- asking ----

    def linked(self, member: Member) -> Link:
        """The way to a node, with the scripts loaded; made when there is none, or when it died."""
        new = member.link is None or not member.link.alive
        link = self.connected(member)
        if new:
            for script in self._scripts():
                link.call("load", script)
        return link

    def connected(self, member: Member) -> Link:
        """The way to a node, as it is."""
        if member.link is not None and not member.link.alive:
            member.link.close()
            member.link = None
        if member.link is None:
            member.link = self.hire(self._spec(member.info), *self._ears(member))
            self._prepare(member)
        return member.link

    @property
    def alive(self) -> list[Member]:
        """Nodes that have a process now."""
        return [member for member in self.members.values() if member.link is not None and member.link.alive]

    def close(self) -> None:
        """End all nodes."""
        self._let_go()
        for member in self.members.values():
            member.ended = member.ended or "stopped"
            link, member.link = member.link, None
            if link is not None:
                link.close()
        self._done.set()
        self._disband()

    # ---- inside ----

    def _prepare(self, member: Member) -> None:
        """A node whose run may begin soon starts what that would have to wait for; nobody waits for it now."""
        if member.link is not None and not self.crowd:
            member.link.tell("prepare", CaptureSpec() if member.fault else member.capture or CaptureSpec())

    def _start_early(self, member: Member) -> None:
        """A node that needs other processes starts with them; once there are scripts, whoever needs it loads those."""
        shared_out = member.capture is not None and member.capture.shards > 1 and not member.fault
        if shared_out and member.link is None and not self.crowd and not self._scripts():
            with suppress(NodeError):  # the run will say
                self.connected(member)

    def _ears(self, member: Member) -> tuple[Callable[[Report], None], Callable[[str], None]]:
        """Who hears a node's reports, and of its death: whoever has its name then, as it may be bound anew."""
        name = member.name
        return (
            lambda report: self._take(self.members.get(name, member), report),
            lambda message: self._mourn(self.members.get(name, member), message),
        )

    def _take(self, member: Member, report: Report) -> None:
        self._enter(report)
        if report.finished is not None and self.crowd:
            member.last_word = report.finished  # it has ended when its variables are here, too
        elif report.finished is not None:
            self._end(member, report.finished)

    def _end(self, member: Member, how: str) -> None:
        with self._lock:
            member.ended = member.ended or how
            last = self.running and all(one.ended is not None for one in self.members.values())
            if not last or self._refused or self._settled:
                return
            self._settled = True
        try:
            self._over()
        finally:
            self._done.set()

    def _start_here(self) -> None:
        """The first node begins in this thread; an inline one is followed by the others when somebody waits."""
        if self._waiting:
            self._begin(self._waiting.popleft())
        elif not self.running or self.first.fault:
            raise CaptureError(self.first.fault)

    def _play_here(self, tick: Callable[[], object]) -> None:
        for member in self.members.values():
            if member in self._waiting:
                self._waiting.remove(member)
                self._begin(member)
            if member.ended is None and member.link is not None:
                member.link.wait(tick)
            if self.crowd:
                self._rest(member)

    def _begin(self, member: Member, link: Link | None = None) -> None:
        """Start one node's run. What one of several cannot read ends its run only."""
        try:
            (link or self.connected(member)).call("start", member.capture, *self._job)
        except ScriptError:
            raise
        except KubesharkError as error:
            if len(self.members) == 1:
                raise
            self._end(member, str(error))

    def _start_beside(self) -> None:
        slots = min(len(self._waiting), self._cores if self.crowd else len(self.members))
        self._disband()
        begun = [threading.Event() for _ in range(slots)]
        for event in begun:
            self._servers.append(threading.Thread(target=self._serve, args=(event,), daemon=True, name="nodes"))
            self._servers[-1].start()
        if not slots:
            self._end(self.first, self.first.fault)
        for event in begun:
            self._patiently(event.wait)
        if self._refused is not None:
            raise self._refused

    def _disband(self) -> None:
        """The threads of a run that is over go."""
        for thread in self._servers:
            thread.join(self._grace)
        self._servers.clear()

    def _serve(self, begun: threading.Event) -> None:
        """One thread: a node when there are few, node after node in one process when there are many.

        ``begun`` is set when the first of them runs.
        """
        link: Link | None = None
        try:
            while (member := self._next()) is not None:
                link = self._served(member, link)
                begun.set()
                if not self.crowd:
                    return
                self._followed(member, link)
        finally:
            begun.set()
            if link is not None and self.crowd:
                link.close()

    def _served(self, member: Member, link: Link | None) -> Link | None:
        """Start one node's run, in the process behind ``link`` when there is one; the way to the node.

        Whatever goes wrong, the run of this node ends with a word about it, and the others go on.
        """
        try:
            link = self._process_for(member, link)
            self._begin(member, link)
        except ScriptError as error:
            self._refused = self._refused or error
            self._waiting.clear()
            member.ended = NOT_BEGUN
        except KubesharkError as error:
            self._end(member, str(error))
        except Exception as bug:  # noqa: BLE001 - nobody else can end this node's run, and somebody waits for that
            self._end(member, f"internal error: {type(bug).__name__}: {bug}")
        return link

    def _followed(self, member: Member, link: Link | None) -> None:
        """One of many, to its end."""
        try:
            if link is not None:
                link.wait(lambda: None)
        except Exception as bug:  # noqa: BLE001 - as above
            member.last_word = member.last_word or f"internal error: {type(bug).__name__}: {bug}"
        self._rest(member, keep=True)

    def _next(self) -> Member | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting and self._refused is None else None

    def _process_for(self, member: Member, link: Link | None) -> Link:
        if not self.crowd or link is None or not link.alive:
            return self.connected(member)
        if member.link is not None:
            member.link.close()
        link.become(self._spec(member.info), *self._ears(member))
        member.link = link
        return link

    def _rest(self, member: Member, *, keep: bool = False) -> None:
        """One of many has ended: its variables stay, its process is for the next."""
        link, member.link = member.link, None
        try:
            if link is not None and link.alive and member.last_word in WELL:
                with suppress(KubesharkError):  # it died now that its run is over: its items are there
                    member.variables = link.call("variables")
            if link is not None and not keep:
                link.close()
        finally:
            self._end(member, member.last_word or NOT_BEGUN)

    def _wait_beside(self, tick: Callable[[], object]) -> None:
        try:
            while not self._done.wait(TICK):
                tick()
        except KeyboardInterrupt:
            self._let_go()
            self._interrupt()

    def _interrupt(self) -> None:
        """Stop was pressed: every node is asked to stop, and killed when it does not within the grace."""
        for link in self._busy:
            link.interrupt()
        self._insist()

    def _patiently(self, begun: Callable[[float], bool]) -> None:
        """Wait for a node to begin. Stop ends what keeps it."""
        try:
            while not begun(TICK):
                pass
        except KeyboardInterrupt:
            self._let_go()
            self._interrupt()
            raise

    def _let_go(self) -> None:
        """Nodes that have not begun do not begin any more."""
        with self._lock:
            waiting, self._waiting = self._waiting, deque()
        for member in waiting:
            self._end(member, "stopped")

    def _give_up(self) -> None:
        """The run did not begin."""
        self._waiting.clear()
        for member in self.members.values():
            if member.ended is None:
                if len(self.members) > 1 and member.link is not None and member.link.alive:
                    member.link.call("stop")
                member.ended = NOT_BEGUN
        self._done.set()


def usable_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
