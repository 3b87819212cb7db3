"""What databases have in common: statements in order, outcomes in order, and the words of an item's row."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kubeshark_nb.dissectors.exchange import LOST, MAX_HELD, Message, exchange, one_way
from kubeshark_nb.items.compact import compact

if TYPE_CHECKING:
    from collections import deque

    from kubeshark_nb.dissectors.dissector import Talk
    from kubeshark_nb.dissectors.frames import Frame
    from kubeshark_nb.items.entry import Problem
    from kubeshark_nb.items.protocol import Protocol

MAX_SUMMARY = 200
COMMENTS = re.compile(r"\s*(?:--[^\n]*\n|/\*.*?\*/|[\s(;])*", re.DOTALL)
WORD = re.compile(r"[A-Za-z_]+")
SPACE = re.compile(r"\s+")


class Statement:
    """What a client asked for, and what has come of it so far. ``document`` is the item's request.

    ``shown``: whether it makes an item; steps on the way to one do not. ``last``: whether a client usually waits for
    the answer of this one before it says more.
    """

    __slots__ = ("document", "frame", "kind", "last", "outcome", "rows", "shown", "size", "time_ns")

    def __init__(self, kind: str, frame: Frame, document: dict[str, Any] | None = None, *, last: bool = True) -> None:
        self.kind = kind
        self.last = last
        self.frame = frame._replace(data=b"")
        self.document = document or {}
        self.shown = document is not None
        self.outcome: dict[str, Any] = {}
        self.rows = 0
        self.size = 0  # bytes of the answer
        self.time_ns = 0  # of its first byte, 0 before

    def answered(self, frame: Frame) -> None:
        """One more message of the answer."""
        self.time_ns = self.time_ns or frame.time_ns
        self.size += frame.size


S = TypeVar("S", bound=Statement)


class Statements(Generic[S]):
    """The statements of a connection that have no outcome yet, oldest first."""

    def __init__(self, talk: Talk, protocol: Protocol, waiting: deque[S]) -> None:
        self._talk = talk
        self._protocol = protocol
        self._open = waiting
        self._held = 0  # bytes of their messages
        self._lossy = False

    def __len__(self) -> int:
        return len(self._open)

    def add(self, statement: S) -> None:
        """A client asks. The oldest are given up when there are too many for their bytes."""
        self._open.append(statement)
        self._held += statement.frame.size
        while self._held > MAX_HELD and len(self._open) > 1:
            self._lone(self._taken(), self._talk.half("evicted"))

    def alone(self, statement: S) -> None:
        """A client says something that is not answered."""
        self._talk.emit(one_way(self._protocol, self._message(statement)))

    def first(self, time_ns: int) -> S | None:
        """What an answer at ``time_ns`` is about, ``None`` when nothing had been asked by then."""
        waiting = self._open
        if self._lossy:
            for _ in range(self._passed(time_ns)):
                self._lone(self._taken(), LOST)
            self._lossy = False
        return waiting[0] if waiting and waiting[0].frame.time_ns <= time_ns else None

    def _passed(self, time_ns: int) -> int:
        """How many statements are over for sure: those before the latest that was begun by ``time_ns`` after a wait."""
        passed = 0
        for at, (before, statement) in enumerate(pairwise(self._open), 1):
            if statement.frame.time_ns > time_ns:
                break
            if before.last:
                passed = at
        return passed

    def done(self, end_ns: int) -> S:
        """The first has its outcome: an item."""
        statement = self._taken()
        if statement.shown:
            answer = Message(compact(statement.outcome), statement.time_ns or end_ns, end_ns, statement.size)
            self._talk.emit(exchange(self._protocol, self._message(statement), answer))
        return statement

    def gap(self) -> None:
        """Messages may be missing."""
        self._lossy = True

    def end(self, error: Problem) -> None:
        """No outcome comes any more."""
        while self._open:
            self._lone(self._taken(), error)

    def _taken(self) -> S:
        statement = self._open.popleft()
        self._held -= statement.frame.size
        return statement

    def _lone(self, statement: S, error: Problem) -> None:
        if statement.shown:
            self._talk.emit(one_way(self._protocol, self._message(statement), error=error))

    def _message(self, statement: S) -> Message:
        document, frame = statement.document, statement.frame
        return Message(
            compact(document), frame.time_ns, frame.end_ns, frame.size, str(document["command"]), summary(document)
        )


def command_of(query: str) -> str:
    """``SELECT`` of ``/* hint */ (select 1)``."""
    start = COMMENTS.match(query)
    word = WORD.match(query, start.end() if start else 0)
    return word[0].upper() if word else ""


def summary(document: dict[str, Any]) -> str:
    """What the row shows of a request: the statement on one line, else where it goes to."""
    query = str(document.get("query", ""))[: 4 * MAX_SUMMARY]
    return SPACE.sub(" ", query).strip()[:MAX_SUMMARY] or str(
        document.get("collection") or document.get("database", "")
    )
