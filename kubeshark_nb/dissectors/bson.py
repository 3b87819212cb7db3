"""BSON (https://bsonspec.org) -> what JSON knows: identifiers and decimals in hexadecimal, times in ISO 8601."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INT32 = struct.Struct("<i").unpack_from
INT64 = struct.Struct("<q").unpack_from
UINT64 = struct.Struct("<Q").unpack_from
DOUBLE = struct.Struct("<d").unpack_from
Read = tuple[Any, int]


class Malformed(Exception):  # noqa: N818 - not an error to the user
    """Not BSON."""


def document(data: bytes, at: int, depth: int = 0) -> tuple[dict[str, Any], int]:
    """The document at ``at``, and where what follows it begins.

    Raises:
        Malformed: cut, nested too deep, or not BSON.
    """
    try:
        (size,) = INT32(data, at)
        end = at + size
        if size < 5 or end > len(data) or depth > MAX_DEPTH:  # noqa: PLR2004 - an empty document
            raise Malformed("not a document")
        found: dict[str, Any] = {}
        at += 4
        while data[at]:
            stop = data.index(b"\0", at + 1, end)
            name = _text(data[at + 1 : stop])
            found[name], at = READERS[data[at]](data, stop + 1, depth)
            if at >= end:
                raise Malformed("an element behind its document")
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise Malformed(str(error)) from error
    return found, end


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _string(data: bytes, at: int, _: int) -> Read:
    (size,) = INT32(data, at)
    if not 1 <= size <= len(data) - at - 4:
        raise Malformed("not a string")
    return _text(data[at + 4 : at + 3 + size]), at + 4 + size


def _embedded(data: bytes, at: int, depth: int) -> Read:
    return document(data, at, depth + 1)


def _array(data: bytes, at: int, depth: int) -> Read:
    found, at = document(data, at, depth + 1)
    return list(found.values()), at


def _binary(data: bytes, at: int, _: int) -> Read:
    (size,) = INT32(data, at)
    if not 0 <= size <= len(data) - at - 5:
        raise Malformed("not binary data")
    return base64.b64encode(data[at + 5 : at + 5 + size]).decode(), at + 5 + size


def _hex(size: int) -> Callable[[bytes, int, int], Read]:
    return lambda data, at, _: (data[at : at + size].hex(), at + size)


def _date(data: bytes, at: int, _: int) -> Read:
    (milliseconds,) = INT64(data, at)
    try:
        moment = (EPOCH + timedelta(milliseconds=milliseconds)).isoformat().replace("+00:00", "Z")
    except OverflowError:
        moment = str(milliseconds)
    return moment, at + 8


def _pattern(data: bytes, at: int, _: int) -> Read:
    stop = data.index(b"\0", at)
    end = data.index(b"\0", stop + 1)
    return f"/{_text(data[at:stop])}/{_text(data[stop + 1 : end])}", end + 1


def _pointer(data: bytes, at: int, depth: int) -> Read:
    name, at = _string(data, at, depth)
    return f"{name}/{data[at : at + 12].hex()}", at + 12


def _scoped(data: bytes, at: int, depth: int) -> Read:
    (size,) = INT32(data, at)
    code, _ = _string(data, at + 4, depth)
    if size < 14:  # noqa: PLR2004 - length, empty code, empty scope
        raise Malformed("not code")
    return code, at + size


READERS: dict[int, Callable[[bytes, int, int], Read]] = {
    0x01: lambda data, at, _: (DOUBLE(data, at)[0], at + 8),
    0x02: _string,
    0x03: _embedded,
    0x04: _array,
    0x05: _binary,
    0x06: lambda _, at, __: (None, at),
    0x07: _hex(12),
    0x08: lambda data, at, _: (data[at] != 0, at + 1),
    0x09: _date,
    0x0A: lambda _, at, __: (None, at),
    0x0B: _pattern,
    0x0C: _pointer,
    0x0D: _string,
    0x0E: _string,
    0x0F: _scoped,
    0x10: lambda data, at, _: (INT32(data, at)[0], at + 4),
    0x11: lambda data, at, _: (UINT64(data, at)[0], at + 8),
    0x12: lambda data, at, _: (INT64(data, at)[0], at + 8),
    0x13: _hex(16),
    0x7F: lambda _, at, __: ("MaxKey", at),
    0xFF: lambda _, at, __: ("MinKey", at),
}
