"""Items per slice of time, errors and slowness with them: what the timeline draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.widgets.service_edges import is_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BUCKETS = 120
LATENCY_EDGES_US = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)


def timeline(columns: Mapping[str, Sequence[Any]], count: int = BUCKETS) -> dict[str, Any]:
    """``{"start", "step" (ns), "items": [...], "errors": [...], "latency": [...]}`` from item columns.

    ``latency`` counts items by elapsed time: below each of `LATENCY_EDGES_US`, then the rest.
    """
    times = columns["time_ns"]
    if not len(times):
        return {"start": 0, "step": 1, "items": [], "errors": [], "latency": []}
    start = min(times)
    step = max(1, -(-(max(times) - start + 1) // count))
    items, errors = [0] * count, [0] * count
    latency = [0] * (len(LATENCY_EDGES_US) + 1)
    rows = zip(times, columns["status"], columns["error"], columns["failed"], columns["elapsed_us"], strict=True)
    for time, status, error, failed, elapsed in rows:
        at = (time - start) // step
        items[at] += 1
        errors[at] += is_error(status, error, failed=failed)
        latency[sum(elapsed >= edge for edge in LATENCY_EDGES_US)] += 1
    return {"start": start, "step": step, "items": items, "errors": errors, "latency": latency}
