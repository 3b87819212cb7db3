"""Protocol Buffers without their schema: field numbers and what the bytes can mean (protobuf.dev, Encoding)."""

from __future__ import annotations

from binascii import b2a_base64
from struct import unpack_from

Fields = list[dict[str, object]]

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_VARINT = 10
MAX_DEPTH = 8
MAX_FIELDS = 500  # shown of one message with all that is inside it
CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\r")


class _Strange(Exception):  # noqa: N818 - not an error: the bytes mean something else
    pass


def fields_of(data: bytes) -> Fields | None:
    """``{field, type, value}`` of each field in order; ``None`` when ``data`` is no message.

    ``type`` is ``varint``, ``fixed64``, ``fixed32``, ``text``, ``message`` or ``bytes`` (base64). Which of the last
    three is a guess: text if it can be shown, else a message if it parses. Long messages are cut.
    """
    try:
        return _message(data, 0, [MAX_FIELDS])
    except _Strange:
        return None


def _message(data: bytes, depth: int, room: list[int]) -> Fields:
    fields: Fields = []
    at = 0
    while at < len(data) and room[0] > 0:
        room[0] -= 1
        key, at = _varint(data, at)
        read = READERS.get(key & 7)
        if read is None or not 0 < key >> 3 < 1 << 29:
            raise _Strange
        kind, value, at = read(data, at, depth, room)
        fields.append({"field": key >> 3, "type": kind, "value": value})
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift, byte in enumerate(data[at : at + MAX_VARINT]):
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte
            return value & (1 << 64) - 1, at + shift + 1
    raise _Strange


def _number(data: bytes, at: int, _depth: int, _room: list[int]) -> tuple[str, object, int]:
    value, at = _varint(data, at)
    return "varint", value, at


def _fixed(kind: str, form: str, size: int, data: bytes, at: int) -> tuple[str, object, int]:
    if at + size > len(data):
        raise _Strange
    return kind, unpack_from(form, data, at)[0], at + size


def _bytes(data: bytes, at: int, depth: int, room: list[int]) -> tuple[str, object, int]:
    length, at = _varint(data, at)
    end = at + length
    if end > len(data):
        raise _Strange
    content = data[at:end]
    if (shown := _text(content)) is not None:
        return "text", shown, end
    if depth < MAX_DEPTH:
        left = room[0]
        try:
            return "message", _message(content, depth + 1, room), end
        except _Strange:
            room[0] = left
    return "bytes", b2a_base64(content, newline=False).decode(), end


def _text(content: bytes) -> str | None:
    try:
        shown = content.decode()
    except UnicodeDecodeError:
        return None
    return None if CONTROLS.intersection(shown) else shown


def _eight(data: bytes, at: int, _depth: int, _room: list[int]) -> tuple[str, object, int]:
    return _fixed("fixed64", "<Q", 8, data, at)


def _four(data: bytes, at: int, _depth: int, _room: list[int]) -> tuple[str, object, int]:
    return _fixed("fixed32", "<L", 4, data, at)


READERS = {VARINT: _number, FIXED64: _eight, BYTES: _bytes, FIXED32: _four}
