"""Who talks to whom: items added up per source, destination and protocol."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

COLUMNS = ("time_ns", "protocol", "src_name", "src_ip", "dst_name", "dst_ip", "status", "failed", "elapsed_us", "error")
MOST_NODES = 24
OTHERS = "(others)"
FIRST_ERROR = 500  # of HTTP statuses, what counts as an error of the service
P95 = 0.95

Columns = dict[str, "Sequence[Any]"]
Edge = dict[str, Any]


def service_map(columns: Mapping[str, Sequence[Any]], most: int = MOST_NODES) -> dict[str, Any]:
    """``{"edges": [...], "folded": n}`` from the item columns `COLUMNS`.

    An edge has source, destination, protocol, items, errors (failed, or status from 500, or an error), p95_us (µs) and
    rate (items per second of the time the items span). Beyond the ``most`` busiest names all become one, ``(others)``.
    """
    ends = [
        _names(columns["src_name"], columns["src_ip"]),
        _names(columns["dst_name"], columns["dst_ip"]),
    ]
    kept, folded = _busiest(ends, most)
    bad = _errors(columns)
    groups: dict[tuple[str, str, str], list[tuple[bool, int]]] = defaultdict(list)
    for source, target, protocol, wrong, elapsed in zip(
        *ends, columns["protocol"], bad, columns["elapsed_us"], strict=True
    ):
        groups[_fold(source, kept), _fold(target, kept), protocol].append((wrong, elapsed))
    seconds = _span(columns["time_ns"])
    return {"edges": [_edge(key, found, seconds) for key, found in sorted(groups.items())], "folded": folded}


def is_error(status: int, error: str, *, failed: bool) -> bool:
    """Whether an item counts as an error on the map and the timeline."""
    return bool(failed or error or status >= FIRST_ERROR)


def _errors(columns: Mapping[str, Sequence[Any]]) -> list[bool]:
    rows = zip(columns["status"], columns["error"], columns["failed"], strict=True)
    return [is_error(status, error, failed=failed) for status, error, failed in rows]


def _names(names: Iterable[str], addresses: Iterable[str]) -> list[str]:
    return [name or address for name, address in zip(names, addresses, strict=True)]


def _busiest(ends: Sequence[Sequence[str]], most: int) -> tuple[set[str], int]:
    counts: dict[str, int] = defaultdict(int)
    for names in ends:
        for name in names:
            counts[name] += 1
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    return set(ranked[:most]), max(0, len(ranked) - most)


def _fold(name: str, kept: set[str]) -> str:
    return name if name in kept else OTHERS


def _span(times: Sequence[int]) -> float:
    return max(1.0, (max(times) - min(times)) / 1e9) if len(times) else 1.0


def _edge(key: tuple[str, str, str], found: Sequence[tuple[bool, int]], seconds: float) -> Edge:
    latencies = sorted(elapsed for _, elapsed in found)
    return {
        "source": key[0],
        "target": key[1],
        "protocol": key[2],
        "items": len(found),
        "errors": sum(wrong for wrong, _ in found),
        "p95_us": latencies[min(len(latencies) - 1, int(P95 * len(latencies)))],
        "rate": len(found) / seconds,
    }
