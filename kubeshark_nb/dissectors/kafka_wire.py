"""The types of Kafka's protocol (https://kafka.apache.org/protocol#protocol_types), read from bytes."""

from __future__ import annotations

import struct
from uuid import UUID

INT16 = struct.Struct(">h").unpack_from
INT32 = struct.Struct(">i").unpack_from
INT64 = struct.Struct(">q").unpack_from
MAX_VARINT = 70  # bits


class Short(Exception):  # noqa: N818 - not an error to the user
    """The bytes end, or make no sense, before the message does."""


class Cursor:
    """Reads on from ``at``. ``flexible``: strings, bytes and arrays have lengths of variable size (KIP-482)."""

    __slots__ = ("at", "data", "flexible")

    def __init__(self, data: bytes, at: int = 0, *, flexible: bool = False) -> None:
        self.data = data
        self.at = at
        self.flexible = flexible

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.at

    def _skip(self, size: int) -> int:
        at = self.at
        if size < 0 or at + size > len(self.data):
            raise Short
        self.at = at + size
        return at

    def int8(self) -> int:
        """A signed byte."""
        byte = self.data[self._skip(1)]
        return byte - 256 if byte > 127 else byte  # noqa: PLR2004 - the sign

    def boolean(self) -> bool:
        """A byte that is not 0."""
        return self.data[self._skip(1)] != 0

    def int16(self) -> int:
        """Two bytes."""
        return int(INT16(self.data, self._skip(2))[0])

    def int32(self) -> int:
        """Four bytes."""
        return int(INT32(self.data, self._skip(4))[0])

    def int64(self) -> int:
        """Eight bytes."""
        return int(INT64(self.data, self._skip(8))[0])

    def uuid(self) -> str:
        """Sixteen bytes."""
        at = self._skip(16)
        return str(UUID(bytes=self.data[at : at + 16]))

    def unsigned(self) -> int:
        """An unsigned varint."""
        value = shift = 0
        while True:
            byte = self.data[self._skip(1)]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the last byte
                return value
            shift += 7
            if shift > MAX_VARINT:
                raise Short

    def varint(self) -> int:
        """A zig-zag varint."""
        value = self.unsigned()
        return (value >> 1) ^ -(value & 1)

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        at = self._skip(size)
        return self.data[at : at + size]

    def string(self) -> str | None:
        """Text, or ``None``."""
        size = self.unsigned() - 1 if self.flexible else self.int16()
        return None if size < 0 else text(self.take(size))

    def bytes(self) -> bytes | None:
        """Bytes, or ``None``."""
        size = self.unsigned() - 1 if self.flexible else self.int32()
        return None if size < 0 else self.take(size)

    def count(self) -> int:
        """How many elements an array has, -1 when there is no array."""
        count = self.unsigned() - 1 if self.flexible else self.int32()
        if count > self.left:
            raise Short
        return count

    def tags(self) -> None:
        """Skip the tagged fields at the end of a structure."""
        if self.flexible:
            for _ in range(self.unsigned()):
                self.unsigned()
                self.take(self.unsigned())


def text(data: bytes) -> str:
    """Bytes as people read them."""
    return data.decode("utf-8", "backslashreplace")
