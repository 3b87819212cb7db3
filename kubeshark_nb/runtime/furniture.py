"""What an interpreter is equipped with before scripts come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Helper:
    """A function scripts can call. ``path`` is its JavaScript name, ``signature`` says how arguments are converted."""

    path: tuple[str, ...]
    function: Callable[..., Any]
    signature: str = ""

    @property
    def name(self) -> str:
        """``file.write``."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Furniture:
    """What the interpreter is equipped with: helpers, and JavaScript factories of the ones that live there.

    ``names`` are the globals every script sees.
    """

    helpers: Sequence[Helper] = ()
    factories: Sequence[str] = ()
    names: Sequence[str] = ()
