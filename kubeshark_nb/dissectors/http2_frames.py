"""HTTP/2 framing (RFC 9113, 4 and 6): nine bytes of header, then a payload."""

from __future__ import annotations

import re
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.dissectors.buffer import Buffer

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER = Struct(">BHBBL")
STREAM = 0x7FFF_FFFF  # the highest bit is reserved
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, WITH_PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
MAX_WHOLE = 1 << 20  # a frame that has to be read as one is never this long

# type -> flags it may have, its only possible length, whether it is about a stream (None: either)
RULES: dict[int, tuple[int, int | None, bool | None]] = {
    DATA: (END_STREAM | PADDED, None, True),
    HEADERS: (END_STREAM | END_HEADERS | PADDED | WITH_PRIORITY, None, True),
    PRIORITY: (0, 5, True),
    RST_STREAM: (0, 4, True),
    SETTINGS: (ACK, None, False),
    PUSH_PROMISE: (END_HEADERS | PADDED, None, True),
    PING: (ACK, 8, False),
    GOAWAY: (0, None, False),
    WINDOW_UPDATE: (0, 4, None),
    CONTINUATION: (END_HEADERS, None, True),
}
USUAL = 1 << 14  # bytes of payload that need no agreement (SETTINGS_MAX_FRAME_SIZE)
CANDIDATE = re.compile(rb"(?=\0[\0-\x40][\0-\xff][\0-\x09][\0-\x2d][\0-\x7f])", re.DOTALL)
TRAINS = 64  # candidates tried in one search


class Lost(Exception):  # noqa: N818 - not an error to the user: the reader looks for the next frame
    """What is there cannot be a frame."""


class Frame(NamedTuple):
    """A frame, or a part of the payload of a large one (then only the last part has its flags).

    ``payload`` is without padding; ``wire`` counts every byte of it in the stream.
    """

    kind: int
    flags: int
    stream: int
    payload: bytes
    time_ns: int
    wire: int


class Frames:
    """The frames of one side. Payloads of DATA and of unknown types come in parts, as far as the buffer goes."""

    def __init__(self) -> None:
        self._kind = DATA  # of the frame whose payload is being read
        self._flags = 0
        self._stream = 0
        self._left = 0
        self._padding: int | None = 0  # bytes at the end of it; None: the byte that says it is next

    def read(self, buffer: Buffer) -> Iterator[Frame]:
        """Every frame that is there.

        Raises:
            Lost: the framing makes no sense any more.
        """
        while len(buffer):
            frame = self._part(buffer) if self._left else self._whole(buffer)
            if frame is None:
                return
            yield frame

    @property
    def inside(self) -> bool:
        """Whether the next bytes are payload."""
        return self._left > 0

    def lost(self, missing: int) -> bool:
        """``missing`` bytes are not there; whether they are only payload."""
        if missing > self._left or self._padding is None:
            self._left = 0
            return False
        self._left -= missing
        return True

    def _whole(self, buffer: Buffer) -> Frame | None:
        data, at = buffer.data, buffer.at
        if len(data) - at < HEADER.size:
            return None
        high, low, kind, flags, stream = HEADER.unpack_from(data, at)
        length, stream = high << 16 | low, stream & STREAM
        begin = at + HEADER.size
        if kind == DATA or kind not in RULES:
            return self._begin(buffer, kind, flags, stream, length)
        if not _is_possible(kind, stream, length):
            raise Lost
        end = begin + length
        if end > len(data):
            return None
        buffer.at = end
        return Frame(kind, flags, stream, data[begin:end], buffer.time_at(end - 1), HEADER.size + length)

    def _begin(self, buffer: Buffer, kind: int, flags: int, stream: int, length: int) -> Frame | None:
        """Read the header of a frame that may come in parts."""
        if (kind == DATA and stream == 0) or (flags & PADDED and kind == DATA and not length):
            raise Lost
        time_ns = buffer.time_at(buffer.at + HEADER.size - 1)
        buffer.at += HEADER.size
        self._kind, self._flags, self._stream, self._left = kind, flags, stream, length
        self._padding = None if kind == DATA and flags & PADDED else 0
        return Frame(kind, 0 if length else flags, stream, b"", time_ns, HEADER.size)

    def _part(self, buffer: Buffer) -> Frame:
        if self._padding is None:
            self._padding = min(buffer.take(1)[0], self._left - 1)
            self._left -= 1
            flags = 0 if self._left else self._flags
            return Frame(self._kind, flags, self._stream, b"", buffer.time_at(buffer.at - 1), 1)
        taken = buffer.take(self._left)
        padding = self._padding
        payload = taken[: max(self._left - padding, 0)] if padding else taken
        self._left -= len(taken)
        self._padding = min(padding, self._left)
        time_ns = buffer.time_at(buffer.at - 1)
        return Frame(self._kind, 0 if self._left else self._flags, self._stream, payload, time_ns, len(taken))


def _is_possible(kind: int, stream: int, length: int) -> bool:
    _, only, on_stream = RULES[kind]
    if (only is not None and length != only) or (on_stream is not None and on_stream != (stream > 0)):
        return False
    return length <= MAX_WHOLE and (kind != SETTINGS or length % 6 == 0)


def train(data: bytes, at: int, limit: int = 8) -> tuple[list[int], int]:
    """Where the frames begin that follow each other from ``at``, at most ``limit``; and where the last of them ends.

    It ends early where something strange begins: then the list is empty.
    """
    begins: list[int] = []
    while at + HEADER.size <= len(data) and len(begins) < limit:
        high, low, kind, flags, stream = HEADER.unpack_from(data, at)
        length = high << 16 | low
        rule = RULES.get(kind)
        if (
            rule is None
            or flags & ~rule[0]
            or stream > STREAM
            or length > USUAL
            or not _is_possible(kind, stream, length)
        ):
            return [], at
        if kind == DATA and stream == 0:
            return [], at
        begins.append(at)
        at += HEADER.size + length
    return begins, at


def find_frame(data: bytes, at: int) -> int | None:
    """Where the next frame seems to begin: two possible headers in a row, or one frame that ends with the data."""
    for _, candidate in zip(range(TRAINS), CANDIDATE.finditer(data, at), strict=False):
        begins, end = train(data, candidate.start(), 3)
        if len(begins) > 1 or (begins and end == len(data)):
            return candidate.start()
    return None


def unpadded(flags: int, payload: bytes) -> bytes:
    """A HEADERS or PUSH_PROMISE payload without padding and priority.

    Raises:
        Lost: shorter than it says.
    """
    if flags & PADDED:
        if not payload or payload[0] >= len(payload):
            raise Lost
        payload = payload[1 : len(payload) - payload[0]]
    if flags & WITH_PRIORITY:
        payload = payload[5:]
    return payload
