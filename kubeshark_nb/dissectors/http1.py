"""HTTP/1.0 and 1.1 (RFC 9112): the n-th request with the n-th response of a connection."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.dissector import Dissector, Undissected
from kubeshark_nb.dissectors.http1_entry import lone_request, lone_response, pair
from kubeshark_nb.dissectors.http1_message import SWITCHING, Request, Response
from kubeshark_nb.dissectors.http1_reader import request_reader, response_reader
from kubeshark_nb.dissectors.http_body import Broken, ChunkedBody
from kubeshark_nb.dissectors.upgrades import UPGRADES
from kubeshark_nb.items.entry import Problem
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.dissectors.http1_message import RequestLine, Start
    from kubeshark_nb.dissectors.http_body import Body
    from kubeshark_nb.traffic import Side, Why

MAX_OPEN = (
    1 << 16
)  # requests of one connection: a client may pipeline a whole window before its server's bytes are read
NO_REQUEST = Problem("pair-not-found", "the request of this response was not captured")
NO_RESPONSE = Problem("pair-not-found", "the response to this request was not captured")
NOT_WHOLE = Problem("dissection", "the message is not valid HTTP, or was not captured in full")


class Http1(Dissector):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        self._requests = request_reader(talk.buffers[CLIENT])
        self._responses = response_reader(talk.buffers[SERVER])
        self._open: deque[Request] = deque()  # the n-th answer belongs to the n-th of them
        self._skip = 0  # answers to requests that were given up
        self._request: Request | None = None  # whose body is being read
        self._response: Response | None = None
        self._paused = False  # what the client says next depends on the answer to an upgrade
        self._lossy = not talk.whole  # messages may be missing: pairing looks at the times, too

    def advance(self) -> None:
        """Read requests, then responses; again where an answer let the client go on."""
        self._read_requests()
        while self._read_responses():
            self._read_requests()

    def gap(self, side: Side, missing: int) -> None:
        """A gap inside a body is only missing content; anywhere else the next message has to be found."""
        self._lossy = True
        self._skip = 0  # times decide now
        message = self._request if side == CLIENT else self._response
        if message is not None and message.body is not None and message.body.lost(missing):
            return
        if message is None:
            self._cut_head(side)
        self._abandon(side)

    def end(self, side: Side, why: Why) -> None:
        """The end of the server's side completes a body that lasts until then."""
        response = self._response
        if side == SERVER and response is not None and response.body is not None and response.body.closed():
            self._response = None
            self._answered(response)
        if all(buffer.ended for buffer in self.talk.buffers):
            if self._request is None:
                self._cut_head(CLIENT)
            if self._response is None:
                self._cut_head(SERVER)
            self._abandon(SERVER)
            while self._open:
                self._close(self._open.popleft(), self.talk.half(why))

    # --- requests --------------------------------------------------------------------------------------------------

    def _read_requests(self) -> None:
        buffer = self.talk.buffers[CLIENT]
        while buffer.at < len(buffer.data) and not self._paused:
            request = self._request
            if request is None:
                start = self._requests.read()
                if start is None:
                    break
                request = self._ask(start)
            if request.body is None:
                request.end_ns = buffer.time_at(buffer.at - 1)
            elif not self._body(CLIENT, request, request.body, buffer):
                break
            self._asked_all(request)

    def _ask(self, start: Start[RequestLine]) -> Request:
        """A request is open as soon as its head is there, so that an early answer finds it."""
        self._request = request = Request(start)
        self._open.append(request)
        if len(self._open) > MAX_OPEN:
            self._skip += 1
            self._close(self._open.popleft(), self.talk.half("evicted"))
        return request

    def _asked_all(self, request: Request) -> None:
        """The request that was being read is complete."""
        self._request = None
        request.done = True
        if request.answer is None:
            self._paused = request.switches
            return
        self._paired()
        self.talk.emit(pair(request, request.answer, None, self.talk.stats))

    # --- responses -------------------------------------------------------------------------------------------------

    def _read_responses(self) -> bool:
        """Whether an answer lets the client go on."""
        buffer = self.talk.buffers[SERVER]
        response = self._response
        while buffer.at < len(buffer.data) or response is not None:
            if response is None:
                start = self._responses.read()
                if start is None:
                    break
                self._response = response = Response(start, self._asked(start[2]))
            if response.body is None:
                response.end_ns = buffer.time_at(buffer.at - 1)
            elif not self._body(SERVER, response, response.body, buffer):
                break
            self._response = None
            paused = self._paused
            if self._answered(response):
                return False
            if paused and not self._paused:
                return True
            response = None
        return False

    def _asked(self, time_ns: int) -> Request | None:
        """The request of a response that began at ``time_ns``.

        Where messages may be missing it is the latest that came before the response.
        """
        if self._skip:
            self._skip -= 1
            return None
        waiting = self._open
        if waiting and waiting[0].answer is not None:
            self._close(waiting.popleft(), NOT_WHOLE)
        if self._lossy:
            while len(waiting) > 1 and waiting[1].time_ns <= time_ns:
                self._close(waiting.popleft(), NO_RESPONSE)
            if waiting and waiting[0].time_ns > time_ns:
                return None
        return waiting[0] if waiting else None

    def _answered(self, response: Response) -> bool:
        """A response is complete; whether the connection speaks another protocol from here on."""
        request = response.request
        if not response.is_final:
            return False
        if request is None:
            self.talk.emit(lone_response(response, NO_REQUEST, self.talk.stats))
            return False
        if not request.done:
            request.answer = response
            return False
        self._paired()
        self.talk.emit(pair(request, response, None, self.talk.stats))
        if not self._paused or len(self._open):
            return False
        self._paused = False
        return self._switch(request, response)

    def _switch(self, request: Request, response: Response) -> bool:
        if response.opens_tunnel:
            self.talk.identify_again()
            return True
        if response.line.status != SWITCHING:
            return False
        token = response.head.fields.get("upgrade", "").lower().partition("/")[0].strip()
        make = UPGRADES.get(token)
        if make is None:
            raise Undissected("connections upgraded to a protocol that is not dissected")
        self.talk.hand_over(lambda talk: make(talk, request, response))
        return True

    # --- both ------------------------------------------------------------------------------------------------------

    def _body(self, side: Side, message: Request | Response, body: Body, buffer: Buffer) -> bool:
        """Whether the body of ``message`` is complete now; one that is broken off is, too, for want of an end."""
        before = buffer.at
        try:
            complete = body.read(buffer)
        except Broken as broken:
            if broken.first and isinstance(body, ChunkedBody) and body.otherwise is not None:
                message.body = body.otherwise
                return self._body(side, message, message.body, buffer)
            self._lossy = True
            (self._requests if side == CLIENT else self._responses).lost = True
            body.cut = complete = True
        if buffer.at > before:
            message.end_ns = max(message.end_ns, buffer.time_at(buffer.at - 1))
        return complete

    def _cut_head(self, side: Side) -> None:
        """A message whose head runs into a gap, or into the end: what there is of it."""
        if self._paused or not len(self.talk.buffers[side]):
            return
        if side == CLIENT and (asked := self._requests.read_cut()) is not None:
            self._ask(asked)
        elif side == SERVER and (answered := self._responses.read_cut()) is not None:
            self._response = Response(answered, self._asked(answered[2]))
        else:
            self.talk.stats.count("HTTP messages of which not even the first line was captured")

    def _abandon(self, side: Side) -> None:
        """The message of ``side`` that is being read cannot be completed: what there is of it must do."""
        self._lossy = True
        if side == CLIENT:
            self._requests.lost = True
            self._paused = False
            if self._request is not None:
                self._request.done = True
                self._request = None
            return
        self._responses.lost = True
        response, self._response = self._response, None
        if response is None:
            return
        if response.request is None:
            self.talk.emit(lone_response(response, NO_REQUEST, self.talk.stats))
            return
        self._paired()
        self.talk.emit(pair(response.request, response, NOT_WHOLE, self.talk.stats))

    def _paired(self) -> None:
        """The first open request has its answer; none is open where it has been given up meanwhile."""
        if self._open:
            self._open.popleft()

    def _close(self, request: Request, error: Problem) -> None:
        """A request gets no (other) response."""
        if request.answer is None:
            self.talk.emit(lone_request(request, error, self.talk.stats))
        else:
            self.talk.emit(pair(request, request.answer, error, self.talk.stats))
