"""TCP connections across windows: opens them, keeps both directions, gives their bytes to a listener, ends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.streams.direction import Direction
from kubeshark_nb.streams.endpoints import endpoints
from kubeshark_nb.streams.flow import Listener, Open, Opened
from kubeshark_nb.streams.recent import Recent
from kubeshark_nb.streams.segments import ACK, FIN, RST, SYN, Group, Run, Segments
from kubeshark_nb.traffic import TCP, Chunk

if TYPE_CHECKING:
    from kubeshark_nb.model import Stats
    from kubeshark_nb.streams.limits import StreamLimits
    from kubeshark_nb.traffic import Datagram, Packets, Side, Why

SIDES: tuple[Side, Side] = (0, 1)
_new = tuple.__new__  # a named tuple's own constructor takes three times as long


class Deaf:
    """The listener of closed connections."""

    caller: Side | None = None

    def data(self, side: Side, chunk: Chunk) -> None:
        """Nobody listens."""

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """Nobody listens."""

    def end(self, side: Side, why: Why, time_ns: int) -> None:
        """Nobody listens."""


DEAF = Deaf()


class Connection:
    """One TCP connection."""

    __slots__ = ("_ended", "_likely", "caller", "closed", "directions", "last_ns", "listener", "window_ns")

    def __init__(self, opened: Opened, listener: Listener) -> None:
        self.directions = (Direction(), Direction())
        self.listener = listener
        self.caller = opened.caller
        self._likely: Side = 0 if opened.ends[0].port > opened.ends[1].port else 1
        self._ended = 0  # a bit for each side
        self.closed = False
        self.last_ns = self.window_ns = opened.time_ns

    @property
    def first(self) -> Side:
        """The side whose bytes are given out first in a window: the client's, or who looks like it."""
        caller = self.caller if self.caller is not None else self.listener.caller
        return self._likely if caller is None else caller

    def end(self, side: Side) -> None:
        """``side`` says nothing more."""
        self._ended |= 1 << side

    def has_ended(self, side: Side) -> bool:
        """Whether ``side`` says nothing more."""
        return bool(self._ended >> side & 1)

    def close(self) -> None:
        """Nothing more is heard; what stays only keeps late segments from opening the connection again."""
        self.closed = True
        self.listener = DEAF
        for direction in self.directions:
            direction.rest()

    def is_new_call(self, side: Side, seq: int) -> bool:
        """Whether a SYN of ``side`` with ``seq`` opens another connection between the same two ports."""
        direction = self.directions[side]
        return direction.next is not None and direction.first_seq != seq


class TcpTable:
    """Every open connection. `window` takes packets, `finish` ends what is open."""

    def __init__(self, open_stream: Open, limits: StreamLimits, stats: Stats) -> None:
        self._open = open_stream
        self._limits = limits
        self._stats = stats
        self._connections: Recent[Connection] = Recent(limits.streams, limits.tcp_idle)

    def window(self, packets: Packets, now_ns: int) -> None:
        """Everything the packets of one window bring."""
        segments = Segments(packets)
        clock = packets.clock_ns
        spans = len(clock) > 0 and int(clock[-1] - clock[0]) > self._limits.tcp_idle
        for run in segments.runs():
            for piece in segments.unbroken(run, self._limits.tcp_idle) if spans else (run,):
                if run.calls:
                    self._with_calls(segments, piece)
                else:
                    self._continue(segments, piece, self._known(segments, piece))
        for connection, crowded in self._connections.stale(now_ns):
            if not connection.closed:
                self._stats.dropped += crowded
                self._stats.count("streams ended early for lack of room", int(crowded))
                self._close(connection, "evicted" if crowded else "idle")

    def finish(self) -> None:
        """The capture has ended."""
        for connection in self._connections.drain():
            if not connection.closed:
                self._close(connection, "capture")

    def _with_calls(self, segments: Segments, run: Run) -> None:
        """A run with SYNs: where one opens another connection on the same ports, the old one ends there."""
        for row, side, seq in segments.calls(run):
            if any(segments.rows[group.low] < row for group in run.groups):
                before, run = segments.split(run, row)
                self._continue(segments, before, self._known(segments, before))
            connection = self._known(segments, run)
            if connection is not None and connection.is_new_call(side, seq):
                if not connection.closed:
                    self._close(connection, "reset")
                self._connections.put(run.flow, self._opened(segments, run))
        self._continue(segments, run, self._known(segments, run))

    def _known(self, segments: Segments, run: Run) -> Connection | None:
        """The connection that ``run`` continues; one that was silent for too long has ended before it."""
        connection = self._connections.get(run.flow)
        if connection is None or segments.begin(run) - connection.last_ns <= self._limits.tcp_idle:
            return connection
        if not connection.closed:
            self._close(connection, "idle")
        self._connections.drop(run.flow)
        return None

    def _opened(self, segments: Segments, run: Run) -> Connection:
        group = min(run.groups, key=lambda one: segments.rows[one.low])
        row = segments.rows[group.low]
        flags = segments.flags[group.low]
        caller: Side | None = None
        if flags & SYN:
            caller = group.side if not flags & ACK else SIDES[1 - group.side]
        opened = Opened(
            kind=TCP,
            number=segments.packets.batch.first + row,
            ends=endpoints(segments.packets, row),
            caller=caller,
            speaker=group.side,
            time_ns=segments.times[group.low],
            flow=int(segments.packets.flow[row]),
        )
        self._stats.streams += 1
        return Connection(opened, self._open(opened))

    def _continue(self, segments: Segments, run: Run, connection: Connection | None) -> None:
        if connection is None:
            if not any(
                group.flags & SYN or segments.ends[group.high - 1] > _before(segments, group) for group in run.groups
            ):
                return  # the last words of a connection whose payload was not captured
            connection = self._opened(segments, run)
            self._connections.put(run.flow, connection)
        if connection.closed:
            return
        groups = run.groups
        if len(groups) > 1 and groups[0].side != connection.first:
            groups = groups[::-1]
        for group in groups:
            self._advance(segments, group, connection)
        self._settle(connection, groups)

    def _advance(self, segments: Segments, group: Group, connection: Connection) -> None:
        side, low, high, flags, straight = group
        direction = connection.directions[side]
        connection.last_ns = max(segments.clock[high - 1], connection.last_ns)
        if not (straight and direction.follows(segments.seq[low])):
            self._reassemble(segments, group, connection)
            return
        before = _before(segments, group)
        count = segments.ends[high - 1] - before
        if flags & SYN:
            direction.open(segments.seq[low])
        direction.skip(segments.seq[low], count)
        if flags & FIN:
            direction.fin = direction.next
        if count:
            data = segments.packets.batch.data
            if high - low == 1:
                joined = data[segments.starts[low] : segments.stops[low]]
            else:
                spans = map(slice, segments.starts[low:high], segments.stops[low:high])
                joined = b"".join(map(data.__getitem__, spans))
            chunk = _new(Chunk, (joined, 0, before, low, high, segments.ends, segments.times))
            connection.listener.data(side, chunk)

    def _reassemble(self, segments: Segments, group: Group, connection: Connection) -> None:
        """Segment by segment: the way of whatever is not in order."""
        direction = connection.directions[group.side]
        data = segments.packets.batch.data
        if direction.next is None and not group.flags & SYN:
            direction.next = _earliest(segments, group)
        for at in range(group.low, group.high):
            flags, seq = segments.flags[at], segments.seq[at]
            if flags & SYN:
                direction.open(seq)
                seq += 1
            direction.add(seq, segments.size[at], data[segments.starts[at] : segments.stops[at]], segments.times[at])
            if direction.tired(segments.times[at], self._limits):
                self._give(connection, group.side, direction.ready())
                self._give(connection, group.side, direction.overdue(segments.times[at], self._limits))
            if flags & FIN and direction.fin is None:
                direction.fin = direction.position(seq) + segments.size[at]
        self._give(connection, group.side, direction.ready())
        self._stats.count("TCP segments outside their connection's window", direction.outside)
        direction.outside = 0

    def _give(self, connection: Connection, side: Side, chunks: list[Chunk]) -> None:
        for chunk in chunks:
            if chunk.gap:
                self._stats.gaps += 1
            connection.listener.data(side, chunk)

    def _settle(self, connection: Connection, groups: list[Group]) -> None:
        """End what a FIN or a reset ended."""
        if any(group.flags & RST for group in groups):
            self._close(connection, "reset")
            return
        for side in SIDES:
            direction = connection.directions[side]
            if direction.fin is not None and direction.finished and not connection.has_ended(side):
                connection.end(side)
                self._give(connection, side, direction.flush())
                connection.listener.end(side, "fin", connection.last_ns)
        if all(map(connection.has_ended, SIDES)):
            connection.close()

    def _close(self, connection: Connection, why: Why) -> None:
        sides = SIDES if connection.caller != 1 else SIDES[::-1]
        for side in sides:
            if not connection.has_ended(side):
                self._give(connection, side, connection.directions[side].flush())
        for side in sides:
            if not connection.has_ended(side):
                connection.listener.end(side, why, connection.last_ns)
        connection.close()


def _before(segments: Segments, group: Group) -> int:
    """Payload bytes of the window before the group."""
    return segments.ends[group.low - 1] if group.low else 0


def _earliest(segments: Segments, group: Group) -> int:
    """The lowest sequence number of a group whose start was not captured (they may be out of order), unwrapped."""
    first = segments.seq[group.low]
    distance = [(seq - first + (1 << 31)) % (1 << 32) - (1 << 31) for seq in segments.seq[group.low : group.high]]
    earliest: int = first + min(distance)
    return earliest
