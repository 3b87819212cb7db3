"""The parts of one fragmented packet, as offsets and bytes only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

COST = 200  # bytes that a fragment costs beside its own


class Piece(NamedTuple):
    """One fragment: where its bytes belong, its bytes, how many it had on the wire, and whether it is the last.

    ``data`` is shorter than ``size`` where the snap length cut the frame.
    """

    at: int
    data: bytes
    size: int
    last: bool

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.at + self.size


@dataclass(slots=True)
class Parts:
    """What has come of one packet.

    Attributes:
        since_ns: when the first of them came (ns).
        protocol: what the packet carries, as the first fragment says; -1 before that came.
        total: bytes in all; -1 before the last fragment came.
        numbers: of the frames.
        wire: bytes of the frames on the wire.
        spoiled: nothing will come of it; it only keeps later fragments from starting anew.
    """

    since_ns: int
    protocol: int = -1
    total: int = -1
    numbers: list[int] = field(default_factory=list)
    wire: int = 0
    held: int = 0
    spoiled: bool = False
    _pieces: list[Piece] = field(default_factory=list)
    _covered: int = 0

    def __len__(self) -> int:
        return len(self._pieces)

    def is_copy(self, piece: Piece) -> bool:
        """Whether exactly this one has come before."""
        return piece in self._pieces

    def overlaps(self, piece: Piece) -> bool:
        """Whether bytes of ``piece`` are there already."""
        return any(one.at < piece.end and piece.at < one.end for one in self._pieces)

    def add(self, piece: Piece) -> None:
        """Keep ``piece``."""
        self._pieces.append(piece)
        self._covered += piece.size
        self.held += len(piece.data) + COST
        if piece.last:
            self.total = piece.end

    def spoil(self) -> None:
        """Nothing may come of this packet."""
        self.spoiled = True
        self._pieces.clear()
        self.held = 0

    def whole(self) -> bytes | None:
        """The packet's bytes, up to the first that was not captured; ``None`` while a part is missing.

        Where fragments overlap, the later to arrive wins (RFC 791, 3.2).
        """
        if self.protocol < 0 or self.total < 0 or self._covered < self.total:
            return None
        reached, cut = 0, self.total
        for piece in sorted(self._pieces):
            if piece.at > reached:
                return None
            reached = max(reached, piece.end)
            if len(piece.data) < piece.size:
                cut = min(cut, piece.at + len(piece.data))
        data = bytearray(max(reached, self.total))
        for piece in self._pieces:
            data[piece.at : piece.at + len(piece.data)] = piece.data
        return bytes(data[:cut])
