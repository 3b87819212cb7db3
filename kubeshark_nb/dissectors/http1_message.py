"""HTTP/1 requests and responses: how they begin, and which body they have (RFC 9112, 2 to 6)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.dissectors.dissector import Says
from kubeshark_nb.dissectors.http_body import Body, ChunkedBody, ClosedBody, SizedBody
from kubeshark_nb.dissectors.http_head import parse_head, text

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.http_head import Head

METHODS = (
    b"GET POST PUT HEAD DELETE OPTIONS PATCH CONNECT TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH "
    b"REPORT QUERY PURGE SUBSCRIBE UNSUBSCRIBE NOTIFY RPC_IN_DATA RPC_OUT_DATA"
).split()
REQUEST = re.compile(rb"([A-Za-z][A-Za-z0-9_.$!#%&'*+^`|~-]{0,31}) +(?:([^\r\n]*?) +)?HTTP/(1\.\d{1,2})[ \t]*(\r?)\n")
BEGINNING = re.compile(rb"[A-Z_]{0,31}(?: [!-~]*(?: [HTP/.0-9]*\r?)?)?")  # of a request line
RESPONSE = re.compile(rb"HTTP/(1\.\d{1,2}) +([1-9]\d\d)(?: ([^\r\n]*))?(\r?)\n")
DIGITS = re.compile(r"\d{1,15}")
CONTINUE, SWITCHING, OK, NO_CONTENT, REDIRECTS, NOT_MODIFIED = 100, 101, 200, 204, 300, 304


class Start(NamedTuple):
    """A start line with its header block; when its first byte was captured; how many bytes both take."""

    line: re.Match[bytes]
    block: bytes
    time_ns: int
    size: int


def probe(head: bytes) -> Says:
    """A request line or a status line; empty lines may precede it (RFC 9112, 2.2)."""
    head = head.lstrip(b"\r\n")
    if RESPONSE.match(head):
        return Says.SERVER
    if REQUEST.match(head):
        return Says.CLIENT
    if b"\n" in head:
        return Says.NO
    if BEGINNING.fullmatch(head):
        return Says.MORE
    return Says.MORE if b"HTTP/1.".startswith(head[:7]) else Says.NO


class Message:
    """What requests and responses share. ``end_ns`` is when the last byte so far was captured."""

    __slots__ = ("body", "end_ns", "head", "head_size", "time_ns", "version")

    def __init__(self, start: Start, version: bytes) -> None:
        self.version = version.decode()
        self.head: Head = parse_head(start.block)
        self.head_size = start.size
        self.time_ns = start.time_ns
        self.end_ns = start.time_ns
        self.body: Body | None = None

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return self.head_size + (self.body.wire if self.body else 0)


class Request(Message):
    """A request. It is ``done`` once its body is read; ``answer`` is a response that was quicker than that."""

    __slots__ = ("answer", "done", "method", "target")

    def __init__(self, start: Start) -> None:
        super().__init__(start, start.line[3])
        self.method: bytes = start.line[1]
        self.target: bytes = start.line[2] or b""
        self.body = framing(self.head, else_closed=False)
        self.done = self.body is None
        self.answer: Response | None = None

    @property
    def switches(self) -> bool:
        """Whether another protocol may follow on this connection."""
        return self.method == b"CONNECT" or "upgrade" in self.head.fields


class Response(Message):
    """A response to ``request`` (``None`` when that was not captured), which decides whether there is a body."""

    __slots__ = ("reason", "request", "status")

    def __init__(self, start: Start, request: Request | None) -> None:
        super().__init__(start, start.line[1])
        self.status = int(start.line[2])
        self.reason = text(start.line[3] or b"")
        self.request = request
        if not self._bodiless():
            self.body = framing(self.head, else_closed=True)

    @property
    def is_final(self) -> bool:
        """Informational responses (but for a switch of protocols) precede the one that counts."""
        return self.status >= OK or self.status == SWITCHING

    @property
    def opens_tunnel(self) -> bool:
        """Whether anything may follow: CONNECT was successful."""
        return self.request is not None and self.request.method == b"CONNECT" and OK <= self.status < REDIRECTS

    def _bodiless(self) -> bool:
        head_only = self.request is not None and self.request.method == b"HEAD"
        return head_only or self.status < OK or self.status in (NO_CONTENT, NOT_MODIFIED) or self.opens_tunnel


def framing(head: Head, *, else_closed: bool) -> Body | None:
    """The body that the header fields announce (RFC 9112, 6.3); ``None``: there is none."""
    fields = head.fields
    length = fields.get("content-length")
    unchunked = (ClosedBody() if else_closed else None) if length is None else _sized(length, else_closed=else_closed)
    if "transfer-encoding" in fields and "chunked" in fields["transfer-encoding"].lower():
        return ChunkedBody(otherwise=unchunked)
    return unchunked


def _sized(length: str, *, else_closed: bool) -> Body | None:
    size = _number(length)
    if size:
        return SizedBody(size)
    return ClosedBody() if size is None and else_closed else None


@lru_cache(maxsize=4096)
def _number(length: str) -> int | None:
    length = length.partition(",")[0].strip()
    return int(length) if DIGITS.fullmatch(length) else None
