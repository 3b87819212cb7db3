"""WebSocket (RFC 6455) behind its HTTP/1 handshake: one item per message."""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.dissectors.dissector import Dissector
from kubeshark_nb.dissectors.http_content import MAX_CONTENT
from kubeshark_nb.dissectors.http_head import text
from kubeshark_nb.dissectors.permessage_deflate import inflaters
from kubeshark_nb.dissectors.websocket_frames import CLOSE, CONTINUATION, OPCODES, TEXT, Frames, Lost, find_frame
from kubeshark_nb.items.entry import Entry, Problem
from kubeshark_nb.items.protocol import WS
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.dissectors.http1_message import Request, Response
    from kubeshark_nb.dissectors.websocket_frames import Part
    from kubeshark_nb.traffic import Side, Why

NO_CODE = 1005  # RFC 6455, 7.4.1: the peer gave none
SUMMARY = 100  # characters of a text that the item's row shows
CUT = Problem("dissection", "a part of the message was not captured, or it is too long")
PACKED = Problem("dissection", "compressed with messages in mind that were not captured")


class Message:
    """A message while its frames come in."""

    __slots__ = ("compressed", "cut", "end_ns", "fragments", "kept", "opcode", "size", "time_ns", "wire")

    def __init__(self, part: Part) -> None:
        self.opcode = part.header.opcode
        self.compressed = part.header.compressed
        self.time_ns = part.start_ns
        self.end_ns = part.time_ns
        self.kept = bytearray()
        self.fragments = 0
        self.size = 0
        self.wire = 0
        self.cut = False

    def add(self, part: Part) -> None:
        """The next bytes."""
        self.fragments += part.begins
        self.size += len(part.payload)
        self.wire += part.wire
        self.end_ns = part.time_ns
        kept = part.payload[: MAX_CONTENT - len(self.kept)]
        self.cut = self.cut or len(kept) < len(part.payload)
        self.kept += kept


class WebSocket(Dissector):
    """One connection."""

    apart = True

    def __init__(self, talk: StreamTalk, request: Request, response: Response) -> None:
        super().__init__(talk)
        self._url = text(request.line.target)
        self._inflaters = inflaters(response.head.fields.get("sec-websocket-extensions", ""))
        self._frames = [Frames(), Frames()]
        self._open: list[Message | None] = [None, None]  # a text or binary message of each side
        self._control: list[Message | None] = [None, None]
        self._lost = [False, False]

    def advance(self) -> None:
        """Read the messages of both sides."""
        for side in (CLIENT, SERVER):
            buffer = self.talk.buffers[side]
            try:
                if self._found(side):
                    for part in self._frames[side].read(buffer):
                        self._part(side, part)
            except Lost:
                self.talk.stats.count("WebSocket frames that make no sense")
                self._lose(side)
                buffer.clear()

    def gap(self, side: Side, missing: int) -> None:
        """Inside a payload a gap is only missing content; elsewhere the next message has to be found."""
        message = self._control[side] or self._open[side]
        if not self._lost[side] and not len(self.talk.buffers[side]) and self._frames[side].lost(missing):
            if message is not None:
                message.cut = True
            return
        self._lose(side)

    def end(self, side: Side, why: Why) -> None:
        """What is not whole is not whole."""
        message = self._open[side]
        if message is not None:
            self._emit(side, message, self.talk.half(why))
            self._open[side] = None

    def _found(self, side: Side) -> bool:
        buffer = self.talk.buffers[side]
        if not self._lost[side]:
            return True
        found = find_frame(buffer.data, buffer.starts(), masked=side == CLIENT)
        if found is None:
            buffer.clear()
            return False
        buffer.at = found
        self._lost[side] = False
        return True

    def _lose(self, side: Side) -> None:
        """Messages were lost: forget the open ones, look for the next."""
        self._lost[side] = True
        self._frames[side] = Frames()
        message, self._open[side], self._control[side] = self._open[side], None, None
        if message is not None:
            message.cut = True
            self._emit(side, message, CUT)
        if self._inflaters is not None:
            self._inflaters[side].lose()

    def _part(self, side: Side, part: Part) -> None:
        header = part.header
        slot = self._control if header.opcode >= CLOSE else self._open
        message = slot[side]
        if message is None or (part.begins and header.opcode != CONTINUATION):
            if header.opcode == CONTINUATION:
                return  # its beginning was not captured
            if message is not None:
                message.cut = True
                self._emit(side, message, CUT)
            message = slot[side] = Message(part)
        message.add(part)
        if part.ends and header.last:
            slot[side] = None
            self._emit(side, message, None)

    def _emit(self, side: Side, message: Message, error: Problem | None) -> None:
        content = bytes(message.kept)
        if message.cut:
            error = error or CUT
            self.talk.stats.truncated += 1
            self.talk.stats.count("WebSocket messages that are not whole (too long, or partly not captured)")
        packed = message.compressed and self._inflaters is not None
        if packed:
            unpacked = self._inflated(side, message, content)
            error = error or (PACKED if unpacked is None else None)
            packed, content = unpacked is None, content if unpacked is None else unpacked
        document, summary = self._document(message, content, packed=packed)
        self.talk.emit(
            Entry(
                protocol=WS,
                request=document if side == CLIENT else b"{}",
                response=document if side == SERVER else b"{}",
                time_ns=message.time_ns,
                ready_ns=message.end_ns,
                request_size=message.wire if side == CLIENT else 0,
                response_size=message.wire if side == SERVER else 0,
                method=OPCODES[message.opcode],
                path=summary,
                error=error,
            )
        )

    def _inflated(self, side: Side, message: Message, content: bytes) -> bytes | None:
        assert self._inflaters is not None
        if message.cut:
            self._inflaters[side].lose()
            return None
        return self._inflaters[side].message(content)

    def _document(self, message: Message, content: bytes, *, packed: bool) -> tuple[bytes, str]:
        """The member of a message, and what its row shows."""
        document: dict[str, object] = {
            "opcode": OPCODES[message.opcode],
            "url": self._url,
            "fragments": message.fragments,
            "compressed": message.compressed,
            "payloadLength": len(content),
        }
        shown = None if packed else _shown(message.opcode, content, document)
        if shown is None:
            document |= {"payloadData": b2a_base64(content, newline=False).decode(), "encoding": "base64"}
            return orjson.dumps(document), ""
        document["payloadData"] = shown
        return orjson.dumps(document), shown[:SUMMARY]


def _shown(opcode: int, content: bytes, document: dict[str, object]) -> str | None:
    """The text of a message; ``None`` where it has to be shown as base64."""
    if opcode == CLOSE:
        document["code"] = int.from_bytes(content[:2], "big") if len(content) > 1 else NO_CODE
        return text(content[2:])
    if opcode == TEXT:
        return content.decode("utf-8", "replace")
    shown = text(content)
    return shown if opcode > CLOSE and shown.isprintable() else None
