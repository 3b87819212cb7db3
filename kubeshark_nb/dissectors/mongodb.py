"""MongoDB (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol): commands and their outcome."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from kubeshark_nb.dissectors import bson, packed
from kubeshark_nb.dissectors.dissector import Dissector, Says, Undissected
from kubeshark_nb.dissectors.exchange import NONSENSE, Message, one_way
from kubeshark_nb.dissectors.frames import Frame, Frames, Malformed
from kubeshark_nb.dissectors.numbered import Numbered
from kubeshark_nb.items.protocol import MONGODB
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.traffic import Side, Why

HEADER = struct.Struct("<iiii").unpack_from  # length, number, number it answers, opcode
HEAD = 16
MAX_MESSAGE = 64 << 20
REPLY, UPDATE, INSERT, QUERY, GET_MORE, DELETE, KILL_CURSORS, COMPRESSED, MSG = (
    1, 2001, 2002, 2004, 2005, 2006, 2007, 2012, 2013,
)  # fmt: skip
OPCODES = {
    REPLY: "OP_REPLY", UPDATE: "OP_UPDATE", INSERT: "OP_INSERT", QUERY: "OP_QUERY", GET_MORE: "OP_GET_MORE",
    DELETE: "OP_DELETE", KILL_CURSORS: "OP_KILL_CURSORS", COMPRESSED: "OP_COMPRESSED", MSG: "OP_MSG",
}  # fmt: skip
UNANSWERED = frozenset((UPDATE, INSERT, DELETE, KILL_CURSORS))
COMPRESSORS = {0: packed.same, 1: packed.snappy, 2: packed.deflated, 3: packed.zstd}
CHECKSUM, MORE_TO_COME = 1, 2
KNOWN_FLAGS = 0x10003
MAX_STREAMS = 1024
MAX_DOCUMENTS = 1000
SIDES: tuple[Side, Side] = (CLIENT, SERVER)


def probe(head: bytes) -> Says:
    """A message header with an opcode of its own."""
    if len(head) < HEAD:
        opcode = head[12:14]
        return Says.MORE if len(head) < 4 or _may_be(int.from_bytes(head[:4], "little"), opcode) else Says.NO  # noqa: PLR2004
    size, _, answered, opcode = HEADER(head)
    if opcode not in OPCODES or not HEAD <= size <= MAX_MESSAGE:
        return Says.NO
    if opcode == MSG and len(head) >= HEAD + 4 and int.from_bytes(head[HEAD : HEAD + 4], "little") & ~KNOWN_FLAGS:
        return Says.NO
    if opcode == REPLY:
        return Says.SERVER if size >= HEAD + 20 else Says.NO
    return Says.CLIENT if not answered else Says.SERVER


def _may_be(size: int, opcode: bytes) -> bool:
    codes = [number.to_bytes(2, "little") for number in OPCODES]
    return HEAD <= size <= MAX_MESSAGE and any(code.startswith(opcode) for code in codes)


def measure(data: bytes, at: int) -> int:
    """Size of the message at ``at`` (see `Frames`)."""
    if len(data) - at < HEAD:
        return 0
    size, _, _, opcode = HEADER(data, at)
    if opcode not in OPCODES or not HEAD <= size <= MAX_MESSAGE:
        raise Malformed("not a message")
    return int(size)


class Said(NamedTuple):
    """What one message says: its opcode, its flags, the first document, and documents beside it by name."""

    opcode: int
    flags: int
    name: str
    body: dict[str, Any]


class Mongodb(Dissector):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        self._frames = (Frames(measure), Frames(measure))
        self._lost = [False, False]
        self._pairs = Numbered(talk, MONGODB)
        self._streams: set[int] = set()  # answers that announced another one

    def advance(self) -> None:
        """Read whole messages of both sides."""
        try:
            for side in SIDES:
                self._read(side)
        except Malformed as error:
            self._pairs.end(NONSENSE)
            raise Undissected("MongoDB streams that stopped making sense") from error

    def gap(self, side: Side, missing: int) -> None:
        """The message in the gap is lost; the next one is looked for at the start of a segment."""
        self._frames[side].reset()
        self._lost[side] = True

    def end(self, side: Side, why: Why) -> None:
        """No answer comes any more, once both are silent."""
        if all(buffer.ended for buffer in self.talk.buffers):
            self._pairs.end(self.talk.half(why))

    def _read(self, side: Side) -> None:
        buffer = self.talk.buffers[side]
        if self._lost[side]:
            self._lost[side] = not _found(buffer)
        while (frame := self._frames[side].read(buffer)) is not None:
            self.talk.stats.truncated += frame.cut
            try:
                said = read_message(frame.data)
            except (bson.Malformed, struct.error, ValueError):
                self.talk.stats.count("MongoDB messages that could not be read")
                continue
            if side == CLIENT:
                self._asked(frame, said)
            else:
                self._answered(frame, said)

    def _asked(self, frame: Frame, said: Said) -> None:
        document = request_document(said)
        row = (document["command"], document["collection"] or document["database"])
        message = Message(orjson.dumps(document), frame.time_ns, frame.end_ns, frame.size, *row)
        if said.opcode in UNANSWERED or (said.opcode == MSG and said.flags & MORE_TO_COME):
            self.talk.emit(one_way(MONGODB, message))
        else:
            self._pairs.ask(HEADER(frame.data)[1], message)

    def _answered(self, frame: Frame, said: Said) -> None:
        _, number, answered, _ = HEADER(frame.data)
        message = Message(orjson.dumps(response_document(said)), frame.time_ns, frame.end_ns, frame.size)
        if said.opcode == MSG and said.flags & MORE_TO_COME and len(self._streams) < MAX_STREAMS:
            self._streams.add(number)
        if answered in self._streams:
            self._streams.discard(answered)
            self.talk.emit(one_way(MONGODB, message, SERVER))
        else:
            self._pairs.answer(answered, message)


def read_message(data: bytes) -> Said:
    """A whole message.

    Raises:
        bson.Malformed, struct.error, ValueError: not one.
    """
    opcode = HEADER(data)[3]
    body = data[HEAD:]
    if opcode == COMPRESSED:
        opcode, _, compressor = struct.unpack_from("<iiB", body)
        body = packed.plain(COMPRESSORS.get(compressor), body[9:])
    reader = BODIES.get(opcode)
    if reader is None:
        raise ValueError("an opcode nobody uses")
    return reader(opcode, body)


def _sections(opcode: int, body: bytes) -> Said:
    (flags,) = struct.unpack_from("<I", body)
    at, end = 4, len(body) - (4 if flags & CHECKSUM else 0)
    main: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    while at < end:
        kind = body[at]
        if kind == 0:
            main, at = bson.document(body, at + 1)
        elif kind == 1:
            at = _sequence(body, at + 1, beside)
        else:
            raise ValueError("an unknown section")
    return Said(opcode, flags, "", main | beside)


def _sequence(body: bytes, at: int, beside: dict[str, Any]) -> int:
    (size,) = struct.unpack_from("<i", body, at)
    end = at + int(size)
    stop = body.index(b"\0", at + 4)
    documents: list[dict[str, Any]] = []
    next_at = stop + 1
    while next_at < min(end, len(body)) and len(documents) < MAX_DOCUMENTS:
        found, next_at = bson.document(body, next_at)
        documents.append(found)
    beside[body[at + 4 : stop].decode("utf-8", "backslashreplace")] = documents
    if size < 5:  # noqa: PLR2004 - a length and an empty name
        raise ValueError("an empty section")
    return end


def _query(opcode: int, body: bytes) -> Said:
    name, at = _name(body, 4)
    return Said(opcode, 0, name, bson.document(body, at + 8)[0])


def _reply(opcode: int, body: bytes) -> Said:
    flags, _, _, count = struct.unpack_from("<iqii", body)
    documents: list[dict[str, Any]] = []
    at = 20
    while at < len(body) and len(documents) < min(count, MAX_DOCUMENTS):
        found, at = bson.document(body, at)
        documents.append(found)
    return Said(opcode, flags, "", documents[0] if len(documents) == 1 else {"documents": documents})


def _written(opcode: int, body: bytes) -> Said:
    """The old writes: a collection, then documents."""
    name, at = _name(body, 0 if opcode == INSERT else 4)
    if opcode != INSERT:
        at += 4
    documents: list[dict[str, Any]] = []
    while at < len(body) and len(documents) < MAX_DOCUMENTS:
        found, at = bson.document(body, at)
        documents.append(found)
    return Said(opcode, 0, name, {"documents": documents})


def _cursor(opcode: int, body: bytes) -> Said:
    return Said(opcode, 0, _name(body, 4)[0] if opcode == GET_MORE else "", {})


def _name(body: bytes, at: int) -> tuple[str, int]:
    stop = body.index(b"\0", at)
    return body[at:stop].decode("utf-8", "backslashreplace"), stop + 1


BODIES = {
    MSG: _sections, QUERY: _query, REPLY: _reply, UPDATE: _written, INSERT: _written, DELETE: _written,
    GET_MORE: _cursor, KILL_CURSORS: _cursor,
}  # fmt: skip
OLD_COMMANDS = {
    QUERY: "find", UPDATE: "update", INSERT: "insert", DELETE: "delete", GET_MORE: "getMore",
    KILL_CURSORS: "killCursors",
}  # fmt: skip


def request_document(said: Said) -> dict[str, Any]:
    """The item's request: the command is the first member of its document."""
    database, _, collection = said.name.partition(".")
    command = OLD_COMMANDS.get(said.opcode, "")
    if said.opcode == MSG or collection == "$cmd":
        command = next(iter(said.body), "")
        target = said.body.get(command)
        collection = target if isinstance(target, str) else str(said.body.get("collection", ""))
        database = database or str(said.body.get("$db", ""))
    return {
        "opcode": OPCODES[said.opcode],
        "command": command,
        "database": database,
        "collection": collection,
        "document": said.body,
    }


def response_document(said: Said) -> dict[str, Any]:
    """The item's response; errors of single writes count as errors of the command."""
    body = said.body
    errors = body.get("writeErrors")
    wrong = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    failed = not body.get("ok", 1) or bool(wrong) or "$err" in body
    code = body.get("code") or wrong.get("code") or 0
    return {
        "opcode": OPCODES[said.opcode],
        "success": not failed,
        "errorCode": code if isinstance(code, int) else 0,
        "errorCodeName": str(body.get("codeName", "")) if failed else "",
        "errorMessage": str(body.get("errmsg") or wrong.get("errmsg") or body.get("$err") or "") if failed else "",
        "document": body,
    }


def _found(buffer: Buffer) -> bool:
    for start in buffer.starts():
        head = buffer.data[start : start + HEAD + 4]
        if len(head) >= HEAD and probe(head) in (Says.CLIENT, Says.SERVER):
            buffer.at = start
            return True
    buffer.clear()
    return False
