"""Blocks that Kafka, MongoDB or MySQL compressed, unpacked up to `MAX_PLAIN` bytes; damaged ones give ``b""``."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PLAIN = 8 << 20
XERIAL = b"\x82SNAPPY\0"
VARINT = 5  # bytes of a length at most


def plain(read: Callable[[bytes], bytes] | None, data: bytes) -> bytes:
    """What ``read`` makes of ``data``; ``b""`` where it fails or there is no such codec."""
    if read is None:
        return b""
    try:
        return read(data)
    except (ValueError, OSError, EOFError, zlib.error, IndexError, struct.error):
        return b""


def same(data: bytes) -> bytes:
    """Not packed."""
    return data


def deflated(data: bytes, most: int = MAX_PLAIN) -> bytes:
    """Gzip or zlib; its first ``most`` bytes."""
    return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, most)


def snappy(data: bytes) -> bytes:
    """One block, or the framing of xerial's Java library: a header of 16 bytes, then blocks with their length."""
    if not data.startswith(XERIAL):
        return _snappy_block(data)
    blocks, at, total = [], 16, 0
    while at + 4 <= len(data) and total < MAX_PLAIN:
        size = int.from_bytes(data[at : at + 4], "big")
        blocks.append(_snappy_block(data[at + 4 : at + 4 + size]))
        total += len(blocks[-1])
        at += 4 + size
    return b"".join(blocks)


def _snappy_block(block: bytes) -> bytes:
    import pyarrow as pa

    size = 0
    for at, byte in enumerate(block[:VARINT]):
        size |= (byte & 0x7F) << 7 * at
        if byte < 0x80:  # noqa: PLR2004 - the last byte of the length
            break
    if size > MAX_PLAIN:
        return b""
    return bytes(pa.decompress(block, size, codec="snappy", asbytes=True))


def lz4(data: bytes) -> bytes:
    """LZ4 frames."""
    import pyarrow as pa

    return bytes(pa.CompressedInputStream(pa.BufferReader(data), "lz4").read(MAX_PLAIN))


def zstd(data: bytes, most: int = MAX_PLAIN) -> bytes:
    """Zstandard; its first ``most`` bytes."""
    import zstandard

    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(io.BytesIO(data)) as reader:
        try:
            return reader.read(most)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
