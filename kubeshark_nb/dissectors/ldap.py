"""LDAP (RFC 4511): operations with their result, paired by message number; of a search the entries are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.ber import Element, elements, size_at
from kubeshark_nb.dissectors.dissector import Says, Undissected
from kubeshark_nb.dissectors.exchange import NONSENSE, Message, one_way
from kubeshark_nb.dissectors.framed import Framed
from kubeshark_nb.dissectors.frames import Frame, Malformed
from kubeshark_nb.dissectors.ldap_message import (
    ABANDON,
    ENTRY,
    INTERMEDIATE,
    OPERATIONS,
    REFERENCE,
    UNBIND,
    request_document,
    response_document,
)
from kubeshark_nb.dissectors.ldap_sasl import unwrapped
from kubeshark_nb.items.compact import compact
from kubeshark_nb.items.protocol import LDAP
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.traffic import Side

SEQUENCE, INTEGER = 0x30, 0x02
MAX_MESSAGE = 64 << 20
MAX_SEARCHES = 4096
ASKS = frozenset((0x60, 0x42, 0x63, 0x66, 0x68, 0x4A, 0x6C, 0x6E, 0x50, 0x77))
PARTS = {ENTRY: "entries", REFERENCE: "references", INTERMEDIATE: "intermediate"}
START_TLS = "1.3.6.1.4.1.1466.20037"


def probe(head: bytes) -> Says:
    """A message whose number and operation make sense and fill it."""
    if head[0] != SEQUENCE:
        return Says.NO
    try:
        size = size_at(head, 0)
        at = _length_of_head(head, 0)
        number = size_at(head, at)
        if size > MAX_MESSAGE or (len(head) > at and head[at] != INTEGER) or number > 6:  # noqa: PLR2004 - 31 bits
            return Says.NO
        at += number
        if not size or not number or len(head) <= at + 1:
            return Says.MORE if len(head) < 16 else Says.NO  # noqa: PLR2004 - all of this fits
        if head[at] not in OPERATIONS or at + size_at(head, at) > size:
            return Says.NO
    except Malformed:
        return Says.NO
    return Says.CLIENT if head[at] in ASKS else Says.SERVER


def _length_of_head(data: bytes, at: int) -> int:
    first = data[at + 1] if len(data) > at + 1 else 0
    return at + (2 if first < 0x80 else 2 + first - 0x80)  # noqa: PLR2004 - short lengths


def measure(data: bytes, at: int) -> int:
    """Size of the message, or of the SASL buffer, at ``at`` (see `Frames`)."""
    if len(data) - at < 4:  # noqa: PLR2004 - the length of a SASL buffer
        return 0
    if data[at] not in (SEQUENCE, 0):
        raise Malformed("not a message")
    size = size_at(data, at) if data[at] else 4 + int.from_bytes(data[at : at + 4], "big")
    if size > MAX_MESSAGE:
        raise Malformed("not a length")
    return size


class Search:
    """What has come of a search so far."""

    __slots__ = ("counts", "names", "size", "time_ns")

    def __init__(self, time_ns: int) -> None:
        self.time_ns = time_ns
        self.size = 0
        self.counts = {"entries": 0, "references": 0, "intermediate": 0}
        self.names: list[str] = []


class Ldap(Framed):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk, measure, LDAP)
        self._searches: dict[int, Search] = {}
        self._starts_tls = -1  # number of the request for encryption
        self._encrypted = False

    def advance(self) -> None:
        """Read whole messages of both sides."""
        try:
            self._read(CLIENT, self._asked)
            self._read(SERVER, self._answered)
        except Malformed as error:
            self._pairs.end(NONSENSE)
            raise Undissected("LDAP streams that stopped making sense") from error

    def _read(self, side: Side, take: Callable[[int, Element, Frame], None]) -> None:
        buffer = self.talk.buffers[side]
        if self._lost[side]:
            self._lost[side] = not _found(buffer)
        while not self._waits(side) and (frame := self._frames[side].read(buffer)) is not None:
            if frame.cut:
                self.talk.stats.truncated += 1
                continue
            data = frame.data if frame.data[0] else unwrapped(frame.data[4:])
            if data is None:
                self.talk.stats.count("LDAP messages that are encrypted")
                continue
            for message in elements(data):
                self._message(message, frame, take)

    def _waits(self, side: Side) -> bool:
        """Whether what comes next is encrypted, or will be if the server agrees."""
        return self._encrypted or (side == CLIENT and self._starts_tls >= 0)

    def _message(self, message: Element, frame: Frame, take: Callable[[int, Element, Frame], None]) -> None:
        number, operation, *_ = [*message.elements(), Element(0, b""), Element(0, b"")]
        if number.tag != INTEGER or operation.tag not in OPERATIONS:
            raise Malformed("not a message")
        take(number.number, operation, frame)

    def _asked(self, number: int, operation: Element, frame: Frame) -> None:
        document = request_document(number, operation)
        row = (OPERATIONS[operation.tag], document["dn"])
        message = Message(compact(document), frame.time_ns, frame.end_ns, frame.size, *row)
        if operation.tag in (UNBIND, ABANDON):
            self.talk.emit(one_way(LDAP, message))
            return
        if document.get("oid") == START_TLS:
            self._starts_tls = number
        self._pairs.ask(number, message)

    def _answered(self, number: int, operation: Element, frame: Frame) -> None:
        search = self._searches.get(number)
        if operation.tag in PARTS:
            if search is None and len(self._searches) < MAX_SEARCHES:
                search = self._searches[number] = Search(frame.time_ns)
            if search is not None:
                _count(search, operation, frame)
            return
        self._searches.pop(number, None)
        document = response_document(number, operation, {**search.counts, "names": search.names} if search else {})
        message = Message(
            compact(document),
            search.time_ns if search else frame.time_ns,
            frame.end_ns,
            frame.size + (search.size if search else 0),
            status=document["resultCode"],
        )
        if number == 0:
            self.talk.emit(one_way(LDAP, message, SERVER))  # a notice nobody asked for
            return
        self._pairs.answer(number, message)
        if number == self._starts_tls:
            self._starts_tls = -1
            if document["result"] == "success":
                self._encrypted = True
                self.talk.identify_again()


def _count(search: Search, operation: Element, frame: Frame) -> None:
    search.size += frame.size
    search.counts[PARTS[operation.tag]] += 1
    if operation.tag == ENTRY and len(search.names) < 100:  # noqa: PLR2004 - enough to see whose they are
        search.names += [one.text for one in operation.elements()[:1]]


def _found(buffer: Buffer) -> bool:
    for start in buffer.starts():
        if probe(buffer.data[start : start + 4096]) in (Says.CLIENT, Says.SERVER):
            buffer.at = start
            return True
    buffer.clear()
    return False
