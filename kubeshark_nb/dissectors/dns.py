"""DNS over UDP, with multicast DNS and LLMNR, and DNS over TCP: one item per answer, and per question without one."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.dissectors.dissector import DatagramDissector, Dissector, Says, Undissected
from kubeshark_nb.dissectors.dns_message import HEADER, MESSAGES, Message
from kubeshark_nb.dissectors.dns_records import CLASSES, TYPES, Malformed, read_name
from kubeshark_nb.dissectors.pairs import Exchanges
from kubeshark_nb.items.entry import Entry, Problem
from kubeshark_nb.items.names import Name
from kubeshark_nb.items.protocol import DNS
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.dissector import StreamTalk, Talk
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.traffic import Datagram, Side, Why

_new = tuple.__new__  # a named tuple's own constructor takes three times as long
SMALLEST = 12
LONGEST_QUESTION = 2 + SMALLEST + 255 + 4
NETBIOS_NAME = 32
NEWEST_TYPE = 300  # of resource records; beyond, only the few that are named
OPCODES = (0, 1, 2, 4, 5)  # that streams begin with; in a datagram, which is seen as a whole, any
INVERSE = 1
CUT = Problem("dissection", "the message is damaged, or was not captured in full")
REPEATED = Problem("timeout", "the question was asked again before an answer came")


class Question(NamedTuple):
    """A query that waits for its answer."""

    side: Side
    message: Message
    time_ns: int
    size: int


def probe_datagram(head: bytes) -> Says:
    """A whole message: what a query or an answer cannot be rules it out."""
    if len(head) < SMALLEST or not _plausible(head) or not _parses(head[2:]):
        return Says.NO
    return Says.SERVER if head[2] & 0x80 else Says.CLIENT


def probe_stream(head: bytes) -> Says:
    """A length and the beginning of a message."""
    if len(head) < 2 + SMALLEST:
        return Says.MORE if len(head) < 2 or int.from_bytes(head[:2], "big") >= SMALLEST else Says.NO  # noqa: PLR2004
    size = int.from_bytes(head[:2], "big")
    if size < SMALLEST or head[4] >> 3 & 15 not in OPCODES or not _plausible_header(head[2:]):
        return Says.NO
    if len(head) < min(2 + size, LONGEST_QUESTION):
        return Says.MORE
    if not _plausible(head[2:]):
        return Says.NO
    if len(head) >= 2 + size and not _parses(head[4 : 2 + size]):
        return Says.NO
    return Says.SERVER if head[4] & 0x80 else Says.CLIENT


def _parses(message: bytes) -> bool:
    try:
        return MESSAGES[message].whole
    except Malformed:
        return False


def _plausible_header(head: bytes) -> bool:
    """Flags and counts are of the kind that occurs; an inverse query has an answer only (RFC 1035, 6.4.1)."""
    flags, *counts = HEADER(head, 2)
    if flags & 0x0040 or not any(counts) or max(counts) > 1000:  # noqa: PLR2004
        return False
    asks = counts[0] > 0 or (flags >> 11 & 15 == INVERSE and counts[1] > 0)
    return bool(flags & 0x8000) or (asks and not flags & 0x000F)


def _plausible(head: bytes) -> bool:
    """The header and the first question are of the kind that occurs."""
    if not _plausible_header(head):
        return False
    if head[4:6] == b"\0\0":
        return len(head) > SMALLEST + 1 and not _is_netbios(head)
    try:
        _, at = read_name(head, SMALLEST)
    except Malformed:
        return False
    if _is_netbios(head):
        return False
    kind, klass = (int.from_bytes(head[begin : begin + 2], "big") for begin in (at, at + 2))
    return at + 4 <= len(head) and klass & 0x7FFF in CLASSES and (kind in TYPES or kind < NEWEST_TYPE)


def _is_netbios(head: bytes) -> bool:
    """NetBIOS name service looks like DNS but for its names: 32 letters from A to P (RFC 1001, 14.1)."""
    return head[SMALLEST] == NETBIOS_NAME and not head[SMALLEST + 1 : SMALLEST + 1 + NETBIOS_NAME].strip(
        b"ABCDEFGHIJKLMNOP"
    )


class Answers:
    """Questions and answers of one conversation, whatever carries them."""

    __slots__ = ("_is_multicast", "_open", "_talk")

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._open: Exchanges[Question] = Exchanges()
        # a question to everyone need not be answered, and not from there
        self._is_multicast = any(_is_group(end.ip) for end in talk.ends)

    def message(self, side: Side, identifier: bytes, message: Message, time_ns: int, size: int) -> None:
        """One message of ``size`` bytes."""
        key = (identifier, message.question)
        if message.response:
            self._answer(side, message, self._open.answer(key), time_ns, size)
        else:
            self._ask(key, _new(Question, (side, message, time_ns, size)))

    def end(self, why: Why) -> None:
        """No answer comes any more."""
        for question in self._open.drain():
            self._unanswered(question, self._talk.half(why))

    def _ask(self, key: tuple[bytes, bytes], question: Question) -> None:
        if self._is_multicast:
            self._unanswered(question, None)
            return
        error = REPEATED if key in self._open else self._talk.half("evicted")
        if (earlier := self._open.ask(key, question)) is not None:
            self._unanswered(earlier, error)

    def _answer(self, side: Side, message: Message, question: Question | None, time_ns: int, size: int) -> None:
        asked_ns = question.time_ns if question else time_ns
        row = (
            DNS, message.request_json, message.response_json, asked_ns, time_ns, time_ns - asked_ns, size, size,
            message.opcode, message.name, message.code, None if message.whole else CUT, side == CLIENT, "", b"",
        )  # fmt: skip
        self._talk.emit(_new(Entry, row))

    def _unanswered(self, question: Question, error: Problem | None) -> None:
        message = question.message
        self._talk.emit(
            Entry(
                protocol=DNS,
                request=message.request_json,
                response=b"{}",
                time_ns=question.time_ns,
                ready_ns=question.time_ns,
                request_size=question.size,
                method=message.opcode,
                path=message.name,
                error=error,
                reversed=question.side == SERVER,
            )
        )


@lru_cache(maxsize=4096)
def _is_group(ip: str) -> bool:
    return ip_address(ip).is_multicast


class DnsDatagrams(DatagramDissector):
    """DNS over UDP. What its answers teach is heard by everybody, see `learn_datagram`."""

    __slots__ = ("_answers",)

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        self._answers = Answers(talk)

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """One message."""
        data, time_ns, size = datagram
        try:
            message = MESSAGES[data[2:]]
        except Malformed:
            self.talk.stats.count("datagrams that are not DNS among DNS")
        else:
            self._answers.message(side, data[:2], message, time_ns, size)

    def end(self, side: Side, why: Why) -> None:
        """No answer comes any more."""
        self._answers.end(why)


class DnsStream(Dissector):
    """DNS over TCP: a two-byte length, then one message (RFC 1035, 4.2.2)."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        self._answers = Answers(talk)

    def advance(self) -> None:
        """Read whole messages of both sides."""
        for side in (CLIENT, SERVER):
            buffer = self.talk.buffers[side]
            while len(buffer) >= 2:  # noqa: PLR2004 - the length
                at = buffer.at
                end = at + 2 + int.from_bytes(buffer.data[at : at + 2], "big")
                if end > len(buffer.data):
                    break
                time_ns = buffer.time_at(end - 1)
                try:
                    message = MESSAGES[buffer.data[at + 4 : end]]
                except Malformed as error:
                    raise Undissected("DNS streams that stopped making sense") from error
                learn(self.talk.names, message, time_ns)
                self._answers.message(side, buffer.data[at + 2 : at + 4], message, time_ns, end - at)
                buffer.at = end

    def end(self, side: Side, why: Why) -> None:
        """No answer comes any more, once the server is silent."""
        if all(buffer.ended for buffer in self.talk.buffers):
            self._answers.end(why)


def learn_datagram(names: NameTable, data: bytes, time_ns: int) -> None:
    """The names in a DNS answer; a datagram that is none teaches nothing, and one that was cut has to look like one.

    Whatever is wrong with it, its conversation counts that.
    """
    with suppress(Exception):  # hostile bytes must never stop the traffic (safety rule 5)
        message = MESSAGES[data[2:]]
        if message.whole or _plausible(data):
            learn(names, message, time_ns)


def learn(names: NameTable, message: Message, time_ns: int) -> None:
    """What the addresses in an answer are called."""
    for address in message.addresses:
        names.learn(address, cluster_name(message.name), time_ns)


@lru_cache(maxsize=4096)
def cluster_name(name: str) -> Name:
    """``orders.shop.svc.cluster.local`` is ``orders.shop`` in namespace ``shop``; other names are outside."""
    service, _, rest = name.partition(".")
    namespace, _, rest = rest.partition(".")
    if service and namespace and (rest == "svc" or rest.startswith("svc.")):
        return Name(f"{service}.{namespace}", namespace)
    return Name(name)
