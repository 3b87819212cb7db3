"""What has arrived of a stream, as offsets only: no TCP, no payload."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import itemgetter

START, END = itemgetter(0), itemgetter(1)


class Assembler:
    """Sorted, disjoint ``[start, end)`` ranges that have arrived; touching ranges are one."""

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> list[tuple[int, int]]:
        """Note ``[start, end)``; returns the parts of it that had not arrived before, in order."""
        if start >= end:
            return []
        low = bisect_left(self.ranges, start, key=END)
        high = bisect_right(self.ranges, end, key=START)
        met = self.ranges[low:high]
        fresh: list[tuple[int, int]] = []
        at = start
        for a, b in met:
            if at < a:
                fresh.append((at, a))
            at = max(at, b)
        if at < end:
            fresh.append((at, end))
        if met:
            start, end = min(start, met[0][0]), max(end, met[-1][1])
        self.ranges[low:high] = [(start, end)]
        return fresh

    def forget(self, before: int) -> None:
        """Drop what lies before offset ``before``."""
        keep = bisect_right(self.ranges, before, key=END)
        del self.ranges[:keep]
        if self.ranges and self.ranges[0][0] < before:
            self.ranges[0] = (before, self.ranges[0][1])
