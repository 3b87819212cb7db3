"""Several captures as one, in time order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.traffic import PADDING, Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def merge(series: Sequence[Iterator[Batch]]) -> Iterator[Batch]:
    """The batches of every series, so that time does not go back from one to the next.

    Captures that follow each other pass through as they are. Where they overlap, the frames up to the moment that all
    of them have reached are copied together and sorted (equal times keep the order of the series).
    """
    heads: dict[int, Batch] = {}
    for number, one in enumerate(series):
        _advance(heads, number, one)
    while heads:
        first = min(heads, key=lambda number: (int(heads[number].time_ns[0]), number))
        last = int(heads[first].time_ns.max())
        others = [number for number in heads if number != first and heads[number].time_ns[0] <= last]
        if not others:
            yield heads[first]
            _advance(heads, first, series[first])
            continue
        limit = min(int(heads[number].time_ns.max()) for number in (first, *others))
        yield _sorted([_take(heads, number, limit, series[number]) for number in sorted((first, *others))])


def _advance(heads: dict[int, Batch], number: int, series: Iterator[Batch]) -> None:
    batch = next(series, None)
    if batch is None:
        heads.pop(number, None)
    else:
        heads[number] = batch


def _take(heads: dict[int, Batch], number: int, limit: int, series: Iterator[Batch]) -> Batch:
    """What ``heads[number]`` has up to ``limit``; the rest stays its head."""
    batch = heads[number]
    later = np.flatnonzero(batch.time_ns > limit)
    count = int(later[0]) if later.size else len(batch)
    if count == len(batch):
        _advance(heads, number, series)
    else:
        heads[number] = part(batch, slice(count, None))
    return part(batch, slice(0, count))


def part(batch: Batch, rows: slice | np.ndarray) -> Batch:
    """Some rows of ``batch``, over the same bytes."""
    columns = (batch.starts, batch.captured, batch.length, batch.time_ns, batch.link)
    starts, captured, length, time_ns, link = (column[rows] for column in columns)
    return Batch(batch.data, 0, starts, captured, length, time_ns, link)


def _sorted(batches: list[Batch]) -> Batch:
    shifts = np.cumsum([0, *(len(batch.data) for batch in batches)])
    starts = np.concatenate([batch.starts + shift for batch, shift in zip(batches, shifts, strict=False)])
    captured, length, time_ns, link = (
        np.concatenate([getattr(batch, column) for batch in batches])
        for column in ("captured", "length", "time_ns", "link")
    )
    data = b"".join([*(batch.data for batch in batches), PADDING])
    joined = Batch(data, 0, starts, captured, length, time_ns, link)
    return part(joined, np.argsort(joined.time_ns, kind="stable"))
