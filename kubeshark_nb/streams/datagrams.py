"""Conversations made of datagrams: UDP, SCTP packets, ICMP. Nothing to put in order, only to keep apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.streams.endpoints import endpoints
from kubeshark_nb.streams.flow import Listener, Open, Opened
from kubeshark_nb.streams.recent import Recent
from kubeshark_nb.traffic import ICMP4, ICMP6, SCTP, UDP, Datagram

if TYPE_CHECKING:
    from kubeshark_nb.model import Stats
    from kubeshark_nb.streams.limits import StreamLimits
    from kubeshark_nb.traffic import Packets, Side, Why

KINDS = (UDP, SCTP, ICMP4, ICMP6)
SIDES: tuple[Side, Side] = (0, 1)
_new = tuple.__new__  # a named tuple's own constructor takes three times as long


class Exchange:
    """Datagrams between two endpoints."""

    __slots__ = ("last_ns", "listener", "window_ns")

    def __init__(self, listener: Listener, time_ns: int) -> None:
        self.listener = listener
        self.last_ns = self.window_ns = time_ns

    def end(self, why: Why) -> None:
        """Both sides have ended."""
        for side in SIDES:
            self.listener.end(side, why, self.last_ns)


class DatagramTable:
    """Every open exchange of datagrams."""

    def __init__(self, open_stream: Open, limits: StreamLimits, stats: Stats) -> None:
        self._open = open_stream
        self._stats = stats
        self._idle = limits.datagram_idle
        self._exchanges: Recent[Exchange] = Recent(limits.streams, limits.datagram_idle)

    def window(self, packets: Packets, now_ns: int) -> None:
        """Every datagram of one window, in capture order."""
        rows = np.flatnonzero(np.isin(packets.kind, KINDS))
        columns = (packets.flow, packets.side, packets.start, packets.end, packets.carried)
        times = packets.time_ns[rows].tolist()
        clock = times if packets.clock_ns is packets.time_ns else packets.clock_ns[rows].tolist()
        data = packets.batch.data
        get = self._exchanges.get
        values = zip(rows.tolist(), times, clock, *(column[rows].tolist() for column in columns), strict=True)
        for row, time_ns, now, flow, side, start, end, length in values:
            exchange = get(flow)
            if exchange is not None and now - exchange.last_ns > self._idle:
                exchange.end("idle")  # it ended within the window: where windows end makes no difference
                exchange = None
            if exchange is None:
                exchange = self._opened(packets, row)
            exchange.last_ns = now
            exchange.listener.datagram(side, _new(Datagram, (data[start:end], time_ns, length)))
        for exchange, crowded in self._exchanges.stale(now_ns):
            self._stats.count("streams ended early for lack of room", int(crowded))
            exchange.end("evicted" if crowded else "idle")

    def finish(self) -> None:
        """The capture has ended."""
        for exchange in self._exchanges.drain():
            exchange.end("capture")

    def _opened(self, packets: Packets, row: int) -> Exchange:
        side: Side = SIDES[int(packets.side[row])]
        time_ns = int(packets.time_ns[row])
        opened = Opened(
            kind=int(packets.kind[row]),
            number=packets.batch.first + row,
            ends=endpoints(packets, row),
            caller=None,
            speaker=side,
            time_ns=time_ns,
            flow=int(packets.flow[row]),
        )
        self._stats.streams += 1
        exchange = Exchange(self._open(opened), time_ns)
        self._exchanges.put(int(packets.flow[row]), exchange)
        return exchange
