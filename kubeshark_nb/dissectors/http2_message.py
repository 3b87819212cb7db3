"""The two messages of an HTTP/2 stream as they grow, and the header block both may have (RFC 9113, 8.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.dissectors.http_body import Body
from kubeshark_nb.dissectors.http_head import WANTED, Head, Line, canonical, head_of, text

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.hpack_context import Fields

INFORMATIONAL = b"1"  # first digit of :status
COOKIE = b"cookie"


class StreamBody(Body):
    """What DATA frames carried."""

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._keep(data)

    def skip(self, missing: int) -> None:
        """Bytes that were not captured."""
        self._skip(missing)


class Message:
    """A request or a response. ``fields`` has the header fields, then the trailers; empty until they come.

    Attributes:
        time_ns, end_ns: capture time of its first and its last frame.
        wire: bytes of its frames.
        ended: END_STREAM was seen.
    """

    __slots__ = ("body", "end_ns", "ended", "fields", "time_ns", "wire")

    def __init__(self, time_ns: int) -> None:
        self.fields: Fields = []
        self.body = StreamBody()
        self.time_ns = time_ns
        self.end_ns = time_ns
        self.wire = 0
        self.ended = False

    def headers(self, fields: Fields) -> None:
        """A header block: the header, or trailers. An informational response only precedes the real one."""
        if self.first(b":status")[:1] == INFORMATIONAL:
            self.fields = fields
        else:
            self.fields = self.fields + fields if self.fields else fields

    def first(self, name: bytes) -> bytes:
        """The value of a field; empty when there is none."""
        return next((value for one, value in self.fields if one == name), b"")

    def head(self) -> Head:
        """The fields as item JSON has them."""
        return _head(tuple(self.fields))


class Stream:
    """A request and its response. ``response`` has no fields until it comes; ``request`` is ``None`` if it came before
    the capture."""

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
    def is_complete(self) -> bool:
        """Whether nothing more is to come."""
        return self.is_answered and (self.request is None or self.request.ended)


@lru_cache(maxsize=2048)
def _head(fields: tuple[tuple[bytes, bytes], ...]) -> Head:
    crumbs = [value for name, value in fields if name == COOKIE]
    if len(crumbs) > 1:  # RFC 9113, 8.2.3
        fields = (*(field for field in fields if field[0] != COOKIE), (COOKIE, b"; ".join(crumbs)))
    return head_of([_line(name, value) for name, value in fields])


@lru_cache(maxsize=16_384)
def _line(name: bytes, value: bytes) -> Line:
    shown, content, lower = canonical(name), text(value), name.lower()
    member = orjson.dumps(shown) + b":" + orjson.dumps(content)
    return Line(shown, content, member, lower.decode() if lower in WANTED else "")
