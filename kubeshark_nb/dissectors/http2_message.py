"""The two messages of an HTTP/2 stream as they grow, and the header block both may have (RFC 9113, 8.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.dissectors.http_content import MAX_CONTENT
from kubeshark_nb.dissectors.http_head import parse_head, text

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.hpack_context import Fields
    from kubeshark_nb.dissectors.http_head import Head

INFORMATIONAL = b"1"  # first digit of :status
COOKIE = b"cookie"


class StreamBody:
    """What DATA frames carried, at most `MAX_CONTENT` bytes of it.

    Attributes:
        size: bytes in all, also those not kept or lost.
        cut: some are missing.
        kept: the bytes.
    """

    __slots__ = ("cut", "kept", "size")

    def __init__(self) -> None:
        self.size = 0
        self.cut = False
        self.kept = bytearray()

    def add(self, data: bytes, room: int = MAX_CONTENT) -> int:
        """The next bytes, of which ``room`` may be kept; how many were."""
        self.size += len(data)
        room = min(room, MAX_CONTENT - len(self.kept))
        self.cut = self.cut or room < len(data)
        self.kept += data[:room]
        return min(room, len(data))

    def skip(self, missing: int) -> None:
        """Bytes that were not captured."""
        self.size += missing
        self.cut = True


class Message:
    """A request or a response. ``fields`` has the header fields, then the trailers; empty until they come.

    Attributes:
        time_ns, end_ns: capture time of its first and its last frame.
        wire: bytes of its frames.
        ended: END_STREAM was seen.
    """

    __slots__ = ("_first", "body", "end_ns", "ended", "fields", "time_ns", "wire")

    def __init__(self, time_ns: int) -> None:
        self.fields: Fields = []
        self.body = StreamBody()
        self.time_ns = time_ns
        self.end_ns = time_ns
        self.wire = 0
        self.ended = False
        self._first: dict[bytes, bytes] | None = None

    def headers(self, fields: Fields) -> None:
        """A header block: the header, or trailers. An informational response only precedes the real one."""
        if self.first(b":status")[:1] == INFORMATIONAL:
            self.fields = fields
        else:
            self.fields = self.fields + fields if self.fields else fields
        self._first = None

    def first(self, name: bytes) -> bytes:
        """The value of a field; empty when there is none."""
        if self._first is None:
            self._first = dict(reversed(self.fields))
        return self._first.get(name, b"")

    def head(self) -> Head:
        """The fields as item JSON has them."""
        return _head(tuple(self.fields))


class Stream:
    """A request and its response, each ``None`` until it comes; ``request`` stays so if it was not captured."""

    __slots__ = ("number", "request", "response")

    def __init__(self, number: int, request: Message | None, response: Message | None = None) -> None:
        self.number = number
        self.request = request
        self.response = response

    @property
    def is_answered(self) -> bool:
        """Whether the response is complete."""
        return self.response is not None and self.response.ended

    @property
    def end_ns(self) -> int:
        """When the response ended, as far as it is there."""
        return self.response.end_ns if self.response else 0

    @property
    def is_complete(self) -> bool:
        """Whether nothing more is to come."""
        return self.is_answered and self.request is not None and self.request.ended


@lru_cache(maxsize=2048)
def _head(fields: tuple[tuple[bytes, bytes], ...]) -> Head:
    """The pseudo-header fields as they are; the others as HTTP/1 would have written them."""
    crumbs = [value for name, value in fields if name == COOKIE]
    if len(crumbs) > 1:  # RFC 9113, 8.2.3
        fields = (*(field for field in fields if field[0] != COOKIE), (COOKIE, b"; ".join(crumbs)))
    lines = [name + b": " + value.replace(b"\n", b" ") for name, value in fields if name[:1] != b":"]
    head = parse_head(b"\r\n".join(lines))
    pseudo = {text(name): text(value) for name, value in fields if name[:1] == b":"}
    if not pseudo:
        return head
    between = b"," if len(head.headers) > len(b"{}") else b""
    return head._replace(headers=orjson.dumps(pseudo)[:-1] + between + head.headers[1:])
