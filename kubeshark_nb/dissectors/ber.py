"""BER as LDAP uses it (RFC 4511, 5.1): one-byte tags, definite lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.dissectors.frames import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 0x80
MAX_LENGTH_BYTES = 4


class Element(NamedTuple):
    """One element: its tag and its content."""

    tag: int
    content: bytes

    def elements(self) -> list[Element]:
        """What a constructed element holds.

        Raises:
            Malformed: not BER.
        """
        return list(elements(self.content))

    @property
    def number(self) -> int:
        """The value of an integer, an enumeration or a boolean."""
        return int.from_bytes(self.content[:8], "big", signed=True)

    @property
    def text(self) -> str:
        """The value of an octet string."""
        return self.content.decode("utf-8", "backslashreplace")


def size_at(data: bytes, at: int) -> int:
    """Bytes of the whole element at ``at``, 0 when it takes more bytes to know.

    Raises:
        Malformed: a length that is not definite, or too long.
    """
    if len(data) - at < 2:  # noqa: PLR2004 - tag and length
        return 0
    first = data[at + 1]
    if first < LONG:
        return 2 + first
    count = first - LONG
    if not 1 <= count <= MAX_LENGTH_BYTES:
        raise Malformed("not a definite length")
    if len(data) - at < 2 + count:
        return 0
    return 2 + count + int.from_bytes(data[at + 2 : at + 2 + count], "big")


def elements(data: bytes, at: int = 0) -> Iterator[Element]:
    """The elements of ``data``, one after the other.

    Raises:
        Malformed: one is cut.
    """
    while at < len(data):
        size = size_at(data, at)
        if not size or at + size > len(data):
            raise Malformed("an element is cut")
        head = 2 if data[at + 1] < LONG else 2 + data[at + 1] - LONG
        yield Element(data[at], data[at + head : at + size])
        at += size
