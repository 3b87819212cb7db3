"""HTTP/1.0 and 1.1 (RFC 9112): the n-th request with the n-th response of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.dissector import Dissector, Undissected
from kubeshark_nb.dissectors.http1_entry import lone_request, lone_response, pair
from kubeshark_nb.dissectors.http1_message import SWITCHING, Request, Response
from kubeshark_nb.dissectors.http1_reader import request_reader, response_reader
from kubeshark_nb.dissectors.http_body import Broken, ChunkedBody
from kubeshark_nb.dissectors.pairs import Pairs
from kubeshark_nb.dissectors.upgrades import UPGRADES
from kubeshark_nb.items.entry import Problem
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.dissectors.http1_message import RequestLine, Start
    from kubeshark_nb.traffic import Side, Why

NO_REQUEST = Problem("pair-not-found", "the request of this response was not captured")
NO_RESPONSE = Problem("pair-not-found", "the response to this request was not captured")
NOT_WHOLE = Problem("dissection", "the message is not valid HTTP, or was not captured in full")


class Http1(Dissector):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        self._requests = request_reader(talk.buffers[CLIENT])
        self._responses = response_reader(talk.buffers[SERVER])
        self._open: Pairs[Request] = Pairs()
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
            self._abandon(SERVER)
            for request in self._open.drain():
                self._close(request, self.talk.half(why))

    # --- requests --------------------------------------------------------------------------------------------------

    def _read_requests(self) -> None:
        buffer = self.talk.buffers[CLIENT]
        while buffer.at < len(buffer.data) and not self._paused:
            if self._request is None:
                start = self._requests.read()
                if start is None:
                    break
                self._ask(start)
            if not self._read_request_body(buffer):
                break

    def _ask(self, start: Start[RequestLine]) -> None:
        """A request is open as soon as its head is there, so that an early answer finds it."""
        self._request = request = Request(start)
        dropped = self._open.ask(request)
        if dropped is not None:
            self._close(dropped, self.talk.half("evicted"))

    def _read_request_body(self, buffer: Buffer) -> bool:
        """Whether the open request is complete now."""
        request = self._request
        assert request is not None
        if request.body is not None:
            complete = self._body(CLIENT, request, buffer)
            if not complete:
                return False
        else:
            request.end_ns = buffer.time_at(buffer.at - 1)
        self._request = None
        request.done = True
        self._paused = request.switches
        if request.answer is not None:
            self._paused = False
            self._open.answer()
            self.talk.emit(pair(request, request.answer, None, self.talk.stats))
        return True

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
            elif not self._body(SERVER, response, buffer):
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
        first = self._open.first()
        if first is not None and first.answer is not None:
            self._open.answer()
            self._close(first, NOT_WHOLE)
            first = self._open.first()
        if self._lossy:
            while (second := self._open.second()) is not None and second.time_ns <= time_ns:
                self._close(self._open.pop(), NO_RESPONSE)
            first = self._open.first()
            if first is not None and first.time_ns > time_ns:
                return None
        return first

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
        self._open.answer()
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

    def _body(self, side: Side, message: Request | Response, buffer: Buffer) -> bool:
        """Whether the body of ``message`` is complete now; one that is broken off is, too, for want of an end."""
        assert message.body is not None
        before = buffer.at
        try:
            complete = message.body.read(buffer)
        except Broken as broken:
            if broken.first and isinstance(message.body, ChunkedBody) and message.body.otherwise is not None:
                message.body = message.body.otherwise
                return self._body(side, message, buffer)
            self._lossy = True
            (self._requests if side == CLIENT else self._responses).lost = True
            message.body.cut = complete = True
        if buffer.at > before:
            message.end_ns = max(message.end_ns, buffer.time_at(buffer.at - 1))
        return complete

    def _cut_head(self, side: Side) -> None:
        """A message whose head runs into a gap: what there is of it."""
        if self._paused or not len(self.talk.buffers[side]):
            return
        if side == CLIENT:
            if (asked := self._requests.read_cut()) is not None:
                self._ask(asked)
        elif (answered := self._responses.read_cut()) is not None:
            self._response = Response(answered, self._asked(answered[2]))

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
        self._open.answer()
        self.talk.emit(pair(response.request, response, NOT_WHOLE, self.talk.stats))

    def _close(self, request: Request, error: Problem) -> None:
        """A request gets no (other) response."""
        if request.answer is None:
            self.talk.emit(lone_request(request, error, self.talk.stats))
        else:
            self.talk.emit(pair(request, request.answer, error, self.talk.stats))
