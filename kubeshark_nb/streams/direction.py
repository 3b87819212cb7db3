"""One direction of a TCP connection: segments in, ordered chunks out, holes stated.

Positions are sequence numbers unwrapped to plain integers, so that a stream may be longer than 4 GB. Where segments
overlap with different bytes, the first to arrive wins, as in most receivers.
"""

from __future__ import annotations

from bisect import insort
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.streams.assembler import Assembler
from kubeshark_nb.traffic import Chunk

if TYPE_CHECKING:
    from kubeshark_nb.streams.limits import StreamLimits

WRAP = 1 << 32
HALF = 1 << 31
REACH = 1 << 30  # a segment further from where we are belongs to another connection


class Piece(NamedTuple):
    """Bytes that wait for those before them. ``data`` may be shorter than the range (snap length)."""

    start: int
    end: int
    data: bytes
    time_ns: int


NOTHING: list[Piece] = []  # what waits in a direction that was always in order, as nearly all are: they share it


class Direction:
    """Where one side's stream stands.

    Attributes:
        next: position of the next byte wanted; ``None`` before the first segment.
        first_seq: the initial sequence number when a SYN was seen.
        fin: position just past the last byte, once a FIN said so.
    """

    __slots__ = ("_arrived", "_gap", "_held", "_pieces", "fin", "first_seq", "next", "outside")

    def __init__(self) -> None:
        self.next: int | None = None
        self.first_seq: int | None = None
        self.fin: int | None = None
        self.outside = 0
        self._arrived: Assembler | None = None
        self._pieces = NOTHING
        self._held = 0
        self._gap = 0

    @property
    def waiting(self) -> bool:
        """Whether segments wait for a hole to be filled, or a stated hole for the bytes behind it."""
        return bool(self._pieces or self._gap)

    @property
    def finished(self) -> bool:
        """Whether everything up to the FIN has been given out."""
        return self.fin is not None and self.next is not None and self.next >= self.fin

    def follows(self, seq: int) -> bool:
        """Whether a segment at ``seq`` is exactly what comes next and nothing else is in the way."""
        if self.next is None:
            return True
        return self.next & 0xFFFFFFFF == seq and not self._pieces and not self._gap and self.fin is None

    def open(self, seq: int) -> None:
        """A SYN: the stream begins right behind it. One that comes again changes nothing."""
        if self.first_seq is None:
            self.first_seq = seq
        if self.next is None:
            self.next = seq + 1

    def skip(self, seq: int, count: int) -> None:
        """A run of segments beginning at ``seq``, ``count`` bytes long, went straight through."""
        self.next = (seq if self.next is None else self.next) + count

    def add(self, seq: int, size: int, data: bytes, time_ns: int) -> None:
        """One segment: ``size`` bytes on the wire, of which ``data`` was captured."""
        start = self.position(seq)
        if self.next is None:
            self.next = start
        if abs(start - self.next) > REACH:
            self.outside += bool(size)
            return
        if self._arrived is None:
            self._arrived, self._pieces = Assembler(), []
        for a, b in self._arrived.add(max(start, self.next), start + size):
            piece = Piece(a, b, data[a - start : b - start], time_ns)
            self._held += len(piece.data)
            insort(self._pieces, piece)

    def position(self, seq: int) -> int:
        """The unwrapped position of ``seq``: the one nearest to where the stream stands."""
        if self.next is None:
            return seq
        return self.next + (seq - self.next + HALF) % WRAP - HALF

    def ready(self) -> list[Chunk]:
        """What can be given out now, in order."""
        taken: list[Piece] = []
        while self._pieces and self._pieces[0].start == self.next:
            piece = self._pieces.pop(0)
            self._held -= len(piece.data)
            self.next = piece.end
            taken.append(piece)
        if taken and self._arrived is not None:
            self._arrived.forget(self.next or 0)
        return self._chunks(taken)

    def overdue(self, now_ns: int, limits: StreamLimits) -> list[Chunk]:
        """Give up holes that a limit says not to wait for; what they held back."""
        chunks: list[Chunk] = []
        while self.tired(now_ns, limits):
            chunks += self.give_up()
        return chunks

    def give_up(self) -> list[Chunk]:
        """State the first hole as lost; what it held back."""
        if not self._pieces:
            return []
        assert self.next is not None
        self._gap += self._pieces[0].start - self.next
        self.next = self._pieces[0].start
        return self.ready()

    def flush(self) -> list[Chunk]:
        """Everything that is still held back, with its holes: the stream has ended."""
        chunks: list[Chunk] = []
        while self._pieces:
            chunks += self.give_up()
        if self._gap:
            chunks.append(Chunk(b"", self._gap, 0, 0, 1, [0], [0]))
            self._gap = 0
        return chunks

    def rest(self) -> None:
        """Nothing more is wanted of it: what stays is how it began. There may be many of them."""
        self.next = None if self.next is None else 0
        self.fin = self._arrived = None
        self._pieces = NOTHING

    def tired(self, now_ns: int, limits: StreamLimits) -> bool:
        """Whether what is held back has reached a limit."""
        return bool(self._pieces) and (
            self._held > limits.hole_bytes
            or len(self._pieces) > limits.hole_segments
            or now_ns - self._pieces[0].time_ns > limits.hole_age
        )

    def _chunks(self, pieces: list[Piece]) -> list[Chunk]:
        """Pieces that follow each other as chunks; a piece cut by the snap length ends its chunk."""
        chunks: list[Chunk] = []
        run: list[Piece] = []
        for piece in pieces:
            run.append(piece)
            if len(piece.data) < piece.end - piece.start:
                self._close(run, chunks)
                self._gap += piece.end - piece.start - len(piece.data)
                run = []
        self._close(run, chunks)
        return chunks

    def _close(self, run: list[Piece], chunks: list[Chunk]) -> None:
        data = b"".join([piece.data for piece in run])
        if not data:
            return
        ends = list(accumulate(len(piece.data) for piece in run))
        chunks.append(Chunk(data, self._gap, 0, 0, len(run), ends, [piece.time_ns for piece in run]))
        self._gap = 0
