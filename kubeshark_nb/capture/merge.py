"""Several captures as one, in time order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kubeshark_nb.traffic import PADDING, Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Timed(Protocol):
    """Frames of one source; see `kubeshark_nb.capture.series.Series`."""

    start: int
    ended: bool

    def batches(self) -> Iterator[Batch]:
        """In the order of the source."""


def merge(series: Sequence[Timed]) -> Iterator[Batch]:
    """The batches of every series, so that time does not go back from one to the next.

    Captures that follow each other pass through as they are. Where they overlap, the frames up to the moment that all
    of them have reached are copied together and sorted (equal times keep the order of the series). A series is not
    begun before the others have come to its start.
    """
    heads = Heads(series)
    while heads.fill():
        first, last = heads.first()
        others = heads.beside(first, last)
        if not others:
            yield heads.whole(first)
            continue
        group = sorted((first, *others))
        limit = heads.limit(group)
        yield _sorted([heads.take(number, limit) for number in group])


class Heads:
    """The next batch of every series that has begun and not ended."""

    def __init__(self, series: Sequence[Timed]) -> None:
        self._series = series
        self._waiting = deque(sorted(range(len(series)), key=lambda number: series[number].start))
        self._open: dict[int, Iterator[Batch]] = {}
        self._heads: dict[int, Batch] = {}

    def fill(self) -> bool:
        """Begin what may come next; whether there is anything left."""
        while self._waiting and (not self._heads or self._series[self._waiting[0]].start <= self.first()[1]):
            number = self._waiting.popleft()
            self._open[number] = self._series[number].batches()
            self._advance(number)
        return bool(self._heads)

    def first(self) -> tuple[int, int]:
        """The series whose head begins first, and the head's last moment."""
        heads = self._heads
        number = min(heads, key=lambda one: (int(heads[one].time_ns[0]), one))
        return number, int(heads[number].time_ns.max())

    def beside(self, first: int, last: int) -> list[int]:
        """The other series whose heads begin until ``last``."""
        return [one for one, head in self._heads.items() if one != first and head.time_ns[0] <= last]

    def limit(self, group: Sequence[int]) -> int:
        """The moment up to which the heads of ``group`` can be sorted: nothing earlier follows them."""
        ends = [int(self._heads[one].time_ns.max()) for one in group]
        following = [end for one, end in zip(group, ends, strict=True) if not self._series[one].ended]
        later = [int(head.time_ns[0]) - 1 for one, head in self._heads.items() if one not in group]
        later += [self._series[self._waiting[0]].start - 1] if self._waiting else []
        return min([max(ends), *following, *later])

    def whole(self, number: int) -> Batch:
        """The head of a series, all of it."""
        head = self._heads[number]
        self._advance(number)
        return head

    def take(self, number: int, limit: int) -> Batch:
        """What a head has up to ``limit``; the rest stays."""
        batch = self._heads[number]
        later = np.flatnonzero(batch.time_ns > limit)
        count = int(later[0]) if later.size else len(batch)
        if count == len(batch):
            return self.whole(number)
        self._heads[number] = part(batch, slice(count, None))
        return part(batch, slice(0, count))

    def _advance(self, number: int) -> None:
        batch = next(self._open[number], None)
        if batch is None:
            self._heads.pop(number, None)
            del self._open[number]
        else:
            self._heads[number] = batch


def part(batch: Batch, rows: slice | np.ndarray) -> Batch:
    """Some rows of ``batch``, over the same bytes."""
    columns = (batch.starts, batch.captured, batch.length, batch.time_ns, batch.link)
    starts, captured, length, time_ns, link = (column[rows] for column in columns)
    return Batch(batch.data, 0, starts, captured, length, time_ns, link)


def _sorted(batches: list[Batch]) -> Batch:
    batches = [batch for batch in batches if len(batch)]
    spans = [(int(batch.starts.min()), int((batch.starts + batch.captured).max())) for batch in batches]
    shifts = np.cumsum([0, *(end - begin for begin, end in spans)])
    moved = zip(batches, spans, shifts, strict=False)
    starts = np.concatenate([batch.starts - begin + shift for batch, (begin, _), shift in moved])
    captured, length, time_ns, link = (
        np.concatenate([getattr(batch, column) for batch in batches])
        for column in ("captured", "length", "time_ns", "link")
    )
    data = b"".join([*(one.data[begin:end] for one, (begin, end) in zip(batches, spans, strict=True)), PADDING])
    joined = Batch(data, 0, starts, captured, length, time_ns, link)
    return part(joined, np.argsort(joined.time_ns, kind="stable"))
