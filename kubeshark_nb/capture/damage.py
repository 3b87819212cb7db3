"""What a reader says when the bytes stop making sense in the middle of a file."""

from __future__ import annotations

MAX_FRAME = 1 << 26  # no link type has longer frames; a larger length is damage, not a packet


class Damage(Exception):  # noqa: N818 - not an error to the user: the packets before it are kept and it is counted
    """The records before this place are good, what follows is not a record."""
