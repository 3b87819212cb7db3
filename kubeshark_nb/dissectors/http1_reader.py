"""Finds where HTTP/1 messages begin in the bytes of one side, also after a gap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.http1_message import METHODS, REQUEST, RESPONSE, Start
from kubeshark_nb.traffic import CLIENT

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.traffic import Side

MAX_HEAD = 256 << 10
LOOK_BACK = 64  # bytes kept while looking for a start line: the beginning of one may be there
NEXT_REQUEST = re.compile(rb"(?:%b) [^\r\n ]+ HTTP/1\.[01]\r?\n" % b"|".join(METHODS))
NEXT_RESPONSE = re.compile(rb"HTTP/1\.[01] [1-9]\d\d[ \r]")
LINE_ENDS = b"\r\n"
_new = tuple.__new__  # a named tuple's own constructor takes three times as long


class HeadReader:
    """Reads start line and header block of one message after the other.

    Attributes:
        lost: where the next message begins is not known; it is looked for.
    """

    __slots__ = ("_buffer", "_next", "_start", "lost")

    def __init__(self, side: Side, buffer: Buffer) -> None:
        self._buffer = buffer
        self._start, self._next = (REQUEST, NEXT_REQUEST) if side == CLIENT else (RESPONSE, NEXT_RESPONSE)
        self.lost = False

    def read(self) -> Start | None:
        """The next head, ``None`` when more bytes are needed. The buffer is then behind it."""
        line = self._line()
        if line is None:
            return None
        data = self._buffer.data
        ending = b"\r\n\r\n" if line[4] else b"\n\n"
        begin = line.end()
        stop = data.find(ending, begin - len(ending) // 2)
        if stop < 0:
            if len(data) - begin > MAX_HEAD:
                self._buffer.at = begin
                self.lost = True
            return None
        return self._taken(line, data[begin:stop], stop + len(ending))

    def read_cut(self) -> Start | None:
        """The next head as far as it was captured: a gap follows."""
        line = self._line()
        if line is None:
            return None
        data = self._buffer.data
        return self._taken(line, data[line.end() : data.rfind(b"\n") + 1], len(data))

    def _taken(self, line: re.Match[bytes], block: bytes, end: int) -> Start:
        buffer = self._buffer
        self.lost = False
        buffer.at = end
        began = line.start()
        time_ns = buffer.time_at(began)
        return _new(Start, (line, block, time_ns, end - began))

    def _line(self) -> re.Match[bytes] | None:
        buffer = self._buffer
        while True:
            data, at = buffer.data, buffer.at
            line = self._start.match(data, at)
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
