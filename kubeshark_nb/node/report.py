"""What a node tells the session, in batches: the only records that cross from a node to the kernel unasked."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.model import ConsoleLine, Effect, HookError, Job, Stats

INTERVAL = 0.1  # seconds: ten reports a second keep a notebook fluent and its message limits far away
LINES = 20_000  # console lines that make a report go at once


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay is: bytes ``done`` of ``total`` (0 when unknown), and the clock (ns)."""

    done: int = 0
    total: int = 0
    time: int = 0


@dataclass(frozen=True, slots=True)
class HubAction:
    """What a script sent to the hub: ``number`` counts the node's own, ``time`` is its clock (ns)."""

    time: int
    node: str
    number: int
    action: str
    value: Any


@dataclass(slots=True)
class Report:
    """News from one node since its last report. ``jobs`` and ``stats`` are whole pictures, the rest are additions."""

    node: str = ""
    console: list[ConsoleLine] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    errors: list[HookError] = field(default_factory=list)
    actions: list[HubAction] = field(default_factory=list)
    jobs: list[Job] | None = None
    stats: Stats | None = None
    progress: Progress | None = None
    began: int = 0  # where the run's clock started (ns)
    dropped: int = 0  # console lines thrown away before they were reported
    recalled: bool = False  # the run's items were dissected before
    finished: str | None = None  # how the run ended: "done", "stopped" or an error line

    def __bool__(self) -> bool:
        return self != Report(node=self.node)


class Reporter:
    """Collects news inside a node and sends it at most every `INTERVAL` seconds."""

    def __init__(self, node: str, send: Callable[[Report], None]) -> None:
        self._node = node
        self._send = send
        self._news = Report(node=node)
        self._due = 0.0
        self._sent = 0

    def console(self, line: ConsoleLine) -> None:
        """One console line."""
        self._news.console.append(line)
        if len(self._news.console) >= LINES:
            self.flush()

    def effect(self, effect: Effect) -> None:
        """One vendor call."""
        self._news.effects.append(effect)

    def error(self, error: HookError) -> None:
        """One throw, or several at the same place."""
        self._news.errors.append(error)

    def action(self, time_ns: int, action: str, value: Any) -> None:
        """Something for the hub."""
        self._sent += 1
        self._news.actions.append(HubAction(time_ns, self._node, self._sent, action, value))

    def jobs(self, jobs: list[Job]) -> None:
        """All jobs as they stand."""
        self._news.jobs = jobs

    def stats(self, stats: Stats) -> None:
        """The counters as they stand."""
        self._news.stats = replace(stats, reasons=dict(stats.reasons))

    def progress(self, progress: Progress) -> None:
        """How far the replay is."""
        self._news.progress = progress

    def began(self, time_ns: int) -> None:
        """Where the run's clock starts."""
        self._news.began = time_ns

    def recalled(self) -> None:
        """The run's items were dissected before."""
        self._news.recalled = True

    def finished(self, how: str) -> None:
        """The run ended; sent at once."""
        self._news.finished = how
        self.flush()

    @property
    def is_due(self) -> bool:
        """Whether enough time has passed since the last report for another."""
        return time.monotonic() >= self._due

    def flush(self) -> None:
        """Send what there is, now."""
        news, self._news = self._news, Report(node=self._node)
        if news:
            self._send(news)
        self._due = time.monotonic() + INTERVAL
