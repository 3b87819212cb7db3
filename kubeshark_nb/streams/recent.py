"""Streams by key, the one heard of longest ago first."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator


class Heard(Protocol):
    """Anything that knows when it was heard of last, and when the window began in which that was.

    Both in ns by the clock of `Packets`.
    """

    last_ns: int
    window_ns: int


T = TypeVar("T", bound=Heard)


class Recent(Generic[T]):
    """A bounded table: `stale` takes out what has been silent for ``idle`` ns, or is too many.

    Whether a stream is silent depends on itself alone and not on what else is in the table, so that the same streams
    end at the same moment however they are shared out among tables.
    """

    def __init__(self, size: int, idle: int) -> None:
        self._size = size
        self._idle = idle
        self._table: OrderedDict[int, T] = OrderedDict()
        self._window_ns = 0

    def __len__(self) -> int:
        return len(self._table)

    def get(self, key: int) -> T | None:
        """The stream at ``key``; it counts as heard of now."""
        found = self._table.get(key)
        if found is not None:
            found.window_ns = self._window_ns
            self._table.move_to_end(key)
        return found

    def put(self, key: int, stream: T) -> None:
        """Enter a new stream, also in place of an old one."""
        stream.window_ns = self._window_ns
        self._table[key] = stream
        self._table.move_to_end(key)

    def drop(self, key: int) -> None:
        """Take out the stream at ``key``."""
        self._table.pop(key, None)

    def stale(self, now_ns: int) -> Iterator[tuple[T, bool]]:
        """Take out streams at the end of a window, oldest first; with each, whether it had to go for lack of room."""
        self._window_ns = now_ns
        excess = len(self._table) - self._size
        gone: list[int] = []
        for key, stream in self._table.items():
            if len(gone) < excess or now_ns - stream.last_ns > self._idle:
                gone.append(key)
            elif now_ns - stream.window_ns <= self._idle:
                break  # what follows was heard in this window or in later ones
        for number, key in enumerate(gone):
            yield self._table.pop(key), number < excess

    def drain(self) -> Iterator[T]:
        """Take out every stream, oldest first."""
        while self._table:
            yield self._table.popitem(last=False)[1]
