"""Finds where HTTP/1 messages begin in the bytes of one side, also after a gap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic

from kubeshark_nb.dissectors.http1_message import BARE, METHODS, REQUEST_LINES, RESPONSE_LINES, Line

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.http1_message import RequestLine, ResponseLine, Start
    from kubeshark_nb.dissectors.kept import Kept

MAX_HEAD = 256 << 10
LOOK_BACK = 64  # bytes kept while looking for a start line: the beginning of one may be there
NEXT_REQUEST = re.compile(rb"(?:%b) [^\r\n ]+ HTTP/1\.[01]\r?\n" % b"|".join(METHODS))
NEXT_RESPONSE = re.compile(rb"HTTP/1\.[01] [1-9]\d\d[ \r]")
LINE_ENDS = b"\r\n"
EMPTY_LINE = re.compile(rb"\n\r?\n")


class HeadReader(Generic[Line]):
    """Reads start line and header block of one message after the other.

    Args:
        lines: what a start line says, ``None`` where there is none.
        following: finds the next start line.

    Attributes:
        lost: where the next message begins is not known; it is looked for.
    """

    __slots__ = ("_buffer", "_lines", "_next", "lost")

    def __init__(self, buffer: Buffer, lines: Kept[bytes, Line | None], following: re.Pattern[bytes]) -> None:
        self._buffer = buffer
        self._lines: Kept[bytes, Line | None] = lines
        self._next = following
        self.lost = False

    def read(self) -> Start[Line] | None:
        """The next head, ``None`` when more bytes are needed. The buffer is then behind it."""
        buffer = self._buffer
        data, at = buffer.data, buffer.at
        begin = data.find(b"\n", at) + 1
        line = self._lines[data[at:begin]]
        if line is None:
            line = self._searched()
            if line is None:
                return None
            at = buffer.at
            begin = data.find(b"\n", at) + 1
        ending = line.ending
        if ending is BARE:
            ending = _empty_line(data, begin - 1)
        stop = data.find(ending, begin - 2)
        if stop < 0:
            if len(data) - begin > MAX_HEAD:
                buffer.at = begin
                self.lost = True
            return None
        self.lost = False
        buffer.at = end = stop + len(ending)
        return line, data[begin:stop], buffer.time_at(at), end - at

    def read_cut(self) -> Start[Line] | None:
        """The next head as far as it was captured: a gap follows."""
        line = self._searched()
        if line is None:
            return None
        buffer = self._buffer
        data, at = buffer.data, buffer.at
        self.lost = False
        buffer.at = len(data)
        block = data[data.find(b"\n", at) + 1 : data.rfind(b"\n") + 1]
        return line, block, buffer.time_at(at), len(data) - at

    def _searched(self) -> Line | None:
        """The next start line; the buffer is then where it begins."""
        buffer = self._buffer
        while True:
            data, at = buffer.data, buffer.at
            line = self._lines[data[at : data.find(b"\n", at) + 1]]
            if line is not None:
                return line
            if data[at : at + 1] in LINE_ENDS and at < len(data):
                buffer.at += 1  # servers should ignore an empty line before the request line (RFC 9112, 2.2)
            elif self._may_begin(data, at) or not self._find():
                return None

    def _may_begin(self, data: bytes, at: int) -> bool:
        """Whether a start line could be what stands at ``at``, if only there were more of it."""
        if len(data) - at >= MAX_HEAD or data.find(b"\n", at) >= 0:
            return False
        return not self.lost or self._next.match(data, at) is not None

    def _find(self) -> bool:
        """Go on to where the next message seems to begin."""
        buffer = self._buffer
        self.lost = True
        found = self._next.search(buffer.data, buffer.at + 1)
        if found is None:
            buffer.at = max(buffer.at, len(buffer.data) - LOOK_BACK)
            return False
        buffer.at = found.start()
        return True


def _empty_line(data: bytes, at: int) -> bytes:
    """What ends a block whose lines end without a carriage return: the empty line may have one (RFC 9112, 2.2)."""
    found = EMPTY_LINE.search(data, at)
    return found[0] if found else BARE


def request_reader(buffer: Buffer) -> HeadReader[RequestLine]:
    """Reads requests."""
    return HeadReader(buffer, REQUEST_LINES, NEXT_REQUEST)


def response_reader(buffer: Buffer) -> HeadReader[ResponseLine]:
    """Reads responses."""
    return HeadReader(buffer, RESPONSE_LINES, NEXT_RESPONSE)
