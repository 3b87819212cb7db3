"""What was made of short pieces of traffic, remembered: on a network the same ones come again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

Raw = TypeVar("Raw", bound="Sized")
Made = TypeVar("Made")


class Kept(dict[Raw, Made], Generic[Raw, Made]):
    """``kept[raw]`` is ``make(raw)``, made once.

    Emptied when full, which is cheaper than knowing the oldest.

    Args:
        make: must depend on ``raw`` only.
        room: how many are kept.
        longest: what is longer than this (``len``) is made every time, so that nobody can fill the memory.
    """

    __slots__ = ("_longest", "_make", "_room")

    def __init__(self, make: Callable[[Raw], Made], room: int, longest: int) -> None:
        super().__init__()
        self._make = make
        self._room = room
        self._longest = longest

    def __missing__(self, raw: Raw) -> Made:
        """Make it."""
        made = self._make(raw)
        if len(raw) <= self._longest:
            if len(self) >= self._room:
                self.clear()
            self[raw] = made
        return made
