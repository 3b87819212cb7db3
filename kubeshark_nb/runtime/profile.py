"""How much time scripts take: calls, total, p50, p99, errors and the slowest event of each hook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.runtime.pump import Pump

STEPS_PER_OCTAVE = 4
UNIT = 1e-7  # seconds in the core's unit


@dataclass(frozen=True, slots=True)
class HookProfile:
    """One hook of one script. Times in seconds of wall time; ``slowest_at`` is the clock (ns) of the slowest call."""

    script: str
    hook: str
    calls: int
    total: float
    p50: float
    p99: float
    slowest: float
    slowest_at: int
    errors: int


def profiles(pump: Pump) -> list[HookProfile]:
    """Of every hook, job and timer that ran, in the order of first use."""
    return [
        HookProfile(
            pump.scripts.name(raw["script"]),
            raw["hook"],
            raw["calls"],
            raw["total"] / 1e3,
            percentile(raw["steps"], 0.50),
            percentile(raw["steps"], 0.99),
            raw["slowest"] / 1e3,
            int(raw["time"] * 1e6),
            raw["errors"],
        )
        for raw in pump.profile()
        if raw["calls"]
    ]


def percentile(steps: Sequence[int], share: float) -> float:
    """Upper edge (s) of the histogram step that holds the call at ``share`` of all calls."""
    wanted, seen = share * sum(steps), 0
    for step, number in enumerate(steps):
        seen += number
        if number and seen >= wanted:
            return upper_edge(step) * UNIT
    return 0.0


def upper_edge(step: int) -> int:
    """Where a step ends, in units: 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 ... (see core.js `measured`)."""
    if step < STEPS_PER_OCTAVE:
        return step + 1
    octave, quarter = divmod(step, STEPS_PER_OCTAVE)
    return (STEPS_PER_OCTAVE + quarter + 1) << (octave - 1)
