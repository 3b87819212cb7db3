"""ICMP v4 and v6: an echo with its reply, everything else by itself (FACTS c.8)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import orjson

from kubeshark_nb.dissectors.dissector import DatagramDissector, Says
from kubeshark_nb.dissectors.exchange import Message, exchange, one_way
from kubeshark_nb.dissectors.icmp_names import NAMES4, NAMES6, type_code
from kubeshark_nb.dissectors.pairs import Exchanges
from kubeshark_nb.items.compact import compact
from kubeshark_nb.items.protocol import ICMP4, ICMP6

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.dissector import Talk
    from kubeshark_nb.items.protocol import Protocol
    from kubeshark_nb.traffic import Datagram, Side, Why

HEAD = struct.Struct(">BBHHH").unpack_from  # type, code, checksum, identifier, sequence


class Version(NamedTuple):
    """What differs between the two. ``questions`` and ``answers``: types that share an identifier and a sequence."""

    number: int
    protocol: Protocol
    names: dict[int, tuple[str, tuple[str, ...]]]
    questions: dict[int, int]


VERSION4 = Version(4, ICMP4, NAMES4, {8: 0, 13: 14, 15: 16, 17: 18})
VERSION6 = Version(6, ICMP6, NAMES6, {128: 129})


def probe4(head: bytes) -> Says:
    """A known type; who sent the first message is the client, unless it is a reply."""
    return _probe(head, VERSION4)


def probe6(head: bytes) -> Says:
    """The same for version 6."""
    return _probe(head, VERSION6)


def _probe(head: bytes, version: Version) -> Says:
    if len(head) < 4 or head[0] not in version.names:  # noqa: PLR2004 - type, code, checksum
        return Says.NO
    return Says.SERVER if head[0] in version.questions.values() else Says.CLIENT


class Icmp(DatagramDissector):
    """What two hosts say to each other."""

    def __init__(self, talk: Talk, version: Version) -> None:
        super().__init__(talk)
        self._version = version
        self._open: Exchanges[tuple[Side, Message]] = Exchanges()

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """One message."""
        if len(datagram.data) < 4:  # noqa: PLR2004 - type, code, checksum
            self.talk.stats.count("ICMP messages cut in their header")
            return
        version = self._version
        kind, _, _, identifier, sequence = HEAD(datagram.data.ljust(8, b"\0"))
        message = self._message(datagram)
        if kind in version.questions:
            replaced = self._open.ask((side, version.questions[kind], identifier, sequence), (side, message))
            if replaced is not None:
                self._unanswered(*replaced, "evicted")
            return
        asked = self._open.answer((1 - side, kind, identifier, sequence))
        if asked is not None:
            self.talk.emit(exchange(version.protocol, asked[1], message, asked[0]))
        else:
            payload = datagram.data[8:].decode("utf-8", "backslashreplace")
            entry = one_way(version.protocol, message, side)
            self.talk.emit(entry._replace(data=orjson.dumps({"payload": payload})))

    def end(self, side: Side, why: Why) -> None:
        """No reply comes any more."""
        for who, message in self._open.drain():
            self._unanswered(who, message, why)

    def _unanswered(self, side: Side, message: Message, why: Why) -> None:
        self.talk.emit(one_way(self._version.protocol, message, side, self.talk.half(why)))

    def _message(self, datagram: Datagram) -> Message:
        kind, code, checksum, identifier, sequence = HEAD(datagram.data.ljust(8, b"\0"))
        version = self._version
        numbered = kind in version.questions or kind in version.questions.values()
        text = type_code(version.names, kind, code)
        document = {
            "typeCode": text,
            "version": version.number,
            "checksum": checksum,
            "id": identifier if numbered else 0,
            "sequence": sequence if numbered else 0,
        }
        time_ns = datagram.time_ns
        size = len(datagram.data)
        return Message(compact(document), time_ns, time_ns, size, version.protocol.abbr, text)


def icmp4(talk: Talk) -> Icmp:
    """The dissector of version 4."""
    return Icmp(talk, VERSION4)


def icmp6(talk: Talk) -> Icmp:
    """The dissector of version 6."""
    return Icmp(talk, VERSION6)
