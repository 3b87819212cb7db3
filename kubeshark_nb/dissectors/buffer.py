"""The unread bytes of one side, and when they were captured."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.traffic import Chunk


class Buffer:
    """Unread bytes are ``data[at:]``. Nothing is copied as long as each chunk is read to its end.

    Attributes:
        data: bytes; replaced, never changed.
        at: where the unread ones begin. Reading is ``at += n``.
        ended: nothing more will come.
    """

    __slots__ = ("_base", "_chunk", "_ends", "_high", "_low", "_rest", "_rest_ns", "_times", "at", "data", "ended")

    def __init__(self) -> None:
        self.data = b""
        self.at = 0
        self.ended = False
        self._chunk: Chunk | None = None
        self._rest = 0  # bytes in front of the chunk, left over from earlier ones
        self._rest_ns = 0
        self._base = self._low = self._high = 0  # of the chunk, see there
        self._ends: Sequence[int] = ()
        self._times: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.data) - self.at

    def push(self, chunk: Chunk) -> None:
        """The next bytes. Those left over count as captured when the first of them was."""
        if self.at < len(self.data):
            self._rest_ns = self.time_at(self.at)
            rest = self.data[self.at :]
            self.data = rest + chunk.data
            self._rest = len(rest)
        else:
            self.data = chunk.data
            self._rest = 0
        self.at = 0
        self._chunk = chunk
        _, _, self._base, self._low, self._high, self._ends, self._times = chunk
        self._base -= self._rest

    def settle(self) -> None:
        """Let go of the chunk once its window is over: only what is unread stays, and when it was captured."""
        chunk = self._chunk
        if chunk is None:
            return
        unread = self.at < len(self.data)
        if unread and self.at >= self._rest:
            self._chunk = chunk.since(self.at - self._rest)
            _, _, self._base, self._low, self._high, self._ends, self._times = self._chunk
        else:
            self._rest_ns = self.time_at(self.at) if unread else 0
            self._chunk = None
        self.data = self.data[self.at :] if unread else b""
        self._rest = 0 if self._chunk else len(self.data)
        self.at = 0

    def clear(self) -> None:
        """Drop what is unread."""
        self.at = len(self.data)

    def take(self, count: int) -> bytes:
        """Read ``count`` bytes (fewer when there are fewer)."""
        at = self.at
        taken = self.data[at : at + count]
        self.at = at + len(taken)
        return taken

    def time_at(self, offset: int) -> int:
        """When (ns) the byte ``data[offset]`` was captured."""
        if offset < self._rest or self._chunk is None:
            return self._rest_ns
        last = self._high - 1
        if last == self._low:
            return self._times[last]  # a chunk of one segment, as many are
        return self._times[bisect_right(self._ends, self._base + offset, self._low, last)]

    def starts(self) -> list[int]:
        """Offsets in ``data``, not before ``at``, where a captured segment begins."""
        if self._chunk is None:
            return []
        return [start for one in self._chunk.segment_starts() if (start := one + self._rest) >= self.at]
