"""Items per slice of time, errors and slowness with them: what the timeline draws. Whole columns at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kubeshark_nb.widgets.service_edges import is_error, numbers

if TYPE_CHECKING:
    import pyarrow as pa

BUCKETS = 120
LATENCY_EDGES_US = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)


def timeline(columns: pa.Table, count: int = BUCKETS) -> dict[str, Any]:
    """``{"start", "step" (ns), "items": [...], "errors": [...], "latency": [...]}`` from item columns.

    ``latency`` counts items by elapsed time: below each of `LATENCY_EDGES_US`, then the rest.
    """
    if not columns.num_rows:
        return {"start": 0, "step": 1, "items": [], "errors": [], "latency": []}
    times = numbers(columns["time_ns"])
    start = int(times.min())
    step = max(1, -(-(int(times.max()) - start + 1) // count))
    slices = (times - start) // step
    slower = np.searchsorted(LATENCY_EDGES_US, numbers(columns["elapsed_us"]), side="right")
    return {
        "start": start,
        "step": step,
        "items": np.bincount(slices, minlength=count).tolist(),
        "errors": np.bincount(slices[is_error(columns)], minlength=count).tolist(),
        "latency": np.bincount(slower, minlength=len(LATENCY_EDGES_US) + 1).tolist(),
    }
