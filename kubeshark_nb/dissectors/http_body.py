"""HTTP/1 message bodies as they come in: by length, in chunks, until the connection closes (RFC 9112, 6 and 7).

A body is read as far as the buffer goes and goes on with the next bytes. Of a large one the first `MAX_CONTENT` bytes
are kept and the rest is counted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.http_content import MAX_CONTENT

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer

CHUNK_LINE = re.compile(rb"[\0- ]*([0-9A-Fa-f]{1,15})(?![0-9A-Za-z])[^\r\n]*\r?\n")  # lenient, as browsers are
CHUNK_BEGIN = re.compile(rb"[\0- ]*(?:[0-9A-Fa-f]|\Z)")
MAX_LINE = 8192


class Broken(Exception):  # noqa: N818 - not an error to the user: the reader looks for the next message
    """The framing of a body makes no sense; ``first``: from its very beginning."""

    def __init__(self, *, first: bool = False) -> None:
        super().__init__()
        self.first = first


class Body:
    """What all bodies share.

    Attributes:
        size: bytes of the body itself, without framing, also those not kept or lost.
        framing: bytes that the framing took besides.
        cut: some bytes are missing in `content`: too many, or lost in a gap.
    """

    __slots__ = ("_kept", "_parts", "cut", "framing", "size")

    def __init__(self) -> None:
        self.size = 0
        self.framing = 0
        self.cut = False
        self._parts: list[bytes] = []
        self._kept = 0

    def read(self, buffer: Buffer) -> bool:
        """Take what belongs to the body; whether it is complete."""
        raise NotImplementedError

    def lost(self, missing: int) -> bool:
        """``missing`` bytes are not there; whether the end of the body can still be found."""
        raise NotImplementedError

    def closed(self) -> bool:
        """The side has ended; whether that completes the body."""
        return False

    def content(self) -> bytes:
        """The bytes kept."""
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        kept = self._kept + len(data)
        if kept > MAX_CONTENT:
            self.cut = True
            data = data[: MAX_CONTENT - self._kept]
            kept = MAX_CONTENT
        if data:
            self._parts.append(data)
            self._kept = kept

    def _skip(self, missing: int) -> None:
        self.size += missing
        self.cut = True


class SizedBody(Body):
    """``Content-Length``."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        super().__init__()
        self._left = length

    def read(self, buffer: Buffer) -> bool:
        """Take what belongs to the body; whether it is complete."""
        data = buffer.take(self._left)
        self._left -= len(data)
        self._keep(data)
        return self._left == 0

    def lost(self, missing: int) -> bool:
        """Within the length nothing is lost but content."""
        if missing > self._left:
            return False
        self._left -= missing
        self._skip(missing)
        return True


class ClosedBody(Body):
    """Everything until the connection closes."""

    __slots__ = ()

    def read(self, buffer: Buffer) -> bool:
        """Take everything; never complete."""
        self._keep(buffer.take(len(buffer)))
        return False

    def lost(self, missing: int) -> bool:
        """The end is the connection's."""
        self._skip(missing)
        return True

    def closed(self) -> bool:
        """Complete."""
        return True


class ChunkedBody(Body):
    """``Transfer-Encoding: chunked``: sized chunks, a last one of size 0, then trailers up to an empty line.

    Some servers announce chunks and send none: when not even the first makes sense, the body is ``otherwise``.
    """

    __slots__ = ("_behind", "_left", "_trailers", "otherwise")

    def __init__(self, otherwise: Body | None) -> None:
        super().__init__()
        self.otherwise = otherwise
        self._left = 0  # bytes of the current chunk to come
        self._behind = False  # the line end behind a chunk is next
        self._trailers = False

    def read(self, buffer: Buffer) -> bool:
        """Take what belongs to the body; whether it is complete.

        Raises:
            Broken: not a chunk.
        """
        began = buffer.at - self.size
        try:
            while not self._trailers:
                if self._left:
                    if not self._data(buffer):
                        return False
                elif not self._line(buffer):
                    return False
            return self._end(buffer)
        finally:
            self.framing += buffer.at - self.size - began

    def lost(self, missing: int) -> bool:
        """Within one chunk nothing is lost but content."""
        if self._trailers or missing > self._left:
            return False
        self._left -= missing
        self._behind = self._left == 0
        self._skip(missing)
        return True

    def _data(self, buffer: Buffer) -> bool:
        data = buffer.take(self._left)
        self._left -= len(data)
        self._keep(data)
        self._behind = self._left == 0
        return self._left == 0

    def _line(self, buffer: Buffer) -> bool:
        """The line end behind a chunk and the size line of the next."""
        data, at = buffer.data, buffer.at
        if self._behind:
            end = b"\r\n" if data[at : at + 1] == b"\r" else b"\n"
            if len(data) - at < len(end):
                return False
            if data[at : at + len(end)] != end:
                raise Broken
            at += len(end)
        found = CHUNK_LINE.match(data, at, at + MAX_LINE)
        if found is None:
            if len(data) - at >= MAX_LINE or b"\n" in data[at:] or not CHUNK_BEGIN.match(data, at):
                raise Broken(first=self.size == 0)
            return False
        self._behind = False
        self._left = int(found[1], 16)
        self._trailers = self._left == 0
        buffer.at = found.end()
        return True

    def _end(self, buffer: Buffer) -> bool:
        """Trailer lines and the empty one."""
        data = buffer.data
        while (end := data.find(b"\n", buffer.at)) >= 0:
            line = data[buffer.at : end].rstrip(b"\r")
            buffer.at = end + 1
            if not line:
                return True
        if len(buffer) > MAX_LINE:
            raise Broken
        return False
