"""Which streams a reading follows, and in which order: first those that teach names, then its share of the others.

A capture can be shared out among readings in several processes. Each of them reads all frames, hears all DNS answers
in datagrams and follows all TCP streams that teach names, so that all know the same names at every moment; the other
streams fall to one reading each, by a hash that is equal in both directions. What a reading makes of a stream depends
on nothing that another reading knows. One thing differs with the number of readings: how many streams may be open at a
time (`StreamLimits.streams`) holds for each of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kubeshark_nb.dissectors.dns import SMALLEST, learn_datagram
from kubeshark_nb.streams.datagrams import DatagramTable
from kubeshark_nb.streams.tcp import TcpTable
from kubeshark_nb.traffic import OTHER, TCP, UDP

if TYPE_CHECKING:
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.model import Stats
    from kubeshark_nb.streams.flow import Open
    from kubeshark_nb.streams.limits import StreamLimits
    from kubeshark_nb.traffic import Bools, Packets

# Names are learned from DNS on these ports: its own, over TLS, multicast, LLMNR, and where clusters put their servers.
TEACHING_PORTS = (53, 853, 1053, 5353, 5355, 8053, 9053)
TEACHES = np.isin(np.arange(1 << 16), TEACHING_PORTS)
RESPONSE = 0x80  # in the third byte of a message (RFC 1035, 4.1.1)
SHIFT = np.uint64(17)  # bits that the tables of streams do not use alone


class Share(NamedTuple):
    """Share ``part`` of ``parts``, from 0."""

    part: int = 0
    parts: int = 1

    @property
    def first(self) -> bool:
        """Whether what belongs to no stream, or to all shares, is counted and made items of here."""
        return self.part == 0

    def own(self, packets: Packets) -> Bools:
        """The packets of this share, whatever they are."""
        whose = (packets.flow >> SHIFT) % np.uint64(self.parts)
        own: Bools = whose == np.uint64(self.part)
        return own


def teaching(packets: Packets) -> Bools:
    """The packets of TCP streams that may teach names."""
    return _on_teaching_ports(packets, TCP)


def learn_from(packets: Packets, names: NameTable) -> None:
    """The names in DNS answers in datagrams."""
    rows = np.flatnonzero(_on_teaching_ports(packets, UDP) & (packets.end - packets.start >= SMALLEST))
    flags = np.frombuffer(packets.batch.data, np.uint8)[packets.start[rows] + 2]
    rows = rows[flags & RESPONSE > 0]
    columns = (packets.start, packets.end, packets.time_ns)
    for start, end, time_ns in zip(*(column[rows].tolist() for column in columns), strict=True):
        learn_datagram(names, packets.batch.data[start:end], time_ns)


def _on_teaching_ports(packets: Packets, kind: int) -> Bools:
    found: Bools = (packets.kind == kind) & (
        TEACHES[packets.source_port & 0xFFFF] | TEACHES[packets.target_port & 0xFFFF]
    )
    return found


class Lane:
    """Some of the streams, datagrams first."""

    def __init__(self, open_stream: Open, limits: StreamLimits, stats: Stats) -> None:
        self._tcp = TcpTable(open_stream, limits, stats)
        self._datagrams = DatagramTable(open_stream, limits, stats)

    def window(self, packets: Packets, mine: Bools, end_ns: int) -> None:
        """Those packets of a window that are ``mine``."""
        chosen = replace(packets, kind=np.where(mine, packets.kind, np.int16(OTHER)))
        self._datagrams.window(chosen, end_ns)
        self._tcp.window(chosen, end_ns)

    def finish(self) -> None:
        """The capture has ended."""
        self._tcp.finish()
        self._datagrams.finish()
