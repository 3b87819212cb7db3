"""Pairing requests with answers by an identifier. Bounded; what is left over is a half pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

Request = TypeVar("Request")
MAX_OPEN = 1 << 16  # a client may ask a whole window before its server's bytes are read


class Exchanges(Generic[Request]):
    """An answer names its request."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: dict[Hashable, Request] = {}  # oldest first; there may be many conversations, and this is small

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._open

    def ask(self, key: Hashable, request: Request) -> Request | None:
        """Enter a request; gives back one that will get no answer any more: same key, or the oldest of too many."""
        replaced = self._open.pop(key, None)
        self._open[key] = request
        if replaced is None and len(self._open) > MAX_OPEN:
            return self._open.pop(next(iter(self._open)))
        return replaced

    def answer(self, key: Hashable) -> Request | None:
        """Take out the request of an answer."""
        request = self._open.pop(key, None)
        if not self._open:
            self._open = {}  # one that was emptied keeps its table, and most conversations never ask again
        return request

    def drain(self) -> Iterator[Request]:
        """Take out every open request, oldest first."""
        while self._open:
            yield self._open.pop(next(iter(self._open)))
