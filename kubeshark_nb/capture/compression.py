"""Compressed captures, read as a stream: the first bytes say which."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable


class Gunzip(io.RawIOBase):
    """A gzip stream of any number of members, unpacked as it comes: what precedes a damage is given out first."""

    PIECE = 1 << 16
    WRAPPER = zlib.MAX_WBITS | 16

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._member = zlib.decompressobj(self.WRAPPER)
        self._rest = b""  # packed bytes not looked at yet

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes.

        Raises:
            EOFError: the stream ends inside a member.
            zlib.error: it is damaged.
        """
        limit = self.PIECE if size < 0 else size
        while True:
            packed = self._rest or self._stream.read(self.PIECE)
            if not packed:
                if self._member.eof:
                    return b""
                raise EOFError("ends before its end-of-stream marker")
            if self._member.eof:
                self._member = zlib.decompressobj(self.WRAPPER)
            data = self._member.decompress(packed, limit)
            self._rest = self._member.unused_data or self._member.unconsumed_tail
            if data:
                return data

    def close(self) -> None:
        """Close the stream behind it, too."""
        self._stream.close()
        super().close()


def _gunzip(stream: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", Gunzip(stream))


class Unzstd(io.RawIOBase):
    """A Zstandard stream of any number of frames; a cut is not taken for the end, as the library's own reader does."""

    PIECE = 1 << 12  # a packed byte may stand for 32 KB, and all of a piece is unpacked at once

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._library = zstandard.ZstdDecompressor()
        self._frame = self._library.decompressobj()
        self._packed = b""  # of the frame after this one
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes.

        Raises:
            EOFError: the stream ends inside a frame.
            zstandard.ZstdError: it is damaged.
        """
        while not self._ready and (packed := self._packed or self._stream.read(self.PIECE)):
            if self._frame.eof:
                self._frame = self._library.decompressobj()
            self._ready = memoryview(self._frame.decompress(packed))
            self._packed = self._frame.unused_data
        if not self._ready and not self._frame.eof:
            raise EOFError("ends in the middle of a frame")
        end = len(self._ready) if size < 0 else size
        given, self._ready = bytes(self._ready[:end]), self._ready[end:]
        return given

    def close(self) -> None:
        """Close the stream behind it, too."""
        self._stream.close()
        super().close()


def _unzstd(stream: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", Unzstd(stream))


EARLY = "compressed, but damaged or cut at its very beginning ({error}); was the copy complete?"
DAMAGES = (EOFError, zlib.error, zstandard.ZstdError)  # what reading a damaged stream raises
MAGIC = 4  # bytes that tell
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


def decompressed(stream: BinaryIO) -> BinaryIO:
    """``stream``, or its contents when it is compressed (also twice)."""
    head = b""
    while len(head) < MAGIC and (part := stream.read(MAGIC - len(head))):
        head += part
    rewound = cast("BinaryIO", Rewound(head, stream))
    for magic, opener in OPENERS.items():
        if head.startswith(magic):
            return decompressed(opener(rewound))
    return rewound
