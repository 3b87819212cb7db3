"""Streams by key, the one heard of longest ago first."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator


class Heard(Protocol):
    """Anything that knows when it was heard of last (ns)."""

    last_ns: int


T = TypeVar("T", bound=Heard)


class Recent(Generic[T]):
    """A bounded table: `stale` takes out what has been silent for ``idle`` ns, or is too many."""

    def __init__(self, size: int, idle: int) -> None:
        self._size = size
        self._idle = idle
        self._table: OrderedDict[int, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._table)

    def get(self, key: int) -> T | None:
        """The stream at ``key``; it counts as heard of now."""
        found = self._table.get(key)
        if found is not None:
            self._table.move_to_end(key)
        return found

    def put(self, key: int, stream: T) -> None:
        """Enter a new stream, also in place of an old one."""
        self._table[key] = stream
        self._table.move_to_end(key)

    def stale(self, now_ns: int) -> Iterator[tuple[T, bool]]:
        """Take out streams, oldest first; with each, whether it had to go for lack of room."""
        while self._table:
            oldest = next(iter(self._table.values()))
            crowded = len(self._table) > self._size
            if not crowded and now_ns - oldest.last_ns <= self._idle:
                return
            self._table.popitem(last=False)
            yield oldest, crowded

    def drain(self) -> Iterator[T]:
        """Take out every stream, oldest first."""
        while self._table:
            yield self._table.popitem(last=False)[1]
