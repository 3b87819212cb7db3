"""Diameter (RFC 6733): commands with their answer, paired by the hop-by-hop identifier; either peer may ask."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from kubeshark_nb.dissectors.diameter_names import APPLICATIONS, COMMANDS, RESULTS
from kubeshark_nb.dissectors.dissector import Says, Undissected
from kubeshark_nb.dissectors.exchange import NONSENSE, Message
from kubeshark_nb.dissectors.framed import Framed
from kubeshark_nb.dissectors.frames import Frame, Malformed
from kubeshark_nb.items.compact import compact
from kubeshark_nb.items.protocol import DIAMETER
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.traffic import Side

HEAD = struct.Struct(">IIIII").unpack_from  # version and length, flags and command, application, hop by hop, end to end
SIZE = 20
MAX_MESSAGE = 1 << 20
REQUEST, PROXIABLE, ERROR, RETRANSMITTED, RESERVED, VENDOR = 0x80, 0x40, 0x20, 0x10, 0x0F, 0x80
SIDES: tuple[Side, Side] = (CLIENT, SERVER)
# attributes that stand as members of the item
SESSION, ORIGIN, ORIGIN_REALM, TARGET_REALM, TARGET, USER, RESULT, EXPERIMENTAL, EXPERIMENTAL_CODE = (
    263, 264, 296, 283, 293, 1, 268, 297, 298,
)  # fmt: skip
MEMBERS = {
    SESSION: "sessionId", ORIGIN: "originHost", ORIGIN_REALM: "originRealm", TARGET: "destinationHost",
    TARGET_REALM: "destinationRealm", USER: "userName",
}  # fmt: skip


def probe(head: bytes) -> Says:
    """A header that makes sense: version, length, flags and command."""
    if len(head) < SIZE:
        return Says.MORE if head[0] == 1 and (len(head) < 5 or not head[4] & RESERVED) else Says.NO  # noqa: PLR2004
    size, flags, command = _start(head, 0)
    if head[0] != 1 or not SIZE <= size <= MAX_MESSAGE or size % 4 or flags & RESERVED or command not in COMMANDS:
        return Says.NO
    if flags & REQUEST and flags & ERROR:
        return Says.NO
    return Says.CLIENT if flags & REQUEST else Says.SERVER


def _start(data: bytes, at: int) -> tuple[int, int, int]:
    """Length, flags and command."""
    return int.from_bytes(data[at + 1 : at + 4], "big"), data[at + 4], int.from_bytes(data[at + 5 : at + 8], "big")


def measure(data: bytes, at: int) -> int:
    """Size of the message at ``at`` (see `Frames`)."""
    if len(data) - at < SIZE:
        return 0
    size = _start(data, at)[0]
    if data[at] != 1 or not SIZE <= size <= MAX_MESSAGE:
        raise Malformed("not a message")
    return size


class Diameter(Framed):
    """One connection of two peers."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk, measure, DIAMETER)

    def advance(self) -> None:
        """Read whole messages of both sides."""
        try:
            for side in SIDES:
                self._read(side)
        except Malformed as error:
            self._pairs.end(NONSENSE)
            raise Undissected("Diameter streams that stopped making sense") from error

    def _read(self, side: Side) -> None:
        buffer = self.talk.buffers[side]
        if self._lost[side]:
            self._lost[side] = not _found(buffer)
        while (frame := self._frames[side].read(buffer)) is not None:
            self._message(side, frame)

    def _message(self, side: Side, frame: Frame) -> None:
        _, _, _, number, _ = HEAD(frame.data)
        flags = frame.data[4]
        document = message_document(frame.data)
        row = (document["command"], document["sessionId"] or document["originHost"], document.get("resultCode", 0))
        message = Message(compact(document), frame.time_ns, frame.end_ns, frame.size, *row)
        if flags & REQUEST:
            self._pairs.ask(number, message, side)
        else:
            self._pairs.answer(number, message, SIDES[1 - side])


def message_document(data: bytes) -> dict[str, Any]:
    """The item's request or response."""
    _, _, application, hop, end = HEAD(data)
    _, flags, command = _start(data, 0)
    document: dict[str, Any] = {
        "command": COMMANDS.get(command, f"Command-{command}"),
        "commandCode": command,
        "application": APPLICATIONS.get(application, str(application)),
        "applicationId": application,
        "hopByHop": hop,
        "endToEnd": end,
        "proxiable": bool(flags & PROXIABLE),
        "retransmitted": bool(flags & RETRANSMITTED),
    }
    document |= dict.fromkeys(MEMBERS.values(), "")
    code = None
    for number, value in _attributes(data[SIZE:]):
        if number in MEMBERS:
            document[MEMBERS[number]] = value.decode("utf-8", "backslashreplace")
        elif number == RESULT:
            code = int.from_bytes(value[:4], "big")
        elif number == EXPERIMENTAL:
            inner = dict(_attributes(value)).get(EXPERIMENTAL_CODE)
            code = int.from_bytes(inner[:4], "big") if inner is not None and code is None else code
    if not flags & REQUEST:
        document |= {
            "resultCode": code or 0,
            "result": RESULTS.get(code or 0, str(code or "")),
            "error": bool(flags & ERROR),
        }
    return document


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Code and value of each attribute (RFC 6733, 4.1)."""
    at = 0
    while at + 8 <= len(data):
        number, flags = int.from_bytes(data[at : at + 4], "big"), data[at + 4]
        size = int.from_bytes(data[at + 5 : at + 8], "big")
        head = 12 if flags & VENDOR else 8
        if size < head:
            return
        yield number, data[at + head : at + size]
        at += size + -size % 4


def _found(buffer: Buffer) -> bool:
    for start in buffer.starts():
        head = buffer.data[start : start + SIZE]
        if len(head) == SIZE and probe(head) is not Says.NO:
            buffer.at = start
            return True
    buffer.clear()
    return False
