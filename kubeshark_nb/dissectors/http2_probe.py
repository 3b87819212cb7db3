"""Is this HTTP/2? The preface says so; without it, a train of frames in which headers tell who speaks."""

from __future__ import annotations

from kubeshark_nb.dissectors.dissector import Says
from kubeshark_nb.dissectors.http2_frames import CONTINUATION, HEADER, HEADERS, PREFACE, SETTINGS, Lost, train, unpadded

MOST = 16  # frames looked at
FIRST_SETTINGS = range(1, 17)  # identifiers that occur (IANA registry)
# the static table of HPACK (RFC 7541, appendix A)
OF_REQUESTS = frozenset(range(1, 8))  # :authority, :method, :path, :scheme
OF_RESPONSES = frozenset(range(8, 15))  # :status


def probe(head: bytes) -> Says:
    """The client's preface, the server's first SETTINGS, or frames from the middle of a connection."""
    if head.startswith(PREFACE[: len(head)]):
        return Says.CLIENT if len(head) >= len(PREFACE) else Says.MORE
    if head[:1] != b"\0" or head[3:4] > bytes([CONTINUATION]):
        return Says.NO
    return Says.MORE if len(head) < HEADER.size else _of_frames(head)


def _of_frames(head: bytes) -> Says:
    begins, end = train(head, 0, MOST)
    if not begins:
        return Says.NO
    if _is_first_settings(head, begins[0]):
        return Says.SERVER
    for begin in begins:
        if (says := _speaker(head, begin)) is not None and (len(begins) > 1 or end <= len(head)):
            return says
    return Says.MORE if len(begins) < MOST and end <= len(head) else Says.NO


def _is_first_settings(head: bytes, at: int) -> bool:
    """SETTINGS that acknowledge nothing come first, and from a client only behind its preface."""
    high, low, kind, flags, _ = HEADER.unpack_from(head, at)
    length = high << 16 | low
    if kind != SETTINGS or flags or len(head) < at + HEADER.size + length:
        return False
    begin = at + HEADER.size
    return all(int.from_bytes(head[one : one + 2], "big") in FIRST_SETTINGS for one in range(begin, begin + length, 6))


def _speaker(head: bytes, at: int) -> Says | None:
    """Who sends headers that begin like these."""
    high, low, kind, flags, _ = HEADER.unpack_from(head, at)
    if kind != HEADERS:
        return None
    begin = at + HEADER.size
    try:
        block = unpadded(flags, head[begin : begin + (high << 16 | low)])
    except Lost:
        return None
    while block and block[0] & 0xE0 == 0x20:  # noqa: PLR2004 - table size updates stand first
        block = block[1:]
    index = _static_index(block[0]) if block else 0
    return Says.CLIENT if index in OF_REQUESTS else Says.SERVER if index in OF_RESPONSES else None


def _static_index(first: int) -> int:
    """Index of an indexed field, else of the literal's name; 0 where the name is spelled out."""
    if first & 0x80:
        return first & 0x7F
    return first & 0x3F if first & 0x40 else first & 0x0F
