"""HTTP/1 requests and responses: how they begin, and which body they have (RFC 9112, 2 to 6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from kubeshark_nb.dissectors.dissector import Says
from kubeshark_nb.dissectors.http_body import Body, ChunkedBody, ClosedBody, SizedBody
from kubeshark_nb.dissectors.http_head import parse_head, text
from kubeshark_nb.dissectors.http_json import parse_target, request_opening, response_opening
from kubeshark_nb.dissectors.kept import Kept

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.http_head import Head

METHODS = (
    b"GET POST PUT HEAD DELETE OPTIONS PATCH CONNECT TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH "
    b"REPORT QUERY PURGE SUBSCRIBE UNSUBSCRIBE NOTIFY RPC_IN_DATA RPC_OUT_DATA"
).split()
REQUEST = re.compile(
    rb"([A-Za-z][A-Za-z0-9_.$!#%&'*+^`|~-]{0,31}) +(?:([^ \r\n]*+|[^\r\n]*?) +)?HTTP/(1\.\d{1,2})[ \t]*(\r?)\n"
)
BEGINNING = re.compile(rb"[A-Z_]{0,31}(?: [!-~]*(?: [HTP/.0-9]*\r?)?)?")  # of a request line
RESPONSE = re.compile(rb"HTTP/(1\.\d{1,2}) +([1-9]\d\d)(?: ([^\r\n]*))?(\r?)\n")
# of a connection that is known to be HTTP/1; what a server claims to speak changes nothing about how it speaks
ANSWER = re.compile(rb"HTTP/(\d{1,2}\.\d{1,2}) +([1-9]\d\d)(?: ([^\r\n]*))?(\r?)\n")
BARE = b"\n\n"
ENDINGS = {b"\r": b"\r\n\r\n", b"": BARE}  # of a header block, by what precedes the line feed of the start line
LONGEST_LINE = 512  # of those that are remembered
DIGITS = re.compile(r"\d{1,15}")
_new = tuple.__new__  # a named tuple's own constructor takes three times as long
CONTINUE, SWITCHING, OK, NO_CONTENT, REDIRECTS, NOT_MODIFIED = 100, 101, 200, 204, 300, 304


class RequestLine(NamedTuple):
    """A request line. ``opening`` is its part of the item's JSON, ``ending`` what the header block ends with."""

    ending: bytes
    method: str
    target: bytes
    version: str
    path: str
    opening: bytes
    query: bytes


class ResponseLine(NamedTuple):
    """A status line; see `RequestLine`."""

    ending: bytes
    status: int
    version: str
    opening: bytes


Line = TypeVar("Line", RequestLine, ResponseLine)


# a start line, the header block behind it, when (ns) its first byte was captured, how many bytes both take
Start = tuple[Line, bytes, int, int]


def _request_line(raw: bytes) -> RequestLine | None:
    found = REQUEST.fullmatch(raw)
    if found is None:
        return None
    method, target, version, ending = found.groups(b"")
    shown = parse_target(target)
    opening = request_opening(method, shown, b"HTTP/" + version)
    row = (ENDINGS[ending], method.decode(), target, version.decode(), shown.path, opening, shown.query)
    return _new(RequestLine, row)


def _response_line(raw: bytes) -> ResponseLine | None:
    found = ANSWER.fullmatch(raw)
    if found is None:
        return None
    version, status, reason, ending = found.groups(b"")
    opening = response_opening(int(status), text(reason), b"HTTP/" + version)
    return ResponseLine(ENDINGS[ending], int(status), version.decode(), opening)


REQUEST_LINES = Kept(_request_line, 4096, LONGEST_LINE)
RESPONSE_LINES = Kept(_response_line, 1024, LONGEST_LINE)


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


class Message(Generic[Line]):
    """What requests and responses share. ``end_ns`` is when the last byte so far was captured."""

    __slots__ = ("body", "end_ns", "head", "head_size", "line", "time_ns")
    line: Line
    head: Head
    body: Body | None
    time_ns: int
    end_ns: int
    head_size: int

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        body = self.body
        return self.head_size if body is None else self.head_size + body.size + body.framing


class Request(Message[RequestLine]):
    """A request. It is ``done`` once its body is read; ``answer`` is a response that was quicker than that."""

    __slots__ = ("answer", "done")

    def __init__(self, start: Start[RequestLine]) -> None:
        self.line, block, self.time_ns, self.head_size = start
        self.end_ns = self.time_ns
        self.head = parse_head(block)
        self.body = framing(self.head.fields, None)
        self.done = self.body is None
        self.answer: Response | None = None

    @property
    def switches(self) -> bool:
        """Whether another protocol may follow on this connection."""
        return self.line.method == "CONNECT" or "upgrade" in self.head.fields


class Response(Message[ResponseLine]):
    """A response to ``request`` (``None`` when that was not captured), which decides whether there is a body."""

    __slots__ = ("request",)

    def __init__(self, start: Start[ResponseLine], request: Request | None) -> None:
        self.line, block, self.time_ns, self.head_size = start
        self.end_ns = self.time_ns
        self.head = parse_head(block)
        self.request = request
        self.body = None if self._bodiless() else framing(self.head.fields, ClosedBody)

    @property
    def is_final(self) -> bool:
        """Informational responses (but for a switch of protocols) precede the one that counts."""
        return self.line.status >= OK or self.line.status == SWITCHING

    @property
    def opens_tunnel(self) -> bool:
        """Whether anything may follow: CONNECT was successful."""
        request = self.request
        return request is not None and request.line.method == "CONNECT" and OK <= self.line.status < REDIRECTS

    def _bodiless(self) -> bool:
        status = self.line.status
        if status < OK or status in (NO_CONTENT, NOT_MODIFIED):
            return True
        request = self.request
        return request is not None and (request.line.method == "HEAD" or self.opens_tunnel)


def framing(fields: dict[str, str], otherwise: type[ClosedBody] | None) -> Body | None:
    """The body that the header fields announce (RFC 9112, 6.3), or one of the kind ``otherwise`` where they do not."""
    body: Body | None = None
    size = LENGTHS[fields["content-length"]] if "content-length" in fields else None
    if size:
        body = SizedBody(size)
    elif size is None and otherwise is not None:
        body = otherwise()
    if "transfer-encoding" in fields and "chunked" in fields["transfer-encoding"].lower():
        return ChunkedBody(otherwise=body)
    return body


def _number(length: str) -> int | None:
    length = length.partition(",")[0].strip()
    return int(length) if DIGITS.fullmatch(length) else None


LENGTHS = Kept(_number, 4096, 64)
