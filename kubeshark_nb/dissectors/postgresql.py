"""PostgreSQL (protocol 3, https://www.postgresql.org/docs/current/protocol.html): statements and their outcome."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from kubeshark_nb.dissectors.dissector import Dissector, Undissected
from kubeshark_nb.dissectors.exchange import NONSENSE
from kubeshark_nb.dissectors.frames import Frame, Frames, Malformed
from kubeshark_nb.dissectors.postgresql_wire import (
    ASKS,
    CANCEL,
    GSS,
    HEAD,
    SSL,
    TELLS,
    find_message,
    measure,
    measure_startup,
    parameters,
    text,
)
from kubeshark_nb.dissectors.statements import Statement, Statements, command_of
from kubeshark_nb.items.protocol import POSTGRESQL
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.traffic import Side, Why

MAX_NAMED = 4096
MAX_OPEN = 1 << 16
# what completes which step
COMPLETES = {ord("1"): "parse", ord("2"): "bind", ord("3"): "close", ord("n"): "describe", ord("T"): "describe"}
ROUNDS = frozenset(("query", "startup", "sync", "call"))  # answered up to "ready for query"
FINISHES = frozenset(b"CIs")


class Postgresql(Dissector):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        starts = talk.buffers[CLIENT].data[talk.buffers[CLIENT].at :][:1] == b"\0"
        self._starting = starts
        self._asked_tls: list[int] = []  # when encryption was asked for, answered by one byte
        self._frames = [Frames(measure_startup if starts else measure), Frames(measure)]
        self._lost = [False, False]
        self._open: Statements[Statement] = Statements(talk, POSTGRESQL, deque())
        self._queries: dict[bytes, str] = {}  # by the name of the prepared statement
        self._portals: dict[bytes, tuple[str, list[str | None]]] = {}
        self._user = self._database = ""

    def advance(self) -> None:
        """Read whole messages of both sides."""
        try:
            self._client()
            if self._tls_answered():
                self._server()
        except Malformed as error:
            self._open.end(NONSENSE)
            raise Undissected("PostgreSQL streams that stopped making sense") from error

    def gap(self, side: Side, missing: int) -> None:
        """The message in the gap is lost; the next one is looked for at the start of a segment."""
        if self._starting:
            raise Undissected("PostgreSQL streams whose start is incomplete")
        self._frames[side].reset()
        self._lost[side] = True
        self._open.gap()

    def end(self, side: Side, why: Why) -> None:
        """No answer comes any more, once both are silent."""
        if all(buffer.ended for buffer in self.talk.buffers):
            self._open.end(self.talk.half(why))

    # --- the client --------------------------------------------------------------------------------------------------

    def _client(self) -> None:
        """Read what the client says, up to a wish for encryption that waits for its answer."""
        buffer = self.talk.buffers[CLIENT]
        while self._starting and not self._asked_tls and (frame := self._frames[CLIENT].read(buffer)) is not None:
            self._startup(frame)
        if not self._starting and self._ready(CLIENT, ASKS):
            while (frame := self._frames[CLIENT].read(buffer)) is not None:
                self.talk.stats.truncated += frame.cut
                act = ACTIONS.get(frame.data[0])
                if act is not None:
                    act(self, frame)

    def _startup(self, frame: Frame) -> None:
        code = int.from_bytes(frame.data[4:8], "big")
        if code in (SSL, GSS):
            self._asked_tls.append(frame.time_ns)
            return
        self._starting = False
        self._frames[CLIENT] = Frames(measure)
        if code == CANCEL:
            return  # a connection of its own, never answered
        words = frame.data[8:].split(b"\0")
        settings = dict(zip(words[::2], words[1::2], strict=False))
        self._user = text(settings.get(b"user", b""))
        self._database = text(settings.get(b"database", b"")) or self._user
        self._ask("startup", frame, "STARTUP", "")

    def _tls_answered(self) -> bool:
        """Whether the server's bytes are messages: it answers the wish for encryption with a single byte."""
        buffer = self.talk.buffers[SERVER]
        while self._asked_tls:
            if not len(buffer):
                return False
            answer = buffer.take(1)
            self._asked_tls.pop()
            if answer in (b"S", b"G"):
                self.talk.identify_again()
                return False
            if answer != b"N":
                raise Malformed("neither yes nor no to encryption")
            self._client()
        return True

    def _ask(
        self, kind: str, frame: Frame, command: str, query: str, parameters: list[str | None] | None = None
    ) -> None:
        document = {
            "command": command,
            "query": query,
            "database": self._database,
            "user": self._user,
            "parameters": parameters or [],
        }
        self._step(kind, frame, document)

    def _step(self, kind: str, frame: Frame, document: dict[str, Any] | None = None) -> None:
        if len(self._open) >= MAX_OPEN:
            raise Malformed("too many statements without an outcome")
        self._open.add(Statement(kind, frame, document, last=kind in ROUNDS))

    def _query(self, frame: Frame) -> None:
        query = text(frame.data[HEAD:].rstrip(b"\0"))
        self._ask("query", frame, command_of(query), query)

    def _parse(self, frame: Frame) -> None:
        name, query, *_ = [*frame.data[HEAD:].split(b"\0", 2), b""]
        if len(self._queries) < MAX_NAMED or name in self._queries:
            self._queries[name] = text(query)
        self._step("parse", frame)

    def _bind(self, frame: Frame) -> None:
        portal, name, rest = [*frame.data[HEAD:].split(b"\0", 2), b"", b""][:3]
        if len(self._portals) < MAX_NAMED or portal in self._portals:
            self._portals[portal] = self._queries.get(name, ""), parameters(rest)
        self._step("bind", frame)

    def _execute(self, frame: Frame) -> None:
        query, parameters = self._portals.get(frame.data[HEAD:].partition(b"\0")[0], ("", []))
        self._ask("execute", frame, command_of(query) or "EXECUTE", query, parameters)

    # --- the server --------------------------------------------------------------------------------------------------

    def _server(self) -> None:
        buffer = self.talk.buffers[SERVER]
        if not self._ready(SERVER, TELLS):
            return
        while (frame := self._frames[SERVER].read(buffer)) is not None:
            if frame.data[0] not in TELLS:
                raise Malformed("not a message of a server")
            self._told(frame.data[0], frame)

    def _told(self, kind: int, frame: Frame) -> None:
        statement = self._open.first(frame.time_ns)
        if statement is None or kind in b"NAK":
            return  # notices and notifications come at any time
        statement.answered(frame)
        if kind == ord("D"):
            statement.rows += 1
        elif kind == ord("E"):
            self._failed(statement, frame)
        elif kind == ord("Z"):
            self._ready_again(frame)
        elif kind in FINISHES:
            _succeeded(statement, frame)
            if statement.kind == "execute":
                self._open.done(frame.end_ns)
        elif COMPLETES.get(kind) == statement.kind:
            self._open.done(frame.end_ns)

    def _failed(self, statement: Statement, frame: Frame) -> None:
        fields = {part[:1]: text(part[1:]) for part in frame.data[HEAD:].split(b"\0") if part}
        outcome = {
            "success": False,
            "errorCode": fields.get(b"C", ""),
            "errorMessage": fields.get(b"M", ""),
            "severity": fields.get(b"S", ""),
            "tag": "",
            "rows": statement.rows,
        }
        statement.outcome = outcome
        if statement.kind in ("query", "startup"):
            if statement.kind == "startup":
                self._open.done(frame.end_ns)
            return
        self._skip(outcome, frame)

    def _skip(self, outcome: dict[str, object], frame: Frame) -> None:
        """An error in the extended protocol: the statement it was on the way to has failed, what follows is skipped."""
        told = False
        while (statement := self._open.first(frame.time_ns)) is not None and statement.kind != "sync":
            statement.outcome = outcome
            if not statement.size:
                statement.answered(frame)
            statement.shown = statement.shown and not told
            told = told or statement.shown
            self._open.done(frame.end_ns)

    def _ready_again(self, frame: Frame) -> None:
        """Whatever was going on has ended."""
        while (statement := self._open.first(frame.time_ns)) is not None:
            if not statement.outcome:
                _succeeded(statement, None)
            self._open.done(frame.end_ns)
            if statement.last:
                return

    def _ready(self, side: Side, types: frozenset[int]) -> bool:
        """Whether the next message of ``side`` begins at its buffer's position."""
        if self._lost[side]:
            self._lost[side] = not find_message(self.talk.buffers[side], types)
        return not self._lost[side]


ACTIONS: dict[int, Callable[[Postgresql, Frame], None]] = {
    ord("Q"): Postgresql._query,  # noqa: SLF001 - this module's own table
    ord("P"): Postgresql._parse,  # noqa: SLF001
    ord("B"): Postgresql._bind,  # noqa: SLF001
    ord("E"): Postgresql._execute,  # noqa: SLF001
    ord("D"): lambda self, frame: self._step("describe", frame),
    ord("C"): lambda self, frame: self._step("close", frame),
    ord("S"): lambda self, frame: self._step("sync", frame),
    ord("F"): lambda self, frame: self._ask("call", frame, "FUNCTION", ""),
}


def _succeeded(statement: Statement, frame: Frame | None) -> None:
    """A query may hold several statements: the tags are put together. A failure stays one."""
    if statement.outcome.get("success") is False:
        return
    tag = text(frame.data[HEAD:].rstrip(b"\0")) if frame is not None and frame.data[0] == ord("C") else ""
    before = statement.outcome.get("tag", "")
    statement.outcome = {
        "success": True,
        "errorCode": "",
        "errorMessage": "",
        "severity": "",
        "tag": f"{before}; {tag}" if before and tag else before or tag,
        "rows": statement.rows,
    }
