"""The unread bytes of one side, and when they were captured."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.traffic import Chunk


ALL = 1 << 62
MAX_SPANS = 1024  # of bytes left over that have times of their own; beyond, all have that of the first


class Buffer:
    """Unread bytes are ``data[at:]``. Nothing is copied as long as each chunk is read to its end.

    Attributes:
        data: bytes; replaced, never changed.
        at: where the unread ones begin. Reading is ``at += n``.
        ended: nothing more will come.
    """

    __slots__ = (
        "_base", "_chunk", "_ends", "_last", "_low", "_rest", "_rest_ends", "_rest_ns", "_rest_times", "_times", "at",
        "data", "ended",
    )  # fmt: skip

    def __init__(self) -> None:
        self.data = b""
        self.at = 0
        self.ended = False
        self._chunk: Chunk | None = None
        self._rest = ALL  # bytes in front of the chunk, left over from earlier ones
        self._rest_ns = 0
        self._rest_ends: list[int] = []  # where those end that were captured together; empty: all of them were
        self._rest_times: list[int] = []
        self._base = self._low = self._last = 0  # of the chunk, see there
        self._ends: Sequence[int] = ()
        self._times: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.data) - self.at

    def push(self, chunk: Chunk) -> None:
        """The next bytes."""
        rest = b""
        if self.at < len(self.data):
            self._keep_times(self.at)
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
            self._forget_times()
        elif at >= self._rest:
            self._take_times(chunk.since(at - self._rest), 0)
        else:
            self._keep_times(at)
            self._forget_times()
        self.data = self.data[at:]
        self.at = 0

    def _take_times(self, chunk: Chunk, rest: int) -> None:
        self._chunk = chunk
        self._rest = rest
        _, _, base, self._low, high, self._ends, self._times = chunk
        self._base = base - rest
        self._last = high - 1

    def _forget_times(self) -> None:
        """All that is unread is left over."""
        self._chunk = None
        self._rest = ALL
        self._ends = self._times = ()

    def _keep_times(self, at: int) -> None:
        """What is unread from ``at`` on will be left over: when it was captured, mostly all at once."""
        first = self.time_at(at)
        spans = self._spans(at) if self.time_at(len(self.data) - 1) != first else []
        self._rest_ns = first
        self._rest_ends = [end - at for end, _ in spans]
        self._rest_times = [time_ns for _, time_ns in spans]

    def _spans(self, at: int) -> list[tuple[int, int]]:
        """Where bytes that were captured together end in ``data``, and when that was; none when they are too many."""
        low, high = (0, 0) if self._chunk is None else (self._low, self._last + 1)
        if high - low + len(self._rest_ends) > MAX_SPANS:
            return []
        older = zip(self._rest_ends or [self._rest], self._rest_times or [self._rest_ns], strict=True)
        newer = zip(self._ends[low:high], self._times[low:high], strict=True)
        spans = [(min(end, self._rest), time_ns) for end, time_ns in older]
        spans += [(end - self._base, time_ns) for end, time_ns in newer]
        return [(end, time_ns) for end, time_ns in spans if end > at]

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
            ends = self._rest_ends
            return self._rest_times[bisect_right(ends, offset, 0, len(ends) - 1)] if ends else self._rest_ns
        return self._times[bisect_right(self._ends, self._base + offset, self._low, self._last)]

    def starts(self) -> list[int]:
        """Offsets in ``data``, not before ``at``, where a captured segment begins."""
        if self._chunk is None:
            return []
        return [start for one in self._chunk.segment_starts() if (start := one + self._rest) >= self.at]
