"""The TCP segments of one window, sorted by connection and direction, as plain lists.

One stable sort brings the segments of each direction together in capture order; one vector expression says which
directions are in order as they stand. Those, nearly all, are joined without looking at a segment.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kubeshark_nb.traffic import TCP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.traffic import Packets, Side

FIN, SYN, RST, ACK = 1, 2, 4, 16


class Group(NamedTuple):
    """Segments ``low`` to ``high`` of one direction. ``flags`` are all of theirs together; ``straight`` if in order."""

    side: Side
    low: int
    high: int
    flags: int
    straight: bool


class Run(NamedTuple):
    """Every segment of one connection in this window; ``calls`` counts its SYNs without ACK."""

    flow: int
    groups: list[Group]
    calls: int


class Segments:
    """Segments that carry something (payload, SYN, FIN or RST), one row each, sorted.

    ``rows`` are the rows in ``packets``; ``ends`` are the running total of payload bytes; ``clock`` is that of
    `Packets`, the list of ``times`` itself where these never run back.
    """

    def __init__(self, packets: Packets) -> None:
        found = np.flatnonzero((packets.kind == TCP) & ((packets.size > 0) | (packets.flags & (FIN | SYN | RST) != 0)))
        keys = (packets.flow[found] & ~np.uint64(1)) | packets.side[found].astype(np.uint64)
        order = np.argsort(keys, kind="stable")
        rows = found[order]
        self.packets = packets
        self._keys = keys[order]
        self._rows = rows
        self._flags = packets.flags[rows]
        self._seq = packets.seq[rows]
        reset = self._flags & RST != 0
        self._size = np.where(reset, 0, packets.size[rows])
        start = packets.start[rows]
        end = np.where(reset, start, np.maximum(np.minimum(packets.end[rows], start + self._size), start))
        self._captured = end - start
        self._calls: list[int] = np.flatnonzero(self._flags & (SYN | ACK) == SYN).tolist()
        self.rows = rows.tolist()
        self.seq = self._seq.tolist()
        self.size = self._size.tolist()
        self.flags = self._flags.tolist()
        self.starts = start.tolist()
        self.stops = end.tolist()
        self.ends = np.cumsum(self._captured).tolist()
        self.times = packets.time_ns[rows].tolist()
        self.clock = self.times if packets.clock_ns is packets.time_ns else packets.clock_ns[rows].tolist()

    def runs(self) -> list[Run]:
        """The connections, in the order of their first segments."""
        if not self.rows:
            return []
        keys = self._keys
        cuts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        lows = np.concatenate(([0], cuts))
        highs = np.concatenate((cuts, [len(keys)]))
        flags = np.bitwise_or.reduceat(self._flags, lows)
        calls = np.add.reduceat((self._flags & (SYN | ACK) == SYN).astype(np.int64), lows)
        straight = self._straight(lows, highs)
        found: dict[int, Run] = {}
        first = np.argsort(self._rows[lows], kind="stable")
        columns = (keys[lows], lows, highs, flags, straight, calls)
        for key, low, high, flag, good, call in zip(*(column[first].tolist() for column in columns), strict=True):
            group = Group(key & 1, low, high, flag, good)
            run = found.get(key >> 1)
            if run is None:
                found[key >> 1] = Run(key >> 1, [group], call)
            else:
                run.groups.append(group)
                if call:
                    found[key >> 1] = run._replace(calls=run.calls + call)
        return list(found.values())

    def _straight(self, lows: np.ndarray, highs: np.ndarray) -> np.ndarray:
        """Which groups are in order, complete, and have no SYN but in front and nothing behind a FIN."""
        bad = self._captured != self._size
        advance = self._size + (self._flags & FIN) + (self._flags & SYN) // SYN
        follows = (self._seq[:-1] + advance[:-1]) & 0xFFFFFFFF == self._seq[1:]
        bad[1:] |= ~follows | (self._flags[1:] & SYN != 0) | ((self._flags[:-1] & FIN != 0) & (self._size[1:] > 0))
        bad[lows] = (self._captured != self._size)[lows]
        total = np.concatenate(([0], np.cumsum(bad)))
        straight: np.ndarray = total[highs] == total[lows]
        return straight

    def calls(self, run: Run) -> list[tuple[int, Side, int]]:
        """Packet row, side and sequence number of every SYN without ACK of ``run``, in capture order."""
        calls = self._calls
        return sorted(
            (self.rows[at], group.side, self.seq[at])
            for group in run.groups
            for at in calls[bisect_left(calls, group.low) : bisect_left(calls, group.high)]
        )

    def begin(self, run: Run) -> int:
        """When ``run`` begins (ns, by the clock of `Packets`)."""
        begin: int = min(self.clock[group.low] for group in run.groups)
        return begin

    def unbroken(self, run: Run, idle: int) -> Iterator[Run]:
        """``run`` in pieces, cut where it is silent for more than ``idle`` ns."""
        rows = np.sort(np.concatenate([self._rows[group.low : group.high] for group in run.groups]))
        times = self.packets.clock_ns[rows]
        for at in (np.flatnonzero(np.diff(times) > idle) + 1).tolist():
            piece, run = self.split(run, int(rows[at]))
            yield piece
        yield run

    def split(self, run: Run, row: int) -> tuple[Run, Run]:
        """``run`` before packet row ``row`` and from there on; parts of a group count as not in order."""
        before: list[Group] = []
        after: list[Group] = []
        for group in run.groups:
            at = bisect_left(self.rows, row, group.low, group.high)
            if at > group.low:
                before.append(group if at == group.high else self._part(group, group.low, at))
            if at < group.high:
                after.append(group if at == group.low else self._part(group, at, group.high))
        return Run(run.flow, before, 0), Run(run.flow, after, 0)

    def _part(self, group: Group, low: int, high: int) -> Group:
        flags = 0
        for one in self.flags[low:high]:
            flags |= one
        return Group(group.side, low, high, flags, straight=False)
