"""Where the pump gets its batches, and what it says of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kubeshark_nb.runtime.batches import Batch


@dataclass(slots=True)
class Done:
    """How far the last batch got: ``events`` are done, ``skip`` scripts have had the next one.

    ``verdicts`` has one digit per item done (1 passed, 2 failed, 3 both), ``answers`` one entry per queried document,
    ``failure`` is the text of the last uncaught error.
    """

    events: int = 0
    skip: int = 0
    verdicts: str = ""
    answers: list[str | None] = field(default_factory=list)
    failure: str | None = None


class Feed(Protocol):
    """Where batches come from."""

    def next(self) -> Batch | None:
        """The next batch, ``None`` at the end."""

    def done(self, done: Done) -> None:
        """How far the last batch got; called once for every batch, before the next is asked for."""


class Nothing:
    """A feed that is empty."""

    def next(self) -> Batch | None:
        """Nothing."""
        return None

    def done(self, done: Done) -> None:
        """Nothing to note."""
