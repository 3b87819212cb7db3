"""MySQL and MariaDB: commands and their outcome (dev.mysql.com: PAGE_PROTOCOL)."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from kubeshark_nb.dissectors import tls
from kubeshark_nb.dissectors.dissector import Dissector, Says, Undissected
from kubeshark_nb.dissectors.exchange import NONSENSE
from kubeshark_nb.dissectors.frames import Frame, Frames, Malformed
from kubeshark_nb.dissectors.mysql_answer import Answer
from kubeshark_nb.dissectors.mysql_compressed import LOOK, Unpackable, Unpacked, begins
from kubeshark_nb.dissectors.mysql_login import (
    ALL_FLAGS,
    ATTRIBUTES,
    COMPRESS,
    LOGIN_SIZE,
    NO_EOF,
    offered,
    parse_login,
    text,
)  # fmt: skip
from kubeshark_nb.dissectors.mysql_probe import GREETING, LOGIN_NUMBERS
from kubeshark_nb.dissectors.mysql_words import (
    BINLOG_DUMP,
    BINLOG_GTID,
    CHANGE_USER,
    COMMANDS,
    INIT_DB,
    PREPARE,
    QUERY,
    UNANSWERED,
    WITH_STATEMENT,
    WITH_TEXT,
    without_attributes,
)  # fmt: skip
from kubeshark_nb.dissectors.statements import Statement, Statements
from kubeshark_nb.items.protocol import MYSQL
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.items.entry import Problem
    from kubeshark_nb.traffic import Side, Why

HEAD = 4  # length and sequence number
HELLOS = frozenset((Says.CLIENT, Says.SERVER))
MAX_PREPARED = 4096
MAX_OPEN = 1 << 16
MAX_LATE = 1 << 8
MAX_EARLY = 2 << 20  # bytes of TLS that wait for a greeting


def measure(data: bytes, at: int) -> int:
    """Size of the packet at ``at`` (see `Frames`)."""
    return HEAD + int.from_bytes(data[at : at + 3], "little") if len(data) - at >= HEAD else 0


class Asked(Statement):
    """A command and the answer as far as it has come."""

    __slots__ = ("answer", "query")

    def __init__(self, kind: str, frame: Frame, document: dict[str, Any], answer: Answer) -> None:
        super().__init__(kind, frame, document)
        self.answer = answer
        self.query = str(document["query"])


class Mysql(Dissector):
    """One connection, or what is inside TLS of one.

    Args:
        wanted: capability flags of the client, where it said them before TLS; else -1.
        offered: those of the server.
    """

    apart = True

    def __init__(self, talk: StreamTalk, wanted: int = -1, offered: int = ALL_FLAGS) -> None:
        super().__init__(talk)
        self._frames = (Frames(measure), Frames(measure))
        self._lost = [False, False]
        self._open: Statements[Asked] = Statements(talk, MYSQL, deque())
        self._queries: dict[int, str] = {}
        self._preparing: Asked | None = None  # the latest, whose answer was not read yet
        self._late: list[Asked] = []  # what is not answered, and may be about the statement it prepares
        self._greeted = False
        self._begins = True  # nothing was heard of the client but the wish to encrypt
        self._flags = wanted  # what the client wants, -1 when that was not captured
        self._offered = offered  # what the server can, as far as it was read
        self._compression = wanted >= 0 and self._both_compress  # once the login is over
        self._unpacked: list[Unpacked | None] = [None, None]  # of sides that compress what they say
        self._wants_tls = False
        self._user = self._database = ""

    def advance(self) -> None:
        """Read whole packets of both sides, up to where TLS begins."""
        try:
            self._read(CLIENT)
            self._read(SERVER)
        except Malformed as error:
            self._end(NONSENSE)
            known = isinstance(error, Unpackable)
            raise Undissected(str(error) if known else "MySQL streams that stopped making sense") from error
        if self._wants_tls and (self._greeted or len(self.talk.buffers[CLIENT]) > MAX_EARLY):
            self._give_way()

    def gap(self, side: Side, missing: int) -> None:
        """The packet in the gap is lost; the next one is looked for at the start of a segment."""
        self._frames[side].reset()
        self._lost[side] = True
        if side == CLIENT and self._wants_tls and len(self.talk.buffers[CLIENT]):
            self._give_way()  # what is unread may be the hello
        self._open.gap()
        self._prepared()
        if side == SERVER and self._compression and self._unpacked[SERVER] is None:
            self._unpacked[SERVER] = Unpacked(1)  # that the login is over is in the gap
        unpacked = self._unpacked[side]
        if unpacked is not None:
            unpacked.lost()

    def end(self, side: Side, why: Why) -> None:
        """No answer comes any more, once both are silent."""
        if all(buffer.ended for buffer in self.talk.buffers):
            self._end(self.talk.half(why))
            if self._wants_tls:
                self._give_way()

    def _give_way(self) -> None:
        """To TLS, inside of which we go on."""
        self.talk.identify_again(partial(Mysql, wanted=self._flags, offered=self._offered))

    @property
    def _both_compress(self) -> bool:
        return bool(self._flags & self._offered & COMPRESS)

    def _end(self, error: Problem) -> None:
        self._prepared()
        self._open.end(error)

    def _read(self, side: Side) -> None:
        raw = self.talk.buffers[side]
        if self._unpacked[side] is None:
            self._read_packets(side, raw)
        unpacked = self._unpacked[side]
        while unpacked is not None and unpacked.read(raw):
            self._read_packets(side, unpacked.plain)
            unpacked.plain.settle()

    def _read_packets(self, side: Side, buffer: Buffer) -> None:
        frames, before = self._frames[side], self._unpacked[side]
        if self._lost[side] and not self._encrypts(side, buffer):
            self._lost[side] = not _found(buffer, 0 if side == CLIENT else 1)
        while not self._pauses(side, buffer):
            frame = frames.read(buffer)
            if frame is None:
                break
            self.talk.stats.truncated += frame.cut
            if side == CLIENT:
                self._said(frame)
            else:
                self._told(frame)
            if self._unpacked[side] is not before:
                return

    def _pauses(self, side: Side, buffer: Buffer) -> bool:
        """Whether what comes next is not, or perhaps not, a plain packet."""
        if self._encrypts(side, buffer):
            return True
        if side == CLIENT and self._compression and self._unpacked[CLIENT] is None:
            return not self._frames[CLIENT].partial and self._client_compresses(buffer)
        return False

    def _encrypts(self, side: Side, buffer: Buffer) -> bool:
        """Whether TLS begins here, or may: behind the wish, or with a hello where the wish was not captured."""
        if not self._begins or self._frames[side].partial:
            return False
        if self._wants_tls and (side == CLIENT or self._greeted):
            return True
        if not self._greeted and self._flags < 0:
            return False  # these bytes made us: whoever knows TLS was asked first
        says = tls.probe(buffer.data[buffer.at : buffer.at + LOOK])
        if says in HELLOS:
            self._wants_tls = True
            self._greeted |= side == SERVER
        return says in HELLOS or (says is Says.MORE and len(buffer) > 0)

    # --- the client --------------------------------------------------------------------------------------------------

    def _said(self, frame: Frame) -> None:
        number, payload = frame.data[3], frame.data[HEAD:]
        if number == 0 and payload:
            self._command(payload, frame)
        elif number in LOGIN_NUMBERS and self._begins and len(payload) >= LOGIN_SIZE:
            self._login(payload, frame)

    def _client_compresses(self, raw: Buffer) -> bool:
        """Whether it does from here on, or may. Packets with a number are steps of the login."""
        head = raw.data[raw.at : raw.at + LOOK]
        if len(head) < HEAD or head[3]:
            return False
        compresses = begins(head)
        if compresses is None:
            return True
        if not compresses:
            self._compression = False  # a server that was not heard yet does not offer it
            self._unpacked[SERVER] = None
            return False
        self._unpacked[CLIENT] = Unpacked(0)
        if self._begins:  # the login is lost
            self._unpacked[SERVER] = unpacked = Unpacked(1)
            unpacked.lost()
        return True

    def _login(self, payload: bytes, frame: Frame) -> None:
        login = parse_login(payload)
        if login.tls:
            self._wants_tls = True
            self._flags = login.flags
            return
        self._begins = False
        self._flags, self._user, self._database = login.flags, login.user, login.database
        self._compression = self._both_compress
        self._wait(self._asked("login", frame, "CONNECT", ""))

    def _command(self, payload: bytes, frame: Frame) -> None:
        self._begins = False
        code = payload[0]
        name = COMMANDS.get(code)
        if name is None:
            raise Malformed("not a command")
        number = int.from_bytes(payload[1:5], "little") if code in WITH_STATEMENT else 0
        query = self._queries.get(number, "") if number else ""
        if code in WITH_TEXT:
            query = text(self._statement(payload) if code == QUERY else payload[1:])
        if code in (BINLOG_DUMP, BINLOG_GTID):
            raise Undissected("MySQL replication streams")
        if code == INIT_DB:
            self._database = query
        elif code == CHANGE_USER:
            self._user = text(payload[1:].partition(b"\0")[0])
        asked = self._asked(name.lower(), frame, f"COM_{name}", query, number)
        if code not in UNANSWERED:
            self._wait(asked)
        elif number and not query and self._preparing is not None:
            self._late.append(asked)
        else:
            self._open.alone(asked)
        if code == PREPARE:
            self._preparing = asked
        elif len(self._late) > MAX_LATE:
            self._prepared()

    def _statement(self, payload: bytes) -> bytes:
        if self._flags & ATTRIBUTES if self._flags >= 0 else payload[1:3] == b"\0\1":
            return without_attributes(payload)
        return payload[1:]

    def _asked(self, kind: str, frame: Frame, command: str, query: str, number: int = 0) -> Asked:
        document = {
            "command": command,
            "query": query,
            "database": self._database,
            "user": self._user,
            "statementId": number,
        }
        old = None if self._flags < 0 else not self._flags & NO_EOF
        return Asked(kind, frame, document, Answer(kind, old=old))

    def _wait(self, asked: Asked) -> None:
        if len(self._open) >= MAX_OPEN:
            raise Malformed("too many commands without an outcome")
        self._open.add(asked)

    # --- the server --------------------------------------------------------------------------------------------------

    def _told(self, frame: Frame) -> None:
        payload = frame.data[HEAD:]
        if not self._greeted and frame.data[3] == 0 and GREETING.match(frame.data[:80]):
            self._greet(payload)
            return
        self._greeted = True
        asked = self._open.first(frame.time_ns)
        if asked is None:
            return
        asked.answered(frame)
        if asked.kind in ("login", "change_user") and payload[:1] not in (b"\0", b"\xff"):
            return  # another round of authentication
        if asked.answer.take(payload):
            self._finish(asked, frame.end_ns)

    def _prepared(self) -> None:
        """The answer about the latest prepared statement was read, or will not be: what waited for it."""
        self._preparing = None
        late, self._late = self._late, []
        for asked in late:
            asked.document["query"] = self._queries.get(asked.document["statementId"], "")
            self._open.alone(asked)

    def _greet(self, payload: bytes) -> None:
        self._greeted = True
        self._offered = offered(payload)
        self._compression &= self._both_compress

    def _finish(self, asked: Asked, end_ns: int) -> None:
        asked.outcome = asked.answer.outcome
        if asked.answer.statement and len(self._queries) < MAX_PREPARED:
            self._queries[asked.answer.statement] = asked.query
        if asked is self._preparing:
            self._prepared()
        if not asked.query:  # prepared by an answer that had not been read yet
            asked.document["query"] = self._queries.get(asked.document["statementId"], "")
        self._open.done(end_ns)
        if asked.kind == "login" and self._compression and asked.outcome["success"]:
            self._unpacked[SERVER] = Unpacked(1)


def _found(buffer: Buffer, number: int) -> bool:
    """Skip to a segment that begins with a packet of this number."""
    for start in buffer.starts():
        head = buffer.data[start : start + HEAD]
        if len(head) == HEAD and head[3] == number and 0 < int.from_bytes(head[:3], "little") < 1 << 20:
            buffer.at = start
            return True
    buffer.clear()
    return False
