"""How much of a live capture is taken at a time: little enough that jobs, which run between batches, are on time."""

from __future__ import annotations

# Seconds of processor time that dealing with one batch should take. Not of wall time: on a busy machine small batches,
# which cost more per packet, would make things worse.
GOAL = 0.01
FIRST = 1 << 18  # bytes of the first batch; nobody knows yet how long it takes
LEAST = 1 << 16


class Pace:
    """Bytes a batch may have, by what the ones before took."""

    def __init__(self) -> None:
        self.bytes = FIRST

    def took(self, size: int, seconds: float) -> None:
        """A batch of ``size`` bytes was dealt with in ``seconds`` of processor time."""
        if size and seconds > 0:
            wanted = size / seconds * GOAL
            self.bytes = max(LEAST, int(min(wanted + self.bytes, 4 * self.bytes) / 2))
