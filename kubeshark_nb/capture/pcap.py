"""The classic pcap file (draft-ietf-opsawg-pcap): a 24-byte header, then records of 16 bytes and a frame each."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.capture.damage import MAX_FRAME, Damage
from kubeshark_nb.columns import rows
from kubeshark_nb.traffic import Batch

if TYPE_CHECKING:
    from kubeshark_nb.traffic import Ints

# magic as it stands in the file -> byte order, nanoseconds per time unit, bytes of a record header
MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000, 16),
    b"\xa1\xb2\xc3\xd4": (">", 1000, 16),
    b"\x4d\x3c\xb2\xa1": ("<", 1, 16),
    b"\xa1\xb2\x3c\x4d": (">", 1, 16),
    b"\x34\xcd\xb2\xa1": ("<", 1000, 24),  # Kuznetzov's modified format: interface and protocol follow
    b"\xa1\xb2\xcd\x34": (">", 1000, 24),
}
HEADER = 24


class PcapReader:
    """Turns the bytes of one file into batches. `header` first, then `read` again and again."""

    def __init__(self) -> None:
        self.link = 0
        self._order = "<"
        self._unit = 1000
        self._record = 16

    def header(self, data: bytes) -> int:
        """Read the file header at the start of ``data``; returns its length, 0 when more bytes are needed."""
        if len(data) < HEADER:
            return 0
        self._order, self._unit, self._record = MAGICS[data[:4]]
        (link,) = struct.unpack_from(self._order + "I", data, 20)
        self.link = link & 0xFFFF  # the upper bits say how long the frame check sequence is
        return HEADER

    def read(self, data: bytes, at: int, end: int) -> tuple[Batch | None, int]:
        """Frames of every complete record in ``data[at:end]`` and where the next record begins.

        Raises:
            Damage: the first record there cannot be one: its length is impossible.
        """
        offsets, after = self._index(data, at, end)
        return (self._batch(data, np.array(offsets, np.int64) - 8), after) if offsets else (None, after)

    def _index(self, data: bytes, at: int, end: int) -> tuple[list[int], int]:
        captured = struct.Struct(self._order + "I").unpack_from
        header = self._record
        offsets: list[int] = []
        add = offsets.append
        length = at + 8  # where the next record says how much of the frame was captured
        last = end - header + 8
        while length <= last:
            add(length)
            length += captured(data, length)[0] + header
        after = length - 8
        if after > end:  # the last record is not complete
            length = offsets.pop()
            if not offsets and after - length + 8 - header > MAX_FRAME:
                raise Damage(f"a record of {after - length + 8 - header} bytes")
            after = length - 8
        return offsets, after

    def _batch(self, data: bytes, offsets: Ints) -> Batch:
        fields = rows(data, offsets, 16).view(self._order + "u4").reshape(-1, 4).astype(np.int64)
        return Batch(
            data=data,
            first=0,
            starts=offsets + self._record,
            captured=fields[:, 2].copy(),
            length=np.maximum(fields[:, 3], fields[:, 2]),
            time_ns=fields[:, 0] * 1_000_000_000 + fields[:, 1] * self._unit,
            link=np.full(len(offsets), self.link, np.int64),
        )
