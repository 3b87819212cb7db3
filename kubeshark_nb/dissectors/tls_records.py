"""TLS records (RFC 8446, 5.1): five bytes of header, then a fragment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.dissectors.buffer import Buffer

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA, HEARTBEAT = range(20, 25)
HEADER = 5
MAX_FRAGMENT = (1 << 14) + 2048  # the most that any version's protection adds
CANDIDATE = re.compile(rb"(?=[\x14-\x18]\x03[\x00-\x04][\x00-\x48])", re.DOTALL)
TRIES = 64


class Lost(Exception):  # noqa: N818 - not an error to the user: the reader looks for the next record
    """What is there cannot be a record."""


class Record(NamedTuple):
    """A record as captured. ``header`` are its five bytes."""

    kind: int
    header: bytes
    fragment: bytes
    time_ns: int


def read_records(buffer: Buffer) -> Iterator[Record]:
    """Every record that is there in full.

    Raises:
        Lost: the framing makes no sense any more.
    """
    while len(buffer) >= HEADER:
        data, at = buffer.data, buffer.at
        end = _end(data, at)
        if end is None:
            raise Lost
        if end > len(data):
            return
        buffer.at = end
        yield Record(data[at], data[at : at + HEADER], data[at + HEADER : end], buffer.time_at(end - 1))


def find_record(data: bytes, at: int) -> int | None:
    """Where the next record seems to begin: one that another follows, or that ends with the data."""
    for _, candidate in zip(range(TRIES), CANDIDATE.finditer(data, at), strict=False):
        begin = candidate.start()
        end = _end(data, begin) if begin + HEADER <= len(data) else None
        if end is not None and (end == len(data) or (end + HEADER <= len(data) and _end(data, end) is not None)):
            return begin
    return None


def _end(data: bytes, at: int) -> int | None:
    length = data[at + 3] << 8 | data[at + 4]
    if not CHANGE_CIPHER_SPEC <= data[at] <= HEARTBEAT or data[at + 1] != 3 or length > MAX_FRAGMENT:  # noqa: PLR2004
        return None
    return at + HEADER + length
