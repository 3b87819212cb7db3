"""Compressed captures, read as a stream: the first bytes say which."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable


def _gunzip(stream: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=stream))


def _unzstd(stream: BinaryIO) -> BinaryIO:
    import zstandard

    return cast("BinaryIO", zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True))


OPENERS: dict[bytes, Callable[[BinaryIO], BinaryIO]] = {b"\x1f\x8b": _gunzip, b"\x28\xb5\x2f\xfd": _unzstd}


class Rewound(io.RawIOBase):
    """A stream with bytes put back in front of it: works on pipes, which cannot seek."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes: first those put back."""
        if not self._head:
            return self._stream.read(size)
        taken, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
        return taken + self._stream.read() if size < 0 else taken

    def close(self) -> None:
        """Close the stream behind it, too."""
        self._stream.close()
        super().close()


def read_up_to(stream: BinaryIO, size: int) -> bytes:
    """``size`` bytes, fewer only at the end of the stream (a pipe gives what it has)."""
    parts: list[bytes] = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def decompressed(stream: BinaryIO) -> BinaryIO:
    """``stream``, or its contents when it is compressed (also twice)."""
    head = read_up_to(stream, 4)
    rewound = cast("BinaryIO", Rewound(head, stream))
    for magic, opener in OPENERS.items():
        if head.startswith(magic):
            return decompressed(opener(rewound))
    return rewound
