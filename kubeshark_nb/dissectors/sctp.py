"""User messages out of SCTP packets: in one DATA chunk, or in pieces in several (RFC 9260, 3.3.1, 6.9).

The chunks of one message have sequence numbers that follow each other, and flags that say which is the first and the
last. They may come in any order, and again.
"""

from __future__ import annotations

import struct
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.dissectors.frames import Malformed
from kubeshark_nb.traffic import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.model import Stats
    from kubeshark_nb.traffic import Datagram

HEAD = struct.Struct(">BBH").unpack_from  # kind, flags, length without padding
DATA, LAST, FIRST, WHOLE = 0, 1, 2, 3  # the kind, and its flags
HEAD_SIZE, DATA_SIZE = 4, 16
WRAP = 1 << 32
MAX_PARTS, MAX_BYTES = 2048, 4 << 20  # what waits, of one side
LOST = "SCTP chunks with a piece of a message that never became whole"
CUT = "SCTP packets with a chunk that is not whole"


class DataChunk(NamedTuple):
    """A DATA chunk; ``number`` is its transmission sequence number."""

    flags: int
    number: int
    data: bytes

    @property
    def whole(self) -> bool:
        """Whether it holds all of a message."""
        return self.flags & WHOLE == WHOLE


def data_chunks(packet: bytes) -> Iterator[DataChunk]:
    """The DATA chunks of a packet.

    Raises:
        Malformed: a chunk is longer than what is left of the packet, or shorter than its header.
    """
    at = 0
    while at + HEAD_SIZE <= len(packet):
        kind, flags, size = HEAD(packet, at)
        if at + size > len(packet) or size < (HEAD_SIZE if kind != DATA else DATA_SIZE):
            raise Malformed("a chunk that is not whole")
        if kind == DATA:
            number = int.from_bytes(packet[at + 4 : at + 8], "big")
            yield DataChunk(flags, number, packet[at + DATA_SIZE : at + size])
        at += size + 3 & ~3


class Part(NamedTuple):
    """A piece of a message that waits for the others, or (``used``) was given out with them."""

    flags: int
    data: bytes
    time_ns: int
    used: bool = False


class SctpMessages:
    """The messages of one side. What waits is bounded; what never becomes whole is counted."""

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._parts: dict[int, Part] = {}
        self._held = 0

    def messages(self, datagram: Datagram) -> Iterator[Chunk]:
        """Those that are complete with this packet, each with the times of its pieces."""
        try:
            for chunk in data_chunks(datagram.data):
                part = Part(chunk.flags, chunk.data, datagram.time_ns)
                if chunk.whole:
                    yield _joined([part])
                elif (found := self._add(chunk.number, part)) is not None:
                    yield found
        except Malformed:
            self._stats.count(CUT)

    def end(self) -> None:
        """Nothing more comes."""
        self._stats.count(LOST, sum(not part.used for part in self._parts.values()))
        self._parts.clear()

    def _add(self, number: int, part: Part) -> Chunk | None:
        if number in self._parts:
            return None  # sent again
        self._parts[number] = part
        self._held += len(part.data)
        run = self._run(number)
        if run:
            message = _joined([self._parts[one] for one in run])
            self._held -= len(message.data)
            for one in run:
                self._parts[one] = Part(0, b"", 0, used=True)
        self._make_room()
        return message if run else None

    def _run(self, number: int) -> list[int]:
        """The numbers of all pieces of the message that ``number`` belongs to, none as long as one is missing."""
        behind = self._walk(number, 1, LAST)
        before = self._walk(number, -1, FIRST) if behind else []
        return [*reversed(before), *behind[1:]] if before else []

    def _walk(self, number: int, step: int, until: int) -> list[int]:
        run: list[int] = []
        while (part := self._parts.get(number)) is not None and not part.used:
            run.append(number)
            if part.flags & until:
                return run
            number = (number + step) % WRAP
        return []

    def _make_room(self) -> None:
        while len(self._parts) > MAX_PARTS or self._held > MAX_BYTES:
            part = self._parts.pop(next(iter(self._parts)))
            self._held -= len(part.data)
            self._stats.count(LOST, not part.used)


def _joined(parts: list[Part]) -> Chunk:
    """A message; its last byte counts as captured when all of it was."""
    times = [part.time_ns for part in parts]
    times[-1] = max(times)
    ends = list(accumulate(len(part.data) for part in parts))
    return Chunk(b"".join([part.data for part in parts]), 0, 0, 0, len(parts), ends, times)
