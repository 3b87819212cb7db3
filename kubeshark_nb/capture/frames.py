"""What every source of frames looks like to those who read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.traffic import Batch


class Frames(Protocol):
    """Frames, and what is known about them besides.

    Attributes:
        read_bytes: bytes of frames given out so far.
        names: (address, names) that the capture itself tells; whoever uses them takes them out.
        key_log: texts of TLS secrets in the capture; whoever uses them takes them out.
    """

    read_bytes: int
    names: list[tuple[str, list[str]]]
    key_log: list[str]

    @property
    def reasons(self) -> dict[str, int]:
        """What was lost, in words, and how often; grows while the source is read."""

    @property
    def dropped(self) -> int:
        """Frames that were lost before they could be read."""

    @property
    def total_bytes(self) -> int:
        """Bytes there are to read, 0 when nobody knows."""

    def batches(self) -> Iterator[Batch]:
        """Every frame in time order, numbered from 1; empty batches where time passes without any."""
