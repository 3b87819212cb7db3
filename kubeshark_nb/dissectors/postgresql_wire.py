"""Messages of PostgreSQL's protocol: how they are recognised, where they end, values bound to a statement."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.dissector import Says
from kubeshark_nb.dissectors.frames import Malformed

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer

VERSION = 3
CANCEL, SSL, GSS = 80877102, 80877103, 80877104
HEAD = 5  # type and length
MAX_MESSAGE = 1 << 30
MAX_STARTUP = 10_000
ASKS = frozenset(b"QPBEDCSHXpFdcf")
TELLS = frozenset(b"RKSZTDCEN123nstIAGHWdcVv")
OPENERS = frozenset(b"QPBXpF")  # what is not also a message of servers
SHORT = 4  # length of a message without content


def probe(head: bytes) -> Says:
    """A startup message, or whole messages one after the other that only a client sends."""
    if len(head) < 8:  # noqa: PLR2004 - length and version
        return Says.MORE if not head.strip(b"\0") or head[0] in OPENERS or head[:3] == bytes(3) else Says.NO
    size, code = struct.unpack_from(">II", head)
    if code in (SSL, GSS) and size == 8:  # noqa: PLR2004 - nothing but the code
        return Says.CLIENT
    if code >> 16 == VERSION and code & 0xFFFF < 8 and 8 < size <= MAX_STARTUP:  # noqa: PLR2004 - minor versions
        return (
            Says.CLIENT
            if head[8 : min(len(head), 13)] == b"user\0"[: len(head) - 8] or head[8:9].isalpha()
            else Says.NO
        )
    if head[0] in OPENERS and _chain(head, ASKS):
        return Says.CLIENT
    return Says.MORE if head[0] in TELLS and _chain(head, TELLS) else Says.NO


def _chain(head: bytes, types: frozenset[int]) -> bool:
    """Whether messages of these types follow each other; the last may go on behind ``head``."""
    at = 0
    while len(head) - at >= HEAD:
        size = int.from_bytes(head[at + 1 : at + HEAD], "big")
        if head[at] not in types or not SHORT <= size <= 1 << 24:
            return False
        at += 1 + size
    return at <= len(head) or (at > len(head) and head[0] in b"QPTD")


def measure(data: bytes, at: int) -> int:
    """Size of the message at ``at`` (see `Frames`)."""
    if len(data) - at < HEAD:
        return 0
    size = int.from_bytes(data[at + 1 : at + HEAD], "big")
    if not SHORT <= size <= MAX_MESSAGE:
        raise Malformed("not a length")
    return 1 + size


def measure_startup(data: bytes, at: int) -> int:
    """Size of a message before the connection is set up: without a type."""
    if len(data) - at < 4:  # noqa: PLR2004 - the length
        return 0
    size = int.from_bytes(data[at : at + 4], "big")
    if not 8 <= size <= MAX_STARTUP:  # noqa: PLR2004 - length and code
        raise Malformed("not a startup message")
    return size


def parameters(data: bytes) -> list[str | None]:
    """Values bound to a statement: text as it is, binary ones in hexadecimal."""
    values: list[str | None] = []
    try:
        (formats,) = struct.unpack_from(">H", data)
        kinds = struct.unpack_from(f">{formats}H", data, 2)
        at = 2 + 2 * formats
        (count,) = struct.unpack_from(">H", data, at)
        at += 2
        for number in range(count):
            (size,) = struct.unpack_from(">i", data, at)
            at += 4
            binary = kinds[number if len(kinds) > 1 else 0] if kinds else 0
            value = data[at : at + max(size, 0)]
            values.append(None if size < 0 else f"\\x{value.hex()}" if binary else text(value))
            at += max(size, 0)
    except (struct.error, IndexError):
        pass
    return values


def find_message(buffer: Buffer, types: frozenset[int]) -> bool:
    """Skip to a segment that begins with messages of these types."""
    for start in buffer.starts():
        if _chain(buffer.data[start : start + 4096], types):
            buffer.at = start
            return True
    buffer.clear()
    return False


def text(data: bytes) -> str:
    """Bytes as people read them."""
    return data.decode("utf-8", "backslashreplace")
