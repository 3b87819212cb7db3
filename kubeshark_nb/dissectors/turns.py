"""Taking turns: the n-th answer belongs to the n-th request, as far as the capture shows both.

The two sides of a connection are read one after the other, a window at a time, and bytes may be missing. So times
decide where the order alone would err: an answer never comes before its request, and after a gap it belongs to the
latest request that came before it, until the two sides are seen to wait for each other again.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.exchange import LOST, MAX_HELD, answer_only, exchange, one_way
from kubeshark_nb.traffic import CLIENT

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.dissector import Talk
    from kubeshark_nb.dissectors.exchange import Message
    from kubeshark_nb.items.entry import Problem
    from kubeshark_nb.items.protocol import Protocol
    from kubeshark_nb.traffic import Side

MAX_OPEN = 1 << 16  # a client may pipeline a whole window before its server's bytes are read
MAX_EARLY = 1 << 8


class Turns:
    """Pairs the messages of one connection (or channel) and makes their items.

    Args:
        side: who asks.
        empty: the member of an exchange whose request, or whose response, was not captured.
    """

    __slots__ = ("_early", "_empty", "_held", "_lossy", "_open", "_protocol", "_side", "_skip", "_talk")

    def __init__(self, talk: Talk, protocol: Protocol, empty: bytes = b"{}", side: Side = CLIENT) -> None:
        self._side = side
        self._talk = talk
        self._protocol = protocol
        self._empty = empty
        self._open: deque[Message] = deque()
        self._early: deque[Message] = deque()  # answers read before any request that could be theirs
        self._held = 0  # bytes of open requests
        self._lossy = False
        self._skip = 0  # answers to requests that were given up

    def ask(self, request: Message) -> None:
        """A request."""
        while self._early:
            answer = self._early.popleft()
            if answer.time_ns >= request.time_ns:
                self._pair(request, answer)
                return
            self._lone(answer)
        self._open.append(request)
        self._held += len(request.json)
        while len(self._open) > MAX_OPEN or self._held > MAX_HELD:
            self._skip += 1
            self._unanswered(self._taken(), self._talk.half("evicted"))

    def answer(self, response: Message) -> None:
        """A response."""
        if self._skip:
            self._skip -= 1
            self._lone(response)
            return
        request = self.waiting(response.time_ns)
        if request is None:
            self._early.append(response)
            if len(self._early) > MAX_EARLY:
                self._lone(self._early.popleft())
            return
        self._pair(self._taken(), response)
        if not self._open or self._open[0].time_ns >= response.time_ns:
            self._lossy = False

    def waiting(self, time_ns: int) -> Message | None:
        """The request that an answer which began at ``time_ns`` belongs to."""
        requests = self._open
        if self._lossy:
            while len(requests) > 1 and requests[1].time_ns <= time_ns:
                self._unanswered(self._taken(), LOST)
        return requests[0] if requests and requests[0].time_ns <= time_ns else None

    def gap(self) -> None:
        """Messages of either side may be missing."""
        self._lossy = True
        self._skip = 0

    def end(self, error: Problem) -> None:
        """No message comes any more, because of ``error``."""
        while self._early:
            self._lone(self._early.popleft())
        while self._open:
            self._unanswered(self._taken(), error)

    def refuse(self, error: Problem, time_ns: int) -> None:
        """What was asked before ``time_ns`` gets no answer, because of ``error``."""
        while self._open and self._open[0].time_ns <= time_ns:
            self._unanswered(self._taken(), error)

    def _taken(self) -> Message:
        request = self._open.popleft()
        self._held -= len(request.json)
        return request

    def _pair(self, request: Message, response: Message) -> None:
        self._talk.emit(exchange(self._protocol, request, response, self._side))

    def _lone(self, response: Message) -> None:
        self._talk.emit(answer_only(self._protocol, response, self._side, self._empty))

    def _unanswered(self, request: Message, error: Problem) -> None:
        self._talk.emit(one_way(self._protocol, request, self._side, error, self._empty))
