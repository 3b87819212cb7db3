"""Content codings (RFC 9110, 8.4): what a body was before it was compressed, up to a bound."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CONTENT = 8 << 20  # bytes of one body that are kept; a compressed one may claim any size


def decoded(body: bytes, coding: str) -> tuple[bytes, bool]:
    """``body`` without its codings, and whether it was cut at `MAX_CONTENT`.

    A body that is not what its coding says is given as it is; one that ends early, as far as it goes.
    """
    cut = False
    for name in reversed([part.strip().lower() for part in coding.split(",")]):
        decode = CODINGS.get(name)
        if decode is not None and body:
            body = decode(body) or body
            cut = cut or len(body) > MAX_CONTENT
            body = body[:MAX_CONTENT]
    return body, cut


def _inflate(body: bytes, bits: int) -> bytes:
    """All members of a gzip or zlib stream."""
    parts: list[bytes] = []
    room = MAX_CONTENT + 1
    try:
        while body and room > 0:
            stream = zlib.decompressobj(bits)
            parts.append(stream.decompress(body, room))
            room -= len(parts[-1])
            body = stream.unused_data
    except zlib.error:
        pass
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _gzip(body: bytes) -> bytes:
    return _inflate(body, zlib.MAX_WBITS | 32)


def _deflate(body: bytes) -> bytes:
    """Some servers send raw deflate instead of zlib."""
    return _inflate(body, zlib.MAX_WBITS) or _inflate(body, -zlib.MAX_WBITS)


def _brotli(body: bytes) -> bytes:
    import brotli

    stream = brotli.Decompressor()
    parts: list[bytes] = []
    room = MAX_CONTENT + 1
    try:
        while room > 0 and (part := stream.process(body, output_buffer_limit=room)):
            parts.append(part)
            room -= len(part)
            body = b""
    except brotli.error:
        pass
    return b"".join(parts)[: MAX_CONTENT + 1]


def _zstd(body: bytes) -> bytes:
    import zstandard

    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body, read_across_frames=True)
    parts: list[bytes] = []
    room = MAX_CONTENT + 1
    try:
        while room > 0 and (part := reader.read(min(room, 1 << 16))):
            parts.append(part)
            room -= len(part)
    except zstandard.ZstdError:
        pass
    return b"".join(parts)


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
