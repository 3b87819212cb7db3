"""The records that cross layers and processes: small, unchanging, free of behaviour.

Times are integers in nanoseconds since the Unix epoch, UTC, read from the node's clock: capture time in a replay,
wall time when live.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Level = Literal["log", "error", "clear", "warning", "info"]

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


def moment(time_ns: int) -> datetime:
    """The UTC datetime of ``time_ns`` (ns since the epoch; microseconds are kept, the rest is cut)."""
    seconds, rest = divmod(time_ns, NS_PER_S)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)


@dataclass(slots=True, unsafe_hash=True)  # not frozen: there are many, and that makes them four times as fast
class ConsoleLine:
    """One line of a script's output.

    ``level``: ``log`` and ``error`` are the script's; ``warning`` and ``info`` are ours; ``clear`` empties the console.
    ``line`` is the 1-based line of the script that wrote it, 0 when unknown. ``hook`` is the hook or ``job:<tag>`` that
    ran, ``""`` at top level. ``item`` is the id of the item the hook was called for, ``""`` when there was none.
    """

    level: Level
    text: str
    time: int
    script: str = ""
    line: int = 0
    node: str = ""
    hook: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job: ``time`` it was due (ns), wall time it took, error text or ``""``, lines it logged."""

    time: int
    seconds: float
    error: str = ""
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A scheduled job as it stands. ``limit`` 0: none; ``last_run`` and ``next_run`` are ns, 0 when there is none.

    ``stopped``: it is not due, because it was stopped, or because the scheduler of its node was: then also ``halted``.
    """

    tag: str
    cron: str
    script: str = ""
    node: str = ""
    limit: int = 0
    runs: int = 0
    failures: int = 0
    last_run: int = 0
    next_run: int = 0
    last_error: str = ""
    last_seconds: float = 0.0
    missed: int = 0
    running: bool = False
    stopped: bool = False
    history: tuple[JobRun, ...] = ()
    halted: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """A call that would leave the notebook; ``status``: ``recorded``, ``sent``, ``failed``, ``refused`` or ``dropped``.

    ``request`` is a preview, scrubbed of secrets. ``answer`` is what the script got back. ``number`` counts the node's
    calls from 1: a recorded one can be sent later by it.
    """

    time: int
    helper: str
    target: str
    request: str
    status: str
    script: str = ""
    line: int = 0
    item: str = ""
    node: str = ""
    hook: str = ""
    answer: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class HookError:
    """Every throw at one place of one hook, counted. ``first_item`` is the id of the first, ``frame`` its stack."""

    script: str
    line: int
    column: int
    hook: str
    message: str
    count: int = 1
    first_item: str = ""
    first_time: int = 0
    node: str = ""
    source_line: str = ""
    frame: str = ""


@dataclass(slots=True)
class Stats:
    """What went in and what came out. Everything lost has a number here; ``reasons`` says why, in words.

    ``truncated`` counts packets cut by the snap length and messages whose body was capped; ``undissected`` counts
    streams whose bytes no dissector understood; ``gaps`` counts holes in streams; ``dropped`` counts packets, items or
    lines thrown away to keep a bound.
    """

    packets: int = 0
    bytes: int = 0
    streams: int = 0
    items: int = 0
    passed: int = 0
    failed: int = 0
    dropped: int = 0
    truncated: int = 0
    undissected: int = 0
    gaps: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def count(self, reason: str, number: int = 1) -> None:
        """Add ``number`` under ``reason`` (a short sentence fragment shown to the user)."""
        if number:
            self.reasons[reason] = self.reasons.get(reason, 0) + number


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """Who a node is: ``name`` and ``ip`` as in item JSON; ``run_id`` is part of upload folders."""

    name: str = "node-1"
    ip: str = "127.0.0.1"
    run_id: int = 0
    port: int = 30001

    @property
    def worker(self) -> str:
        """``ip:port``, the item field ``worker``."""
        return f"{self.ip}:{self.port}"
