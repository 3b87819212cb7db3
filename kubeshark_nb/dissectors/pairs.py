"""Pairing requests with answers: by order, or by an identifier. Bounded; what is left over is a half pair."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

Request = TypeVar("Request")
MAX_OPEN = 1024


class Pairs(Generic[Request]):
    """The n-th answer belongs to the n-th request."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: deque[Request] = deque()

    def __len__(self) -> int:
        return len(self._open)

    def ask(self, request: Request) -> Request | None:
        """Enter a request; gives back the oldest when there are too many open."""
        self._open.append(request)
        return self._open.popleft() if len(self._open) > MAX_OPEN else None

    def first(self) -> Request | None:
        """The request that the next answer belongs to."""
        return self._open[0] if self._open else None

    def second(self) -> Request | None:
        """The request after the first."""
        return self._open[1] if len(self._open) > 1 else None

    def answer(self) -> Request | None:
        """Take out the request of an answer."""
        return self._open.popleft() if self._open else None

    def pop(self) -> Request:
        """Take out the first request, which there must be."""
        return self._open.popleft()

    def drain(self) -> Iterator[Request]:
        """Take out every open request, oldest first."""
        while self._open:
            yield self._open.popleft()


class Exchanges(Generic[Request]):
    """An answer names its request."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: OrderedDict[Hashable, Request] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def ask(self, key: Hashable, request: Request) -> Request | None:
        """Enter a request; gives back one that will get no answer any more: same key, or the oldest of too many."""
        replaced = self._open.pop(key, None)
        self._open[key] = request
        if replaced is None and len(self._open) > MAX_OPEN:
            return self._open.popitem(last=False)[1]
        return replaced

    def answer(self, key: Hashable) -> Request | None:
        """Take out the request of an answer."""
        return self._open.pop(key, None)

    def drain(self) -> Iterator[Request]:
        """Take out every open request, oldest first."""
        while self._open:
            yield self._open.popitem(last=False)[1]
