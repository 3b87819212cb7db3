"""Who talks to whom: items added up per source, destination and protocol. Whole columns at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

COLUMNS = ("time_ns", "protocol", "src_name", "src_ip", "dst_name", "dst_ip", "status", "failed", "elapsed_us", "error")
MOST_NODES = 24
OTHERS = "(others)"
FIRST_ERROR = 500  # of HTTP statuses, what counts as an error of the service
P95 = 0.95

Edge = dict[str, Any]


def service_map(columns: pa.Table, most: int = MOST_NODES) -> dict[str, Any]:
    """``{"edges": [...], "folded": n}`` from the item columns `COLUMNS`.

    An edge has source, destination, protocol, items, errors (failed, or status from 500, or an error), p95_us (µs) and
    rate (items per second of the time the items span). Beyond the ``most`` busiest names all become one, ``(others)``.
    """
    if not columns.num_rows:
        return {"edges": [], "folded": 0}
    names, ends = _ends(columns)
    kept, folded = _busiest(names, ends, most)
    shown = [*kept, OTHERS]
    place = np.full(len(names), len(kept))
    place[[names.index(name) for name in kept]] = np.arange(len(kept))
    protocols, protocol = codes(columns["protocol"])
    key = (place[ends[0]] * len(shown) + place[ends[1]]) * len(protocols) + protocol
    edges = [
        {"source": shown[which // len(protocols) // len(shown)], "target": shown[which // len(protocols) % len(shown)],
         "protocol": protocols[which % len(protocols)], **figures}
        for which, figures in _groups(key, is_error(columns), numbers(columns["elapsed_us"]))
    ]  # fmt: skip
    seconds = _span(numbers(columns["time_ns"]))
    for edge in edges:
        edge["rate"] = edge["items"] / seconds
    return {"edges": sorted(edges, key=_by_names), "folded": folded}


def is_error(columns: pa.Table) -> NDArray[np.bool_]:
    """One flag per item: whether it counts as an error on the map and the timeline."""
    named = pc.not_equal(plain(columns["error"]), "")
    failed = np.asarray(columns["failed"], dtype=np.bool_)
    flags: NDArray[np.bool_] = failed | np.asarray(named) | (numbers(columns["status"]) >= FIRST_ERROR)
    return flags


def numbers(column: pa.ChunkedArray) -> Numbers:
    """An integer column as numpy has it."""
    found: Numbers = column.to_numpy().astype(np.int64, copy=False)
    return found


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of text without its dictionary."""
    return column.cast(pa.utf8()) if pa.types.is_dictionary(column.type) else column


def codes(column: pa.ChunkedArray) -> tuple[list[str], Numbers]:
    """The different texts of a column, and for each row the number of its text."""
    encoded = plain(column).combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _ends(columns: pa.Table) -> tuple[list[str], list[Numbers]]:
    """All names, and per side for each row the number of its name; an end without a name has its address."""
    sides = [_named(columns, "src"), _named(columns, "dst")]
    names, both = codes(pa.chunked_array([chunk for side in sides for chunk in side.chunks], pa.utf8()))
    return names, np.split(both, [columns.num_rows])


def _named(columns: pa.Table, side: str) -> pa.ChunkedArray:
    name = plain(columns[f"{side}_name"])
    return pc.if_else(pc.equal(name, ""), plain(columns[f"{side}_ip"]), name)


def _busiest(names: Sequence[str], ends: Sequence[Numbers], most: int) -> tuple[list[str], int]:
    counts = np.bincount(np.concatenate(ends), minlength=len(names))
    ranked = sorted(range(len(names)), key=lambda at: (-counts[at], names[at]))
    return [names[at] for at in ranked[:most]], max(0, len(ranked) - most)


def _groups(key: Numbers, bad: NDArray[np.bool_], elapsed: Numbers) -> list[tuple[int, Edge]]:
    """Per different ``key``, in its order: items, errors, and the elapsed time that 95 in 100 do not exceed."""
    order = np.argsort(key, kind="stable")
    found, starts = np.unique(key[order], return_index=True)
    errors = np.add.reduceat(bad[order].astype(np.int64), starts)
    parts = np.split(elapsed[order], starts[1:])
    return [
        (int(which), {"items": len(part), "errors": int(wrong), "p95_us": _p95(part)})
        for which, wrong, part in zip(found, errors, parts, strict=True)
    ]


def _p95(elapsed: Numbers) -> int:
    at = min(len(elapsed) - 1, int(P95 * len(elapsed)))
    return int(np.partition(elapsed, at)[at])


def _span(times: Numbers) -> float:
    return max(1.0, float(times.max() - times.min()) / 1e9)


def _by_names(edge: Edge) -> tuple[str, str, str]:
    return edge["source"], edge["target"], edge["protocol"]
