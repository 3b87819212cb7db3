"""MongoDB (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol): commands and their outcome."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors import bson
from kubeshark_nb.dissectors.dissector import Says, Undissected
from kubeshark_nb.dissectors.exchange import NONSENSE, Message, one_way
from kubeshark_nb.dissectors.framed import Framed
from kubeshark_nb.dissectors.frames import Frame, Malformed
from kubeshark_nb.dissectors.mongodb_message import (
    DELETE,
    HEAD,
    HEADER,
    INSERT,
    KILL_CURSORS,
    MSG,
    OPCODES,
    REPLY,
    UPDATE,
    Said,
    read_message,
    request_document,
    response_document,
)
from kubeshark_nb.items.compact import compact
from kubeshark_nb.items.protocol import MONGODB
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.traffic import Side

MAX_MESSAGE = 64 << 20
UNANSWERED = frozenset((UPDATE, INSERT, DELETE, KILL_CURSORS))
MORE_TO_COME = 2
KNOWN_FLAGS = 0x10003
MAX_STREAMS = 1024
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


class Mongodb(Framed):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk, measure, MONGODB)
        self._streams: set[int] = set()  # answers that announced another one

    def advance(self) -> None:
        """Read whole messages of both sides."""
        try:
            for side in SIDES:
                self._read(side)
        except Malformed as error:
            self._pairs.end(NONSENSE)
            raise Undissected("MongoDB streams that stopped making sense") from error

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
        message = Message(compact(document), frame.time_ns, frame.end_ns, frame.size, *row)
        if said.opcode in UNANSWERED or (said.opcode == MSG and said.flags & MORE_TO_COME):
            self.talk.emit(one_way(MONGODB, message))
        else:
            self._pairs.ask(HEADER(frame.data)[1], message)

    def _answered(self, frame: Frame, said: Said) -> None:
        _, number, answered, _ = HEADER(frame.data)
        message = Message(compact(response_document(said)), frame.time_ns, frame.end_ns, frame.size)
        if said.opcode == MSG and said.flags & MORE_TO_COME and len(self._streams) < MAX_STREAMS:
            self._streams.add(number)
        if answered in self._streams:
            self._streams.discard(answered)
            self.talk.emit(one_way(MONGODB, message, SERVER))
        else:
            self._pairs.answer(answered, message)


def _found(buffer: Buffer) -> bool:
    for start in buffer.starts():
        head = buffer.data[start : start + HEAD + 4]
        if len(head) >= HEAD and probe(head) in (Says.CLIENT, Says.SERVER):
            buffer.at = start
            return True
    buffer.clear()
    return False
