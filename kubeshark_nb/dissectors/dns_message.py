"""One DNS message (RFC 1035, 4) -> the members ``request`` and ``response`` of its item (FACTS c.4)."""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import orjson

from kubeshark_nb.dissectors.dns_records import CLASSES, RECORDS, TYPES, Malformed, read_name

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
MAX_RECORDS = 2000
FIELDS = ("ip", "ns", "cname", "ptr", "txts", "soa", "srv", "mx", "opt", "uri")


class Message(NamedTuple):
    """What one message says. ``addresses`` are the IP addresses its answers give."""

    response: bool
    opcode: str
    code: int
    name: str
    question: bytes
    request_json: bytes
    response_json: bytes
    addresses: tuple[str, ...]


@lru_cache(maxsize=4096)
def parse_message(message: bytes) -> Message:
    """``message`` without its two-byte identifier: many clients get the same answer.

    Raises:
        Malformed: not DNS.
    """
    if len(message) < 10:  # noqa: PLR2004 - the fixed header
        raise Malformed("shorter than a header")
    flags, questions, *counts = HEADER(message)
    opcode = OPCODES.get(flags >> 11 & 15)
    if opcode is None or sum(counts) + questions > MAX_RECORDS:
        raise Malformed("not a header")
    data = b"\0\0" + message  # compression pointers count from the identifier
    asked, at = _questions(data, questions)
    sections: list[list[dict[str, object]]] = []
    code = flags & 15
    for count in counts:
        section = []
        for _ in range(count):
            record, at = _record(data, at)
            if record.pop("extended", None):
                code |= int(str(record["ttl"])) >> 24 << 4
            section.append(record)
        sections.append(section)
    response = bool(flags & 0x8000)
    return Message(
        response=response,
        opcode=opcode,
        code=code,
        name=str(asked[0]["name"]) if asked else _first_name(sections),
        question=data[12 : _question_end(data, questions)],
        request_json=orjson.dumps({"opCode": opcode, "questions": asked}),
        response_json=_response(code, sections) if response else b"{}",
        addresses=tuple(_addresses(sections[0])) if response else (),
    )


def _question_end(data: bytes, questions: int) -> int:
    at = 12
    for _ in range(questions):
        _, at = read_name(data, at)
        at += 4
    return at


def _questions(data: bytes, count: int) -> tuple[list[dict[str, object]], int]:
    asked: list[dict[str, object]] = []
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
    found: dict[str, object] = {"name": name, "type": _type(kind), "ttl": ttl}
    found |= dict.fromkeys(FIELDS, "")
    if kind in RECORDS:
        field, read = RECORDS[kind]
        found[field] = read(data, at, size)
    found["class"] = str(klass) if kind == OPT else _class(klass)
    if kind == OPT and ttl >> 24:
        found["extended"] = True
    return found, at + size


def _response(code: int, sections: list[list[dict[str, object]]]) -> bytes:
    answers, authorities, additionals = sections
    document = {
        "code": CODES.get(code, f"Code {code}"),
        "answers": answers,
        "authorities": authorities,
        "additionals": additionals,
    }
    return orjson.dumps(document)


def _addresses(answers: list[dict[str, object]]) -> Iterator[str]:
    for answer in answers:
        if answer["ip"]:
            yield str(answer["ip"])


def _first_name(sections: list[list[dict[str, object]]]) -> str:
    return next((str(record["name"]) for section in sections for record in section), "")


def _type(kind: int) -> str:
    return TYPES.get(kind) or f"TYPE{kind}"


def _class(klass: int) -> str:
    """The top bit is multicast DNS's (RFC 6762: flush the cache, or answer me alone)."""
    return CLASSES.get(klass & 0x7FFF) or f"CLASS{klass}"
