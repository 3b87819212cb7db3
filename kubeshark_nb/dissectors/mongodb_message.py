"""What a message of MongoDB says, in each of its forms, and the members of an item it makes."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from kubeshark_nb.dissectors import bson, packed

HEADER = struct.Struct("<iiii").unpack_from  # length, number, number it answers, opcode
HEAD = 16
REPLY, UPDATE, INSERT, QUERY, GET_MORE, DELETE, KILL_CURSORS, COMPRESSED, MSG = (
    1, 2001, 2002, 2004, 2005, 2006, 2007, 2012, 2013,
)  # fmt: skip
OPCODES = {
    REPLY: "OP_REPLY", UPDATE: "OP_UPDATE", INSERT: "OP_INSERT", QUERY: "OP_QUERY", GET_MORE: "OP_GET_MORE",
    DELETE: "OP_DELETE", KILL_CURSORS: "OP_KILL_CURSORS", COMPRESSED: "OP_COMPRESSED", MSG: "OP_MSG",
}  # fmt: skip
COMPRESSORS = {0: packed.same, 1: packed.snappy, 2: packed.deflated, 3: packed.zstd}
CHECKSUM = 1
MAX_DOCUMENTS = 1000


class Said(NamedTuple):
    """What one message says: its opcode, its flags, the first document, and documents beside it by name."""

    opcode: int
    flags: int
    name: str
    body: dict[str, Any]


def read_message(data: bytes) -> Said:
    """A whole message.

    Raises:
        bson.Malformed, struct.error, ValueError: not one.
    """
    opcode = HEADER(data)[3]
    body = data[HEAD:]
    if opcode == COMPRESSED:
        opcode, _, compressor = struct.unpack_from("<iiB", body)
        body = packed.plain(COMPRESSORS.get(compressor), body[9:])
    reader = BODIES.get(opcode)
    if reader is None:
        raise ValueError("an opcode nobody uses")
    return reader(opcode, body)


def _sections(opcode: int, body: bytes) -> Said:
    (flags,) = struct.unpack_from("<I", body)
    at, end = 4, len(body) - (4 if flags & CHECKSUM else 0)
    main: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    while at < end:
        kind = body[at]
        if kind == 0:
            main, at = bson.document(body, at + 1)
        elif kind == 1:
            at = _sequence(body, at + 1, beside)
        else:
            raise ValueError("an unknown section")
    return Said(opcode, flags, "", main | beside)


def _sequence(body: bytes, at: int, beside: dict[str, Any]) -> int:
    (size,) = struct.unpack_from("<i", body, at)
    end = at + int(size)
    stop = body.index(b"\0", at + 4)
    documents: list[dict[str, Any]] = []
    next_at = stop + 1
    while next_at < min(end, len(body)) and len(documents) < MAX_DOCUMENTS:
        found, next_at = bson.document(body, next_at)
        documents.append(found)
    beside[body[at + 4 : stop].decode("utf-8", "backslashreplace")] = documents
    if size < 5:  # noqa: PLR2004 - a length and an empty name
        raise ValueError("an empty section")
    return end


def _query(opcode: int, body: bytes) -> Said:
    name, at = _name(body, 4)
    return Said(opcode, 0, name, bson.document(body, at + 8)[0])


def _reply(opcode: int, body: bytes) -> Said:
    flags, _, _, count = struct.unpack_from("<iqii", body)
    documents: list[dict[str, Any]] = []
    at = 20
    while at < len(body) and len(documents) < min(count, MAX_DOCUMENTS):
        found, at = bson.document(body, at)
        documents.append(found)
    return Said(opcode, flags, "", documents[0] if len(documents) == 1 else {"documents": documents})


def _written(opcode: int, body: bytes) -> Said:
    """The old writes: a collection, then documents."""
    name, at = _name(body, 0 if opcode == INSERT else 4)
    if opcode != INSERT:
        at += 4
    documents: list[dict[str, Any]] = []
    while at < len(body) and len(documents) < MAX_DOCUMENTS:
        found, at = bson.document(body, at)
        documents.append(found)
    return Said(opcode, 0, name, {"documents": documents})


def _cursor(opcode: int, body: bytes) -> Said:
    return Said(opcode, 0, _name(body, 4)[0] if opcode == GET_MORE else "", {})


def _name(body: bytes, at: int) -> tuple[str, int]:
    stop = body.index(b"\0", at)
    return body[at:stop].decode("utf-8", "backslashreplace"), stop + 1


BODIES = {
    MSG: _sections, QUERY: _query, REPLY: _reply, UPDATE: _written, INSERT: _written, DELETE: _written,
    GET_MORE: _cursor, KILL_CURSORS: _cursor,
}  # fmt: skip
OLD_COMMANDS = {
    QUERY: "find", UPDATE: "update", INSERT: "insert", DELETE: "delete", GET_MORE: "getMore",
    KILL_CURSORS: "killCursors",
}  # fmt: skip


def request_document(said: Said) -> dict[str, Any]:
    """The item's request: the command is the first member of its document."""
    database, _, collection = said.name.partition(".")
    command = OLD_COMMANDS.get(said.opcode, "")
    if said.opcode == MSG or collection == "$cmd":
        command = next(iter(said.body), "")
        target = said.body.get(command)
        collection = target if isinstance(target, str) else str(said.body.get("collection", ""))
        database = database or str(said.body.get("$db", ""))
    return {
        "opcode": OPCODES[said.opcode],
        "command": command,
        "database": database,
        "collection": collection,
        "document": said.body,
    }


def response_document(said: Said) -> dict[str, Any]:
    """The item's response; errors of single writes count as errors of the command."""
    body = said.body
    errors = body.get("writeErrors")
    wrong = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    failed = not body.get("ok", 1) or bool(wrong) or "$err" in body
    code = body.get("code") or wrong.get("code") or 0
    return {
        "opcode": OPCODES[said.opcode],
        "success": not failed,
        "errorCode": code if isinstance(code, int) else 0,
        "errorCodeName": str(body.get("codeName", "")) if failed else "",
        "errorMessage": str(body.get("errmsg") or wrong.get("errmsg") or body.get("$err") or "") if failed else "",
        "document": body,
    }
