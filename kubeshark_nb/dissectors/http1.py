"""HTTP/1.0 and 1.1 (RFC 9112): the n-th request with the n-th response of a connection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.dissectors.dissector import Dissector, Says, Undissected
from kubeshark_nb.dissectors.http_body import Body, Broken, ChunkedBody, ClosedBody, SizedBody
from kubeshark_nb.dissectors.http_content import decoded
from kubeshark_nb.dissectors.http_head import Head, parse_head, text
from kubeshark_nb.dissectors.http_json import parse_target, request_json, response_json
from kubeshark_nb.dissectors.pairs import Pairs
from kubeshark_nb.dissectors.upgrades import UPGRADES
from kubeshark_nb.items.entry import Entry, Problem
from kubeshark_nb.items.protocol import HTTP10, HTTP11
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.traffic import Side, Why

METHODS = (
    b"GET POST PUT HEAD DELETE OPTIONS PATCH CONNECT TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH REPORT "
    b"QUERY PURGE SUBSCRIBE UNSUBSCRIBE NOTIFY"
).split()
REQUEST = re.compile(rb"([A-Za-z][A-Za-z0-9_.$!#%&'*+^`|~-]{0,31}) +([^\r\n]*?) +HTTP/(1\.[01])[ \t]*(\r?)\n")
RESPONSE = re.compile(rb"HTTP/(1\.[01]) +([1-9]\d\d)(?: ([^\r\n]*))?(\r?)\n")
NEXT = (
    re.compile(rb"(?:%b) [^\r\n ]+ HTTP/1\.[01]\r?\n" % b"|".join(METHODS)),
    re.compile(rb"HTTP/1\.[01] [1-9]\d\d[ \r]"),
)
MAX_HEAD = 256 << 10
DIGITS = re.compile(r"\d{1,15}")
CONTINUE, SWITCHING, NO_CONTENT, NOT_MODIFIED = 100, 101, 204, 304
NO_REQUEST = Problem("pair-not-found", "the request of this response was not captured")
BROKEN = Problem("dissection", "the message is not valid HTTP")


def probe(head: bytes) -> Says:
    """A request line or a status line."""
    if RESPONSE.match(head):
        return Says.SERVER
    if REQUEST.match(head):
        return Says.CLIENT
    if b"\n" in head:
        return Says.NO
    start = head[:12]
    if b"HTTP/1.".startswith(start[:7]) or any(start.startswith(m + b" ") or m.startswith(start) for m in METHODS):
        return Says.MORE
    return Says.NO


class Request:
    """A request, complete once its ``body`` is done; ``answer`` is a response that was quicker."""

    __slots__ = ("answer", "body", "done", "end_ns", "head", "head_size", "method", "target", "time_ns", "version")

    def __init__(self, method: bytes, target: bytes, version: str, head: Head, head_size: int, time_ns: int) -> None:
        self.method = method
        self.target = target
        self.version = version
        self.head = head
        self.head_size = head_size
        self.time_ns = time_ns
        self.end_ns = time_ns
        self.body: Body | None = _framing(head, else_closed=False)
        self.done = self.body is None
        self.answer: Response | None = None

    @property
    def switches(self) -> bool:
        """Whether another protocol may follow on this connection."""
        return self.method == b"CONNECT" or "upgrade" in self.head.fields

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return self.head_size + (self.body.wire if self.body else 0)


class Response:
    """A response; whose it is decides how its body is framed."""

    __slots__ = ("body", "end_ns", "head", "head_size", "reason", "request", "status", "time_ns", "version")

    def __init__(
        self, status: int, reason: str, version: str, head: Head, head_size: int, time_ns: int, request: Request | None
    ) -> None:
        self.status = status
        self.reason = reason
        self.version = version
        self.head = head
        self.head_size = head_size
        self.time_ns = time_ns
        self.end_ns = time_ns
        self.request = request
        self.body: Body | None = None if self._bodiless() else _framing(head, else_closed=True)

    def _bodiless(self) -> bool:
        method = self.request.method if self.request else b""
        return (
            self.status < 200  # noqa: PLR2004 - informational
            or self.status in (NO_CONTENT, NOT_MODIFIED)
            or method == b"HEAD"
            or (method == b"CONNECT" and self.status < 300)  # noqa: PLR2004 - successful
        )

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return self.head_size + (self.body.wire if self.body else 0)


def _framing(head: Head, *, else_closed: bool) -> Body | None:
    """RFC 9112, 6.3."""
    fields = head.fields
    if "chunked" in fields.get("transfer-encoding", "").lower():
        return ChunkedBody()
    length = fields.get("content-length", "").partition(",")[0].strip()
    if DIGITS.fullmatch(length):
        return SizedBody(int(length)) if length.strip("0") else None
    return ClosedBody() if else_closed else None


class Http1(Dissector):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        self._pairs: Pairs[Request] = Pairs()
        self._request: Request | None = None  # whose body is being read
        self._response: Response | None = None
        self._paused = False  # what the client says next depends on the answer to an upgrade
        self._lossy = False
        self._lost = [False, False]  # a side has to find the next message first

    def advance(self) -> None:
        """Read requests, then responses; again where an answer let the client go on."""
        while self._read_requests() | self._read_responses():
            pass

    def gap(self, side: Side, missing: int) -> None:
        """A gap inside a body is only missing content; anywhere else the next message has to be found."""
        self._lossy = True
        buffer = self.talk.buffers[side]
        message = self._request if side == CLIENT else self._response
        if message is not None and message.body is not None and not len(buffer) and message.body.lost(missing):
            return
        self._abandon(side)

    def end(self, side: Side, why: Why) -> None:
        """The end of the server's side completes a body that lasts until then."""
        response = self._response
        if side == SERVER and response is not None and response.body is not None and response.body.closed():
            self._response = None
            self._answered(response)
        if all(buffer.ended for buffer in self.talk.buffers):
            self._abandon(SERVER)
            for request in self._pairs.drain():
                self._emit_request(request, self.talk.half(why))

    # --- requests --------------------------------------------------------------------------------------------------

    def _read_requests(self) -> bool:
        buffer = self.talk.buffers[CLIENT]
        read = False
        while len(buffer) and not self._paused:
            if self._request is None and not self._begin_request(buffer):
                break
            read = self._end_request(buffer) or read
            if self._request is not None:
                break
        return read

    def _begin_request(self, buffer: Buffer) -> bool:
        """Read a head; a request is open from then on, so that an early answer finds it."""
        found = self._head(CLIENT, buffer, REQUEST)
        if found is None:
            return False
        line, block, began = found
        request = Request(
            line[1], line[2], line[3].decode(), parse_head(block), buffer.at - began, buffer.time_at(began)
        )
        request.end_ns = buffer.time_at(buffer.at - 1)
        self._request = request
        if (dropped := self._pairs.ask(request)) is not None:
            self._emit_request(dropped, self.talk.half("evicted"))
        return True

    def _end_request(self, buffer: Buffer) -> bool:
        request = self._request
        if request is None:
            return False
        if request.body is not None:
            try:
                complete = request.body.read(buffer)
            except Broken:
                self._abandon(CLIENT)
                return False
            if not complete:
                return False
            request.end_ns = buffer.time_at(buffer.at - 1)
        request.done = True
        self._request = None
        self._paused = request.switches and request.answer is None
        if request.answer is not None:
            self._emit(request, request.answer)
        return True

    # --- responses -------------------------------------------------------------------------------------------------

    def _read_responses(self) -> bool:
        buffer = self.talk.buffers[SERVER]
        read = False
        while len(buffer):
            response = self._response
            if response is None:
                response = self._begin_response(buffer)
                if response is None:
                    break
            if response.body is not None and not self._read_body(response, buffer):
                break
            if self._response is None:
                self._lossy = True
                continue
            self._response = None
            read = True
            if self._answered(response):
                return False
        return read

    def _begin_response(self, buffer: Buffer) -> Response | None:
        found = self._head(SERVER, buffer, RESPONSE)
        if found is None:
            return None
        line, block, began = found
        time_ns = buffer.time_at(began)
        request = self._asked(time_ns)
        reason = text(line[3] or b"")
        response = Response(
            int(line[2]), reason, line[1].decode(), parse_head(block), buffer.at - began, time_ns, request
        )
        response.end_ns = buffer.time_at(buffer.at - 1)
        self._response = response
        return response

    def _asked(self, time_ns: int) -> Request | None:
        """The request of a response that began at ``time_ns``.

        After a gap requests or responses may be missing: then it is the latest that came before the response.
        """
        if self._lossy:
            while len(self._pairs) > 1 and self._pairs.second().time_ns <= time_ns:
                self._emit_request(self._pairs.answer(), self.talk.half("capture"))
            first = self._pairs.first()
            if first is not None and first.time_ns > time_ns:
                return None
        return self._pairs.first()

    def _read_body(self, response: Response, buffer: Buffer) -> bool:
        """Whether the body is complete, or given up."""
        assert response.body is not None
        try:
            complete = response.body.read(buffer)
        except Broken:
            self._abandon(SERVER)
            return True
        if len(buffer.data):
            response.end_ns = buffer.time_at(max(buffer.at - 1, 0))
        return complete

    def _answered(self, response: Response) -> bool:
        """A response is complete; whether the connection now speaks another protocol."""
        if CONTINUE <= response.status < 200 and response.status != SWITCHING:  # noqa: PLR2004 - informational
            return False
        request = response.request
        if request is None:
            self._emit_response(response, NO_REQUEST)
            return False
        self._pairs.answer()
        if not request.done and not (request.body is None):
            request.answer = response
            return False
        self._emit(request, response)
        if not self._paused:
            return False
        self._paused = False
        return self._switch(request, response)

    def _switch(self, request: Request, response: Response) -> bool:
        if request.method == b"CONNECT" and 200 <= response.status < 300:  # noqa: PLR2004 - successful
            self.talk.identify_again()
            return True
        if response.status != SWITCHING:
            return False
        token = response.head.fields.get("upgrade", "").lower().partition("/")[0].strip()
        make = UPGRADES.get(token)
        if make is None:
            raise Undissected("connections upgraded to a protocol that is not dissected")
        self.talk.hand_over(lambda talk: make(talk, request.head, response.head))
        return True

    # --- both ------------------------------------------------------------------------------------------------------

    def _head(
        self, side: Side, buffer: Buffer, pattern: re.Pattern[bytes]
    ) -> tuple[re.Match[bytes], bytes, int] | None:
        """Start line and header block of the next message, and where it began; the buffer is then behind them."""
        while True:
            data, at = buffer.data, buffer.at
            while data[at : at + 1] in (b"\r", b"\n") and at < len(data):
                at += 1
            line = pattern.match(data, at)
            if line is not None:
                break
            if not self._lost[side] and b"\n" not in data[at:] and len(data) - at < MAX_HEAD:
                return None
            if not self._find(side, buffer):
                return None
        ending = b"\r\n\r\n" if line[4] else b"\n\n"
        start = line.end()
        stop = data.find(ending, start - len(ending) // 2)
        if stop < 0:
            if len(data) - at > MAX_HEAD:
                buffer.at = start
                self._lost[side] = True
            return None
        self._lost[side] = False
        buffer.at = stop + len(ending)
        return line, data[start:stop], at

    def _find(self, side: Side, buffer: Buffer) -> bool:
        """Move to where the next message seems to begin."""
        self._lost[side] = True
        found = NEXT[side].search(buffer.data, buffer.at)
        if found is None:
            buffer.at = max(buffer.at, len(buffer.data) - 64)  # the beginning of one may be there
            return False
        buffer.at = found.start()
        return True

    def _abandon(self, side: Side) -> None:
        """Forget the message of ``side`` that cannot be completed."""
        self._lost[side] = True
        self._lossy = True
        if side == CLIENT:
            if self._request is not None:
                self._request.done = True
                self._request = None
            self._paused = False
            return
        response, self._response = self._response, None
        if response is not None:
            if response.request is not None:
                self._pairs.answer()
                self._emit(response.request, response, BROKEN)
            else:
                self._emit_response(response, NO_REQUEST)

    # --- items -----------------------------------------------------------------------------------------------------

    def _emit(self, request: Request, response: Response, error: Problem | None = None) -> None:
        ready = max(response.end_ns, request.end_ns)
        self._entry(request, response, request.time_ns, ready, ready - request.time_ns, error)

    def _emit_request(self, request: Request, error: Problem) -> None:
        self._entry(request, request.answer, request.time_ns, request.end_ns, 0, error)

    def _emit_response(self, response: Response, error: Problem) -> None:
        self._entry(None, response, response.time_ns, response.end_ns, 0, error)

    def _entry(
        self,
        request: Request | None,
        response: Response | None,
        time_ns: int,
        ready_ns: int,
        elapsed_ns: int,
        error: Problem | None,
    ) -> None:
        asked, path, method = (b"{}", "", "")
        if request is not None:
            target = parse_target(request.target)
            path, method = target.path, request.method.decode()
            body, size = self._content(request.body, request.head)
            asked = request_json(b'"%b"' % request.method, target, "HTTP/" + request.version, request.head, body, size)
        answered = b"{}"
        if response is not None:
            body, size = self._content(response.body, response.head)
            answered = response_json(
                response.status, response.reason, "HTTP/" + response.version, response.head, body, size
            )
        version = request.version if request else response.version if response else "1.1"
        self.talk.emit(
            Entry(
                protocol=HTTP10 if version == "1.0" else HTTP11,
                request=asked,
                response=answered,
                time_ns=time_ns,
                ready_ns=ready_ns,
                elapsed_ns=elapsed_ns,
                request_size=request.size if request else 0,
                response_size=response.size if response else 0,
                method=method,
                path=path,
                status=response.status if response else 0,
                error=error,
            )
        )

    def _content(self, body: Body | None, head: Head) -> tuple[bytes, int]:
        """The content without its coding, and its size on the wire."""
        if body is None:
            return b"", 0
        content, cut = body.content(), body.cut
        coding = head.fields.get("content-encoding", "")
        if coding and content:
            content, cut_too = decoded(content, coding)
            cut = cut or cut_too
        if cut:
            self.talk.stats.truncated += 1
            self.talk.stats.count("HTTP bodies that are not whole (too long, or partly not captured)")
        return content, body.size
