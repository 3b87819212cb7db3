"""Fragments of IP packets, put together: RFC 791 and 815 for IPv4, RFC 8200 (4.5) and 5722 for IPv6.

Fragments are few, so they are taken one by one; a window without any costs one comparison. A packet stands in the row
of the fragment that completed it and is decoded like any other, so fragments inside tunnels, and of tunnels, work too.
What waits, and what is given up, depends on the capture only and not on where its windows end.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kubeshark_nb.packets.decode import decode
from kubeshark_nb.packets.parts import Parts, Piece
from kubeshark_nb.traffic import FRAGMENT, PADDING, Batch

if TYPE_CHECKING:
    from kubeshark_nb.model import Stats
    from kubeshark_nb.traffic import Packets

NS = 1_000_000_000
LONGEST = 65_535  # bytes of an IP packet, as far as a length field can tell
DEPTH = 4  # fragments of fragments: the packet of a tunnel may have been cut again
IP4, HEADER4 = 4, 20
RAW4, RAW6 = 228, 229  # link types of packets without a link header
COLUMNS = (
    "kind", "ip_at", "ip_version", "flow", "side", "source_port", "target_port", "start", "end", "size", "seq", "flags"
)  # fmt: skip

JOINED = "IP packets put together from fragments"
LATE = "IP packets given up: some of their fragments never came"
CROWDED = "IP packets given up: too many fragments waited for others"
OVERLAPPING = "IPv6 packets given up: their fragments overlap (RFC 5722)"
IMPOSSIBLE = "IP fragments of impossible size or place"


@dataclass(frozen=True, slots=True)
class FragmentLimits:
    """What may wait: packets, pieces of each, bytes of all, and how long (ns of capture time; RFC 8200: a minute)."""

    packets: int = 4096
    pieces: int = 512
    bytes: int = 16 << 20
    age: int = 60 * NS


class Key(NamedTuple):
    """What the fragments of one packet have in common; IPv6 tells the protocol in the first one only."""

    version: int
    addresses: bytes
    number: int
    protocol: int


class Joined(NamedTuple):
    """A packet that is complete: the row of its last fragment, the numbers of all its frames, and what it is."""

    row: int
    numbers: list[int]
    frame: bytes
    length: int
    link: int
    wire: int


class Fragments:
    """Fragments that wait for others, over all windows of a capture. Everything given up is counted in ``stats``."""

    def __init__(self, stats: Stats, limits: FragmentLimits | None = None) -> None:
        self._stats = stats
        self._limits = limits or FragmentLimits()
        self._waiting: OrderedDict[Key, Parts] = OrderedDict()
        self._held = 0

    def join(self, packets: Packets) -> tuple[Packets, list[Joined]]:
        """``packets`` with those that are complete now, each in the row of its last fragment; and what was joined."""
        found: list[Joined] = []
        rows = np.flatnonzero(packets.kind == FRAGMENT)
        for _ in range(DEPTH if rows.size else 0):
            complete = [one for row in rows.tolist() if (one := self._take(packets, row))]
            if not complete:
                break
            packets = _replaced(packets, complete)
            found += complete
            rows = np.array([one.row for one in complete], np.int64)
            rows = rows[packets.kind[rows] == FRAGMENT]
        self._stats.count(JOINED, len(found))
        return packets, found

    def forget(self, now_ns: int) -> None:
        """Give up what has waited too long at ``now_ns``."""
        while self._waiting:
            oldest = next(iter(self._waiting.values()))
            if now_ns - oldest.since_ns <= self._limits.age:
                return
            self._give_up(LATE)

    def finish(self) -> None:
        """The capture has ended: nothing that waits will be complete."""
        while self._waiting:
            self._give_up(LATE)

    def _take(self, packets: Packets, row: int) -> Joined | None:
        key, protocol, piece = _read(packets, row)
        room = LONGEST - (HEADER4 if key.version == IP4 else 0)
        if piece.end > room or piece.size <= 0 or (piece.size % 8 and not piece.last):
            self._stats.count(IMPOSSIBLE)
            return None
        parts = self._parts(key, int(packets.clock_ns[row]))
        if parts.spoiled or parts.is_copy(piece):
            return None
        parts.numbers.append(packets.batch.first + row)
        parts.wire += int(packets.length[row])
        if piece.at == 0:
            parts.protocol = protocol
        self._add(key, parts, piece)
        data = parts.whole()
        if data is None:
            self._make_room()
            return None
        self._let_go(key)
        link = RAW4 if key.version == IP4 else RAW6
        header = _header(key, parts)
        row = max(parts.numbers) - packets.batch.first  # not always this one: tunnels are opened one depth at a time
        return Joined(row, parts.numbers, header + data, len(header) + parts.total, link, parts.wire)

    def _parts(self, key: Key, now_ns: int) -> Parts:
        self.forget(now_ns)
        parts = self._waiting.get(key)
        if parts is None:
            parts = self._waiting[key] = Parts(now_ns)
        return parts

    def _add(self, key: Key, parts: Parts, piece: Piece) -> None:
        before = parts.held
        if key.version != IP4 and parts.overlaps(piece):
            self._stats.count(OVERLAPPING)
            parts.spoil()
        elif len(parts) >= self._limits.pieces:
            self._stats.count(CROWDED)
            parts.spoil()
        else:
            parts.add(piece)
        self._held += parts.held - before

    def _make_room(self) -> None:
        while self._held > self._limits.bytes or len(self._waiting) > self._limits.packets:
            self._give_up(CROWDED)

    def _give_up(self, why: str) -> None:
        """Let go of the one that has waited longest."""
        parts = self._let_go(next(iter(self._waiting)))
        if not parts.spoiled:
            self._stats.count(why)
            self._stats.dropped += len(parts) if why == CROWDED else 0

    def _let_go(self, key: Key) -> Parts:
        parts = self._waiting.pop(key)
        self._held -= parts.held
        return parts


def _read(packets: Packets, row: int) -> tuple[Key, int, Piece]:
    """The fragment in ``row``: which packet it belongs to, the protocol it says that carries, and its bytes."""
    data, at = packets.batch.data, int(packets.ip_at[row])
    start, stop, size = int(packets.start[row]), int(packets.end[row]), int(packets.size[row])
    content = data[start : max(min(stop, start + size), start)]
    if packets.ip_version[row] == IP4:
        number, place = struct.unpack_from(">HH", data, at + 4)
        protocol = data[at + 9]
        key = Key(IP4, data[at + 12 : at + 20], number, protocol)
        return key, protocol, Piece((place & 0x1FFF) * 8, content, size, not place & 0x2000)
    protocol, _, place, number = struct.unpack_from(">BBHI", data, start - 8)
    key = Key(6, data[at + 8 : at + 40], number, 0)
    return key, protocol, Piece(place & 0xFFF8, content, size, not place & 1)


def _header(key: Key, parts: Parts) -> bytes:
    """An IP header without options for a whole packet."""
    if key.version == IP4:
        fields = (0x45, 0, HEADER4 + parts.total, key.number, 0, 64, parts.protocol, 0)
        return struct.pack(">BBHHHBBH", *fields) + key.addresses
    return struct.pack(">IHBB", 6 << 28, parts.total, parts.protocol, 64) + key.addresses


def _replaced(packets: Packets, complete: list[Joined]) -> Packets:
    """``packets`` with each joined packet in its row; their bytes stand behind the frames."""
    batch = packets.batch
    old = batch.data[: -len(PADDING)]
    data = b"".join((old, *(one.frame for one in complete), PADDING))
    rows = np.array([one.row for one in complete], np.int64)
    captured = np.array([len(one.frame) for one in complete], np.int64)
    starts = len(old) + np.concatenate(([0], np.cumsum(captured)[:-1]))
    length = np.array([one.length for one in complete], np.int64)
    link = np.array([one.link for one in complete], np.int64)
    whole = decode(Batch(data, 0, starts, captured, length, batch.time_ns[rows], link))
    for column in COLUMNS:
        getattr(packets, column)[rows] = getattr(whole, column)
    carried = packets.carried.copy()
    carried[rows] = [one.wire for one in complete]
    return replace(packets, batch=replace(batch, data=data), carried=carried)
