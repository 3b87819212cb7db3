"""What a session hands out: the run it made, a script's handle, and views of its console, variables and vendors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubeshark_nb.model import ConsoleLine
    from kubeshark_nb.node.ledger import Ledger
    from kubeshark_nb.vendors.policy import VendorPolicy


@dataclass(frozen=True, slots=True)
class Run:
    """How one run over a capture went.

    ``seconds``: wall time; ``ended``: ``done``, ``stopped``, ``partial`` (some of several nodes did not end well:
    ``broken`` names them and says why) or what went wrong.
    """

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
    broken: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        counts = ", ".join(f"{getattr(self, name):,} {name}" for name in SUMMARY)
        end = "" if self.ended == "done" else f"; {self.ended}"
        why = listed([f"{number:,} {reason}" for reason, number in self.reasons])
        lost = listed([f"node {node}: {what}" for node, what in self.broken]) if self.ended == "partial" else ""
        return f"{counts} in {self.seconds:.1f} s{end}{why}{lost}"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 - IPython's signature
        printer.text(str(self))


MOST_SHOWN = 12  # lines of a kind below a run's summary


def listed(lines: list[str]) -> str:
    """``lines`` below a summary, indented; of very many the first."""
    rest = len(lines) - MOST_SHOWN
    shown = lines[:MOST_SHOWN] + ([f"and {rest:,} more"] if rest > 0 else [])
    return "".join(f"\n  {line}" for line in shown)


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
    _unload: Callable[[str], None]

    def unload(self) -> None:
        """Remove the script, its hooks and its jobs."""
        self._unload(self.name)

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

    def send_now(self, number: int, node: str | None = None) -> Any:
        """Send a recorded call (`Effect.number` of a node, the first when not named) after all; what was answered.

        Raises:
            VendorError: there is no such call, or the service refused.
        """
        return self._ask("send_now", number, node=node)

    def _follow(self, policy: VendorPolicy) -> None:
        self.policy = policy
        self._use(policy)
