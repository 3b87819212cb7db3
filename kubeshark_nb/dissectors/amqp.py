"""AMQP 0-9-1: methods with their ``-ok``, contents put together, channel by channel."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.dissectors.amqp_message import method_json, spoken, summary
from kubeshark_nb.dissectors.dissector import Dissector, Says, Undissected
from kubeshark_nb.dissectors.exchange import NONSENSE, Message, one_way
from kubeshark_nb.dissectors.frames import Frame, Frames, Malformed
from kubeshark_nb.dissectors.turns import Turns
from kubeshark_nb.items.entry import Problem
from kubeshark_nb.items.protocol import AMQP
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.traffic import Side, Why

GREETING = b"AMQP"
GREETINGS = (b"AMQP\x00\x00\x09\x01", b"AMQP\x01\x01\x00\x09")
HEAD = 7  # type, channel, size
END = 0xCE
METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
MAX_FRAME = 1 << 27
MAX_BODY = 8 << 20
MAX_TURNS = 1 << 14
MAX_CONTENTS = 1 << 12
ONE_WAY = orjson.dumps({"method": "empty"})
SIDES: tuple[Side, Side] = (CLIENT, SERVER)
# who says a method, by class and number
SAID = {
    CLIENT: {
        10: (11, 21, 31, 40, 70), 20: (10,), 40: (10, 20, 30, 40), 50: (10, 20, 30, 40, 50),
        60: (10, 20, 40, 70, 90, 100, 110), 85: (10,), 90: (10, 20, 30),
    },
    SERVER: {
        10: (10, 20, 30, 41, 60, 61, 71), 20: (11,), 40: (11, 21, 31, 51), 50: (11, 21, 31, 41, 51),
        60: (11, 21, 50, 60, 71, 72, 111), 85: (11,), 90: (11, 21, 31),
    },
}  # fmt: skip
SAID_BY_BOTH = {10: (50, 51), 20: (20, 21, 40, 41), 60: (30, 31, 80, 120)}
ANSWERS = {"Basic.GetOk": "Basic.Get", "Basic.GetEmpty": "Basic.Get"}
WITH_CONTENT = frozenset(("Basic.Publish", "Basic.Deliver", "Basic.Return", "Basic.GetOk"))


def probe(head: bytes) -> Says:
    """The greeting of a client, or a method that only one of the two says."""
    if head.startswith(GREETINGS):
        return Says.CLIENT
    if any(greeting.startswith(head) for greeting in GREETINGS):
        return Says.MORE
    if head[0] != METHOD or not _may_be_frame(head):
        return Says.NO
    if len(head) < HEAD + 4:
        return Says.MORE
    kind, method = struct.unpack_from(">HH", head, HEAD)
    for side, says in ((CLIENT, Says.CLIENT), (SERVER, Says.SERVER)):
        if method in SAID[side].get(kind, ()):
            return says
    return Says.MORE if method in SAID_BY_BOTH.get(kind, ()) else Says.NO


def _may_be_frame(head: bytes) -> bool:
    """Whether the size of the first frame leads to its end mark, as far as ``head`` reaches."""
    size = int.from_bytes(head[3:7], "big")
    end = HEAD + size
    return len(head) < HEAD or (4 <= size <= 1 << 17 and (end >= len(head) or head[end] == END))  # noqa: PLR2004 - class and method


def measure(data: bytes, at: int) -> int:
    """Size of the frame at ``at`` (see `Frames`)."""
    left = len(data) - at
    if data.startswith(GREETING[: min(left, 4)], at) and left:
        return 8 if left >= 8 else 0  # noqa: PLR2004 - a greeting
    if left < HEAD:
        return 0
    size = int.from_bytes(data[at + 3 : at + HEAD], "big")
    if data[at] not in (METHOD, HEADER, BODY, HEARTBEAT) or size > MAX_FRAME:
        raise Malformed("not a frame")
    return HEAD + size + 1


class Content:
    """A method whose content is arriving."""

    __slots__ = ("body", "method", "missing", "properties", "size", "time_ns")

    def __init__(self, method: Any, frame: Frame) -> None:
        self.method = method
        self.time_ns = frame.time_ns
        self.size = frame.size
        self.properties: Any = None
        self.body = bytearray()
        self.missing = 0


class Amqp(Dissector):
    """One connection."""

    apart = True

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        self._frames = (Frames(measure), Frames(measure))
        self._lost = [False, False]
        self._contents: dict[tuple[Side, int], Content] = {}
        self._turns: dict[tuple[Side, int, str], Turns] = {}

    def advance(self) -> None:
        """Read whole frames of both sides."""
        try:
            for side in SIDES:
                self._read(side)
        except Malformed as error:
            self._finish(NONSENSE)
            raise Undissected("AMQP streams that stopped making sense") from error

    def gap(self, side: Side, missing: int) -> None:
        """The frame in the gap is lost, and the contents it may have been of; the next one is found by its look."""
        self._frames[side].reset()
        self._lost[side] = True
        for who, channel in [key for key in self._contents if key[0] == side]:
            self._complete(side, channel, self._contents.pop((who, channel)), self.talk.buffers[side].time_at(0))
            self.talk.stats.truncated += 1
        for turns in self._turns.values():
            turns.gap()

    def end(self, side: Side, why: Why) -> None:
        """No answer comes any more, once both are silent."""
        if all(buffer.ended for buffer in self.talk.buffers):
            self._finish(self.talk.half(why))

    def _finish(self, error: Problem) -> None:
        for turns in self._turns.values():
            turns.end(error)

    def _read(self, side: Side) -> None:
        buffer, frames = self.talk.buffers[side], self._frames[side]
        if self._lost[side]:
            self._lost[side] = not _found(buffer)
        while (frame := frames.read(buffer)) is not None:
            if frame.data[0] == GREETING[0]:
                continue
            if not frame.cut and frame.data[-1] != END:
                raise Malformed("a frame without its end")
            self._take(side, frame)

    def _take(self, side: Side, frame: Frame) -> None:
        kind, channel = frame.data[0], int.from_bytes(frame.data[1:3], "big")
        if kind == METHOD:
            self._method(side, channel, frame)
        elif kind in (HEADER, BODY) and (content := self._contents.get((side, channel))) is not None:
            if kind == HEADER:
                self._header(content, frame)
            else:
                self._body(content, frame)
            content.size += frame.size
            if content.properties is not None and content.missing <= 0:
                del self._contents[side, channel]
                self._complete(side, channel, content, frame.end_ns)

    def _method(self, side: Side, channel: int, frame: Frame) -> None:
        method = self._unmarshalled(frame)
        if method is None:
            return
        if method.name in WITH_CONTENT:
            if len(self._contents) >= MAX_CONTENTS:
                raise Malformed("more contents at once than there are channels")
            self._contents[side, channel] = Content(method, frame)
            return
        message = Message(
            method_json(method), frame.time_ns, frame.end_ns, frame.size, spoken(method.name), summary(method)
        )
        self._said(side, channel, method, message)

    def _header(self, content: Content, frame: Frame) -> None:
        header = self._unmarshalled(frame)
        if header is not None:
            content.properties = header.properties
            content.missing = header.body_size

    def _body(self, content: Content, frame: Frame) -> None:
        payload = frame.data[HEAD : HEAD + frame.size - HEAD - 1]
        content.missing -= frame.size - HEAD - 1
        room = MAX_BODY - len(content.body)
        content.body += payload[:room]
        self.talk.stats.truncated += len(payload) > room

    def _complete(self, side: Side, channel: int, content: Content, end_ns: int) -> None:
        method = content.method
        json = method_json(method, content.properties or (), bytes(content.body))
        message = Message(json, content.time_ns, end_ns, content.size, spoken(method.name), summary(method))
        self._said(side, channel, method, message)

    def _said(self, side: Side, channel: int, method: Any, message: Message) -> None:
        """A method is a question, an answer, or neither."""
        name = method.name
        if name == "Channel.Close":
            refused = Problem("connection", f"the channel was closed: {summary(method)}")
            for (asker, where, _), turns in self._turns.items():
                if asker != side and where == channel:
                    turns.refuse(refused, message.time_ns)
        if name.endswith("Ok") or name in ANSWERS:
            self._between(SIDES[1 - side], channel, ANSWERS.get(name, name[:-2])).answer(message)
        elif method.synchronous and not getattr(method, "nowait", False):
            self._between(side, channel, name).ask(message)
        else:
            self.talk.emit(one_way(AMQP, message, side, empty=ONE_WAY))

    def _between(self, side: Side, channel: int, name: str) -> Turns:
        """The turns of one method of one channel, asked by ``side``."""
        key = (side, channel, name)
        turns = self._turns.get(key)
        if turns is None:
            if len(self._turns) >= MAX_TURNS:
                raise Malformed("too many channels")
            turns = self._turns[key] = Turns(self.talk, AMQP, side=side)
        return turns

    def _unmarshalled(self, frame: Frame) -> Any:
        """What pamqp makes of a frame, ``None`` (counted) when it cannot."""
        from pamqp.exceptions import PAMQPException
        from pamqp.frame import unmarshal

        try:
            return unmarshal(frame.data)[2]
        except (PAMQPException, ValueError, LookupError, TypeError, OverflowError, RecursionError, struct.error):
            self.talk.stats.count("AMQP frames that could not be read")
            return None


def _found(buffer: Buffer) -> bool:
    """Skip to where a frame may begin: at the start of a segment, or behind the end of a frame."""
    data = buffer.data
    at = buffer.at
    while at >= 0:
        head = data[at : at + HEAD]
        if len(head) == HEAD and head[0] in (METHOD, HEADER, BODY, HEARTBEAT):
            end = at + HEAD + int.from_bytes(head[3:], "big")
            if end < len(data) and data[end] == END:
                buffer.at = at
                return True
        at = data.find(END, at) + 1 or -1
        if at >= len(data):
            break
    buffer.clear()
    return False
