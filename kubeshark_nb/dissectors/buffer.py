"""The unread bytes of one side, and when they were captured."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.traffic import Chunk


ALL = 1 << 62


class Buffer:
    """Unread bytes are ``data[at:]``. Nothing is copied as long as each chunk is read to its end.

    Attributes:
        data: bytes; replaced, never changed.
        at: where the unread ones begin. Reading is ``at += n``.
        ended: nothing more will come.
    """

    __slots__ = ("_base", "_chunk", "_ends", "_last", "_low", "_rest", "_rest_ns", "_times", "at", "data", "ended")

    def __init__(self) -> None:
        self.data = b""
        self.at = 0
        self.ended = False
        self._chunk: Chunk | None = None
        self._rest = ALL  # bytes in front of the chunk, left over from earlier ones
        self._rest_ns = 0
        self._base = self._low = self._last = 0  # of the chunk, see there
        self._ends: Sequence[int] = ()
        self._times: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.data) - self.at

    def push(self, chunk: Chunk) -> None:
        """The next bytes. Those left over count as captured when the first of them was."""
        rest = b""
        if self.at < len(self.data):
            self._rest_ns = self.time_at(self.at)
            rest = self.data[self.at :]
        self._take_times(chunk, len(rest))
        self.data = rest + chunk.data if rest else chunk.data
        self.at = 0

    def settle(self) -> None:
        """Let go of the chunk once its window is over: only what is unread stays, and when it was captured."""
        at, chunk = self.at, self._chunk
        if chunk is None:
            return
        if at >= len(self.data):
            self._forget_times(0)
        elif at >= self._rest:
            self._take_times(chunk.since(at - self._rest), 0)
        else:
            self._forget_times(self.time_at(at))
        self.data = self.data[at:]
        self.at = 0

    def _take_times(self, chunk: Chunk, rest: int) -> None:
        self._chunk = chunk
        self._rest = rest
        _, _, base, self._low, high, self._ends, self._times = chunk
        self._base = base - rest
        self._last = high - 1

    def _forget_times(self, rest_ns: int) -> None:
        self._chunk = None
        self._rest, self._rest_ns = ALL, rest_ns
        self._ends = self._times = ()

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
        if offset < self._rest:
            return self._rest_ns
        return self._times[bisect_right(self._ends, self._base + offset, self._low, self._last)]

    def starts(self) -> list[int]:
        """Offsets in ``data``, not before ``at``, where a captured segment begins."""
        if self._chunk is None:
            return []
        return [start for one in self._chunk.segment_starts() if (start := one + self._rest) >= self.at]
