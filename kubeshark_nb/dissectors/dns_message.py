"""One DNS message (RFC 1035, 4) -> the members ``request`` and ``response`` of its item (FACTS c.4)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.dissectors.dns_records import CLASSES, RECORDS, TYPES, Malformed, read_name
from kubeshark_nb.dissectors.kept import Kept
from kubeshark_nb.items.compact import compact

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = struct.Struct(">HHHHH").unpack_from  # without the identifier
RECORD = struct.Struct(">HHIH").unpack_from
# https://www.iana.org/assignments/dns-parameters, in Kubeshark's words
OPCODES = {0: "Query", 1: "Inverse Query", 2: "Status", 4: "Notify", 5: "Update", 6: "DSO"}
CODES = {
    0: "No Error",
    1: "Format Error",
    2: "Server Failure",
    3: "Non-Existent Domain",
    4: "Not Implemented",
    5: "Query Refused",
    6: "Name Exists when it should not",
    7: "RR Set Exists when it should not",
    8: "RR Set that should exist does not",
    9: "Server Not Authoritative for zone",
    10: "Name not contained in zone",
}
OPT = 41
_new = tuple.__new__  # a named tuple's own constructor takes three times as long
MAX_RECORDS = 2000
NO_DATA = dict.fromkeys(("ip", "ns", "cname", "ptr", "txts", "soa", "srv", "mx", "opt", "uri"), "")


Section = list[dict[str, object]]


class Message(NamedTuple):
    """What one message says. ``question`` is its section of the message, ``addresses`` are those its answers give.

    ``whole``: nothing is cut or damaged.
    """

    response: bool
    opcode: str
    code: int
    name: str
    question: bytes
    request_json: bytes
    response_json: bytes
    addresses: tuple[str, ...]
    whole: bool


def parse_message(message: bytes) -> Message:
    """``message`` without its two-byte identifier.

    Raises:
        Malformed: not DNS.
    """
    if len(message) < 10:  # noqa: PLR2004 - the fixed header
        raise Malformed("shorter than a header")
    flags, questions, *counts = HEADER(message)
    opcode = OPCODES.get(flags >> 11 & 15, f"Opcode {flags >> 11 & 15}")
    data = b"\0\0" + message  # compression pointers count from the identifier
    asked, at = _questions(data, questions)
    sections, whole = _sections(data, at, counts)
    code = (flags & 15) | _extended_code(sections[2])
    response = bool(flags & 0x8000)
    row = (
        response,
        opcode,
        code,
        str(asked[0]["name"]) if asked else _first_name(sections),
        data[12:at],
        compact({"opCode": opcode, "questions": asked}),
        _response(code, sections) if response else b"{}",
        tuple(_addresses(sections[0])) if response else (),
        whole,
    )
    return _new(Message, row)


MESSAGES = Kept(parse_message, 4096, 1024)  # many clients get the same answer


def _sections(data: bytes, at: int, counts: list[int]) -> tuple[list[Section], bool]:
    """Answers, authorities and additionals, as far as they can be read, and whether that is all of them."""
    sections: list[Section] = [[], [], []]
    room = MAX_RECORDS
    try:
        for section, count in zip(sections, counts, strict=True):
            for _ in range(min(count, room)):
                record, at = _record(data, at)
                section.append(record)
                room -= 1
    except Malformed:
        return sections, False
    return sections, [len(section) for section in sections] == counts


def _extended_code(additionals: Section) -> int:
    """The upper bits of the response code are in the OPT record (RFC 6891, 6.1.3)."""
    return next((int(str(one["ttl"])) >> 24 << 4 for one in additionals if one["type"] == TYPES[OPT]), 0)


def _questions(data: bytes, count: int) -> tuple[Section, int]:
    if count > MAX_RECORDS:
        raise Malformed("too many questions")
    asked: Section = []
    at = 12
    for _ in range(count):
        name, at = read_name(data, at)
        if at + 4 > len(data):
            raise Malformed("cut in a question")
        kind, klass = struct.unpack_from(">HH", data, at)
        at += 4
        asked.append({"name": name, "type": _type(kind), "class": _class(klass)})
    return asked, at


def _record(data: bytes, at: int) -> tuple[dict[str, object], int]:
    name, at = read_name(data, at)
    if at + 10 > len(data):
        raise Malformed("cut in a record")
    kind, klass, ttl, size = RECORD(data, at)
    at += 10
    if at + size > len(data):
        raise Malformed("cut in a record")
    found: dict[str, object] = {"name": name, "type": _type(kind), "ttl": ttl, **NO_DATA}
    if kind in RECORDS:
        field, read = RECORDS[kind]
        found[field] = read(data, at, size)
    found["class"] = str(klass) if kind == OPT else _class(klass)
    return found, at + size


def _response(code: int, sections: list[Section]) -> bytes:
    answers, authorities, additionals = sections
    document = {
        "code": CODES.get(code, f"Code {code}"),
        "answers": answers,
        "authorities": authorities,
        "additionals": additionals,
    }
    return compact(document)


def _addresses(answers: Section) -> Iterator[str]:
    for answer in answers:
        if answer["ip"]:
            yield str(answer["ip"])


def _first_name(sections: list[Section]) -> str:
    return next((str(record["name"]) for section in sections for record in section), "")


def _type(kind: int) -> str:
    return TYPES.get(kind) or f"TYPE{kind}"


def _class(klass: int) -> str:
    """The top bit is multicast DNS's (RFC 6762: flush the cache, or answer me alone)."""
    return CLASSES.get(klass & 0x7FFF) or f"CLASS{klass}"
