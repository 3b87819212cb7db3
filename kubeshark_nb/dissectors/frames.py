"""Messages that say how long they are: whole ones, cut out of a stream.

Nothing large stays in the buffer: what has come of a message is kept here, its first `MAX_KEPT` bytes as a rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.buffer import Buffer

MAX_KEPT = 8 << 20


class Malformed(Exception):  # noqa: N818 - not an error to the user: such streams are counted
    """Not a message of this protocol."""


class Frame(NamedTuple):
    """A message with its header; of a very long one ``data`` is only the beginning. Times (ns) of both its ends."""

    data: bytes
    time_ns: int
    end_ns: int
    size: int

    @property
    def cut(self) -> bool:
        """Whether ``data`` is not all of it."""
        return len(self.data) < self.size


class Frames:
    """Reads the messages of one side.

    Args:
        measure: gets bytes and where a message begins in them; gives the size of the whole message, 0 when it takes
            more bytes to know; raises `Malformed`.
        most: bytes of a message that are kept.
    """

    __slots__ = ("_kept", "_measure", "_missing", "_most", "_parts", "_size", "_time_ns")

    def __init__(self, measure: Callable[[bytes, int], int], most: int = MAX_KEPT) -> None:
        self._measure = measure
        self._most = most
        self.reset()

    def reset(self) -> None:
        """Forget a half-read message."""
        self._parts: list[bytes] = []
        self._missing = self._kept = self._size = self._time_ns = 0

    @property
    def partial(self) -> bool:
        """Whether a message is half read."""
        return self._missing > 0

    def read(self, buffer: Buffer) -> Frame | None:
        """The next whole message, or ``None`` when more bytes are needed.

        Raises:
            Malformed: not a message of this protocol.
        """
        if self._missing:
            return self._go_on(buffer)
        at = buffer.at
        size = self._measure(buffer.data, at)
        if not size:
            return None
        time_ns = buffer.time_at(at)
        if size > len(buffer.data) - at:
            self._size = self._missing = size
            self._time_ns = time_ns
            return self._go_on(buffer)
        buffer.at = at + size
        return Frame(buffer.data[at : at + min(size, self._most)], time_ns, buffer.time_at(at + size - 1), size)

    def _go_on(self, buffer: Buffer) -> Frame | None:
        piece = buffer.take(self._missing)
        self._missing -= len(piece)
        room = self._most - self._kept
        if room > 0:
            self._parts.append(piece[:room])
            self._kept += len(piece)
        if self._missing:
            return None
        frame = Frame(b"".join(self._parts), self._time_ns, buffer.time_at(max(buffer.at - 1, 0)), self._size)
        self.reset()
        return frame
