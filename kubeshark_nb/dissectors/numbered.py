"""An answer carries the number of its request: pairs that make their items, whichever side was read first."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.exchange import MAX_HELD, Message, answer_only, exchange, one_way
from kubeshark_nb.traffic import CLIENT

if TYPE_CHECKING:
    from collections.abc import Hashable

    from kubeshark_nb.dissectors.dissector import Talk
    from kubeshark_nb.items.entry import Problem
    from kubeshark_nb.items.protocol import Protocol
    from kubeshark_nb.traffic import Side

MAX_OPEN = 1 << 16
MAX_EARLY = 1 << 6


class Numbered:
    """Pairs the messages of one connection and makes their items."""

    __slots__ = ("_early", "_held", "_open", "_protocol", "_talk")

    def __init__(self, talk: Talk, protocol: Protocol) -> None:
        self._talk = talk
        self._protocol = protocol
        self._open: OrderedDict[tuple[Side, Hashable], Message] = OrderedDict()
        self._held = 0  # bytes of open requests
        self._early: OrderedDict[tuple[Side, Hashable], Message] = OrderedDict()

    def ask(self, number: Hashable, request: Message, side: Side = CLIENT) -> None:
        """A request of ``side``. A number that is still open is given up."""
        key = (side, number)
        early = self._early.pop(key, None)
        if early is not None and early.time_ns >= request.time_ns:
            self._talk.emit(exchange(self._protocol, request, early, side))
            return
        if early is not None:
            self._talk.emit(answer_only(self._protocol, early, side))
        if key in self._open:
            self._evict(key)
        self._open[key] = request
        self._held += len(request.json)
        while len(self._open) > MAX_OPEN or self._held > MAX_HELD:
            self._evict(next(iter(self._open)))

    def _evict(self, key: tuple[Side, Hashable]) -> None:
        self._unanswered(key[0], self._taken(key), self._talk.half("evicted"))

    def _taken(self, key: tuple[Side, Hashable]) -> Message:
        request = self._open.pop(key)
        self._held -= len(request.json)
        return request

    def answer(self, number: Hashable, response: Message, side: Side = CLIENT) -> None:
        """The answer to a request of ``side``."""
        key = (side, number)
        request = self._open.get(key)
        if request is not None and request.time_ns <= response.time_ns:
            self._talk.emit(exchange(self._protocol, self._taken(key), response, side))
            return
        self._early[key] = response
        if len(self._early) > MAX_EARLY:
            (side, _), response = self._early.popitem(last=False)
            self._talk.emit(answer_only(self._protocol, response, side))

    def end(self, error: Problem) -> None:
        """No answer comes any more."""
        while self._early:
            (side, _), response = self._early.popitem(last=False)
            self._talk.emit(answer_only(self._protocol, response, side))
        while self._open:
            key = next(iter(self._open))
            self._unanswered(key[0], self._taken(key), error)

    def _unanswered(self, side: Side, request: Message, error: Problem) -> None:
        self._talk.emit(one_way(self._protocol, request, side, error))
