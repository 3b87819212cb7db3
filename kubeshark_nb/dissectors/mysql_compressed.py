"""Compressed MySQL connections: frames with packets inside (dev.mysql.com: PAGE_PROTOCOL_BASIC_COMPRESSION_PACKET).

Once a login has agreed on it, each side sends frames: the length of what follows the header, a number, the length of
the packets once they are unpacked (0: they are not packed). Packets need not begin or end where frames do.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors import packed
from kubeshark_nb.dissectors.buffer import Buffer
from kubeshark_nb.dissectors.frames import Frames, Malformed
from kubeshark_nb.traffic import Chunk

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.frames import Frame

HEAD, PLAIN_HEAD = 7, 4
SHORTEST, MARK = 8, 4  # bytes of a packed stream, and of what it begins with, at most
LOOK = HEAD + MARK  # bytes that tell whether a client compresses
LARGEST = HEAD + (1 << 24)  # bytes of a frame: three bytes say how many
FREE, MAX_RATIO = 4 << 20, 256  # bytes a side may unpack to, and times its own size beyond: a bomb keeps us busy
# how a packed stream begins (RFC 1950, 2.2 with a window of 32 KB; RFC 8878, 3.1.1): nobody has to remember which it is
ZLIB_STARTS = b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"
ZSTD_START = b"\x28\xb5\x2f\xfd"
STARTS = (*ZLIB_STARTS, ZSTD_START)
DAMAGED = "compressed MySQL connections with a frame that cannot be unpacked"
SWOLLEN = "compressed MySQL connections that unpack to too much"


class Unpackable(Malformed):
    """A frame is not what its header says. The text is the reason users see counted."""


def measure(data: bytes, at: int) -> int:
    """Size of the frame at ``at`` (see `Frames`)."""
    return HEAD + int.from_bytes(data[at : at + 3], "little") if len(data) - at >= HEAD else 0


def begins(head: bytes) -> bool | None:
    """Whether the first command of a client comes in a frame; ``None`` when more bytes are needed.

    A plain packet has its command where a frame has the unpacked length. No command is 0, as the length is where
    nothing was packed, and no statement begins as packed ones do.
    """
    if len(head) < PLAIN_HEAD + 1:
        return None
    if not head[PLAIN_HEAD]:
        return True
    if int.from_bytes(head[:3], "little") < SHORTEST:
        return False
    return head[HEAD:LOOK].startswith(STARTS) if len(head) >= LOOK else None


class Unpacked:
    """The packets of one side.

    Attributes:
        plain: what the frames read so far held. A byte counts as captured when the first of its frame was, the last
            one when the last was.
    """

    __slots__ = ("_frames", "_lost", "_number", "_plain_size", "_size", "plain")

    def __init__(self, number: int) -> None:
        self._number = number  # of the first frame of what this side says
        self._frames = Frames(measure, LARGEST)
        self._lost = False
        self._size = self._plain_size = 0  # of what was packed
        self.plain = Buffer()

    def lost(self) -> None:
        """Bytes are missing: the next frame is looked for at the start of a segment."""
        self._lost = True
        self._frames.reset()
        self.plain.clear()
        self.plain.settle()

    def read(self, raw: Buffer) -> bool:
        """Add the next frame of ``raw`` to `plain`; whether there was a whole one.

        Raises:
            Unpackable: a frame is not what its header says.
        """
        if self._lost and not self._found(raw):
            return False
        frame = self._frames.read(raw)
        if frame is None:
            return False
        data = self._data(frame)
        if data:
            self.plain.push(Chunk(data, 0, 0, 0, 2, [len(data) - 1, len(data)], [frame.time_ns, frame.end_ns]))
        return True

    def _found(self, raw: Buffer) -> bool:
        for start in raw.starts():
            if self._fits(raw.data[start : start + LOOK]):
                raw.at = start
                self._lost = False
                return True
        raw.clear()
        return False

    def _fits(self, head: bytes) -> bool:
        """Whether ``head`` looks like the first frame of a command or an answer."""
        if len(head) < LOOK or head[3] != self._number:
            return False
        size, plain = int.from_bytes(head[:3], "little"), int.from_bytes(head[PLAIN_HEAD:HEAD], "little")
        if not plain:
            return size > PLAIN_HEAD
        return size < plain and head[HEAD:].startswith(STARTS)

    def _data(self, frame: Frame) -> bytes:
        size, body = int.from_bytes(frame.data[PLAIN_HEAD:HEAD], "little"), frame.data[HEAD:]
        if not size:
            return body
        self._size += len(body)
        self._plain_size += size
        if self._plain_size > FREE + self._size * MAX_RATIO:
            raise Unpackable(SWOLLEN)
        read = packed.zstd if body.startswith(ZSTD_START) else packed.deflated
        data = packed.plain(partial(read, most=size + 1), body)
        if len(data) != size:
            raise Unpackable(DAMAGED)
        return data
