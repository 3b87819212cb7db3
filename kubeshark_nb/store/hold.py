"""What one session uses no other takes or removes, whatever process that is in.

The system lets go of a lock when its process ends, however it ends. There are file systems without locks: there nobody
is in anybody's way, and nothing is guarded.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path


class Hold:
    """A lock, until `let_go` or until nobody has this object any more."""

    def __init__(self, number: int) -> None:
        self.let_go = weakref.finalize(self, os.close, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()


def held(path: Path) -> Hold:
    """A file or folder that is used, perhaps by others as well. Raises OSError when it is gone."""
    number = os.open(path, os.O_RDONLY)
    _locked(number, fcntl.LOCK_SH)
    return Hold(number)


def claimed(path: Path) -> Hold | None:
    """A file, made when it is missing, that nobody else has; ``None`` when somebody has it. Raises OSError."""
    number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    if _locked(number, fcntl.LOCK_EX):
        return Hold(number)
    os.close(number)
    return None


def spare(path: Path) -> bool:
    """Whether nobody holds ``path``, so that it may be removed."""
    with suppress(OSError):  # it is gone already
        number = os.open(path, os.O_RDONLY)
        try:
            return _locked(number, fcntl.LOCK_EX)
        finally:
            os.close(number)
    return True


def _locked(number: int, how: int) -> bool:
    try:
        fcntl.flock(number, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks here
        pass
    return True
