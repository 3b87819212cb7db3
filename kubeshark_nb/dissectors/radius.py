"""RADIUS (RFC 2865, 2866, 5176): requests with their answer, paired by identifier."""

from __future__ import annotations

import struct
from socket import AF_INET, inet_ntop
from typing import TYPE_CHECKING, Any

from kubeshark_nb.dissectors.dissector import DatagramDissector, Says
from kubeshark_nb.dissectors.exchange import Message
from kubeshark_nb.dissectors.numbered import Numbered
from kubeshark_nb.items.compact import compact
from kubeshark_nb.items.protocol import RADIUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.dissectors.dissector import Talk
    from kubeshark_nb.traffic import Datagram, Side, Why

HEAD = struct.Struct(">BBH16s").unpack_from  # code, identifier, length, authenticator
SMALLEST, LARGEST = 20, 4096
CODES = {
    1: "Access-Request", 2: "Access-Accept", 3: "Access-Reject", 4: "Accounting-Request", 5: "Accounting-Response",
    11: "Access-Challenge", 12: "Status-Server", 13: "Status-Client", 40: "Disconnect-Request", 41: "Disconnect-ACK",
    42: "Disconnect-NAK", 43: "CoA-Request", 44: "CoA-ACK", 45: "CoA-NAK",
}  # fmt: skip
ASKS = frozenset((1, 4, 12, 13, 40, 43))
# https://www.iana.org/assignments/radius-types: name, and how the value is written
ATTRIBUTES = {
    1: ("User-Name", "text"), 2: ("User-Password", "hex"), 3: ("CHAP-Password", "hex"),
    4: ("NAS-IP-Address", "address"), 5: ("NAS-Port", "number"), 6: ("Service-Type", "number"),
    7: ("Framed-Protocol", "number"), 8: ("Framed-IP-Address", "address"), 9: ("Framed-IP-Netmask", "address"),
    11: ("Filter-Id", "text"), 12: ("Framed-MTU", "number"), 18: ("Reply-Message", "text"),
    24: ("State", "hex"), 25: ("Class", "hex"), 26: ("Vendor-Specific", "hex"),
    27: ("Session-Timeout", "number"), 28: ("Idle-Timeout", "number"), 30: ("Called-Station-Id", "text"),
    31: ("Calling-Station-Id", "text"), 32: ("NAS-Identifier", "text"), 33: ("Proxy-State", "hex"),
    40: ("Acct-Status-Type", "number"), 41: ("Acct-Delay-Time", "number"), 42: ("Acct-Input-Octets", "number"),
    43: ("Acct-Output-Octets", "number"), 44: ("Acct-Session-Id", "text"), 45: ("Acct-Authentic", "number"),
    46: ("Acct-Session-Time", "number"), 47: ("Acct-Input-Packets", "number"),
    48: ("Acct-Output-Packets", "number"), 49: ("Acct-Terminate-Cause", "number"),
    55: ("Event-Timestamp", "number"), 60: ("CHAP-Challenge", "hex"), 61: ("NAS-Port-Type", "number"),
    77: ("Connect-Info", "text"), 79: ("EAP-Message", "hex"), 80: ("Message-Authenticator", "hex"),
    87: ("NAS-Port-Id", "text"),
}  # fmt: skip


def probe(head: bytes) -> Says:
    """A known code, a length that fits, and attributes that fill it."""
    if not SMALLEST <= len(head) <= LARGEST:
        return Says.NO
    code, _, size, _ = HEAD(head)
    if code not in CODES or not SMALLEST <= size <= len(head) or any(head[size:]) or not _fills(head, size):
        return Says.NO
    return Says.CLIENT if code in ASKS else Says.SERVER


def _fills(data: bytes, size: int) -> bool:
    at = SMALLEST
    while at + 2 <= size and data[at] and data[at + 1] >= 2:  # noqa: PLR2004 - type and length
        at += data[at + 1]
    return at == size


class Radius(DatagramDissector):
    """What a network access server and a RADIUS server say to each other."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        self._pairs = Numbered(talk, RADIUS)

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """One message."""
        data = datagram.data
        if len(data) < SMALLEST or data[0] not in CODES:
            self.talk.stats.count("datagrams that are not RADIUS among RADIUS")
            return
        code, identifier, size, _ = HEAD(data)
        document = message_document(data)
        row = (CODES[code], document["userName"])
        message = Message(compact(document), datagram.time_ns, datagram.time_ns, size, *row)
        if code in ASKS:
            self._pairs.ask(identifier, message, side)
        else:
            other: Side = 0 if side else 1
            self._pairs.answer(identifier, message, other)

    def end(self, side: Side, why: Why) -> None:
        """No answer comes any more."""
        self._pairs.end(self.talk.half(why))


def message_document(data: bytes) -> dict[str, Any]:
    """The item's request or response."""
    code, identifier, size, authenticator = HEAD(data)
    attributes = list(_attributes(data[:size]))
    return {
        "code": code,
        "codeName": CODES[code],
        "identifier": identifier,
        "authenticator": authenticator.hex(),
        "userName": next((one["value"] for one in attributes if one["name"] == "User-Name"), ""),
        "attributes": attributes,
    }


def _attributes(data: bytes) -> Iterator[dict[str, str]]:
    at = SMALLEST
    while at + 2 <= len(data) and data[at + 1] >= 2:  # noqa: PLR2004 - type and length
        kind, size = data[at], data[at + 1]
        name, form = ATTRIBUTES.get(kind, (f"Attribute-{kind}", "hex"))
        yield {"name": name, "value": _value(form, data[at + 2 : at + size])}
        at += size


def _value(form: str, value: bytes) -> str:
    if form == "text":
        return value.decode("utf-8", "backslashreplace")
    if form == "number":
        return str(int.from_bytes(value, "big"))
    if form == "address" and len(value) == 4:  # noqa: PLR2004 - bytes of an address
        return inet_ntop(AF_INET, value)
    return value.hex()
