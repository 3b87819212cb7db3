"""Where a session's files are: beside those of earlier sessions, and of others that have the same folder now.

``items-0001`` and so on hold a run's items, ``dissected`` what need not be dissected again: both may be of any session.
What a node's scripts write is in a folder of its name; of a second session at the same time in ``sessions/2``.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from kubeshark_nb.errors import NodeError, StoreError
from kubeshark_nb.store.hold import Hold, claimed, held, spare

if TYPE_CHECKING:
    from kubeshark_nb.store.items import Items

ITEMS, DISSECTED, SESSIONS = "items-", "dissected", "sessions"
LOCK = ".session"


class Folder:
    """A session's folder; a temporary one, removed by `close`, when none is given.

    Attributes:
        path: the folder.
        items: where the items of the latest run are: of an earlier session until this one begins a run; ``None``
            while there are none.
    """

    def __init__(self, given: str | Path | None = None) -> None:
        self.path = Path(given) if given else Path(tempfile.mkdtemp(prefix="kubeshark-"))
        self._remove = None if given else weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        number = latest_run(self.path)
        self.items = self._run(number) if number else None
        self._number = number
        self._ours = False  # whether the items are of this session
        self._looked: Hold | None = None
        self._turn = threading.Lock()
        self._place: Path | None = None
        self._claim: Hold | None = None

    @property
    def dissected(self) -> Path:
        """What need not be dissected again."""
        return self.path / DISSECTED

    def node(self, name: str) -> Path:
        """The folder of a node, which no other session has at the same time. Raises NodeError."""
        with self._turn:
            if self._place is None:
                self._place = self._claimed()
        return self._place / name

    def begin(self, opened: Items | None) -> Path:
        """Another run: where its items go. Those of ours before it stay as long as somebody has ``opened``.

        Raises:
            StoreError: the folder cannot be written.
        """
        before, ours, looked = self.items, self._ours, self._looked
        self.items, self._ours, self._looked = self._made(), True, None
        if before is not None and opened is not None:
            weakref.finalize(opened.store, let_go, before if ours else None, looked)
        elif before is not None:
            let_go(before if ours else None, looked)
        return self.items

    def looked_at(self) -> None:
        """Somebody has opened the items: no other session removes them."""
        if self.items is not None and self._looked is None:
            with suppress(OSError):
                self._looked = held(self.items)

    def close(self) -> None:
        """Leave the folder to others, a temporary one to nobody."""
        for hold in (self._looked, self._claim):
            if hold is not None:
                hold.let_go()
        if self._remove is not None:
            self._remove()

    def _run(self, number: int) -> Path:
        return self.path / f"{ITEMS}{number:04d}"

    def _made(self) -> Path:
        """A folder nobody had before: two sessions may look for one at the same time."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            while True:
                self._number = max(self._number, latest_run(self.path)) + 1
                with suppress(FileExistsError):
                    self._run(self._number).mkdir()
                    return self._run(self._number)
        except OSError as error:
            raise StoreError(
                f"{self.path}: {error.strerror}; give Session(folder=...) one that can be written"
            ) from None

    def _claimed(self) -> Path:
        if self._remove is not None:  # nobody else knows of it
            return self.path
        try:
            for number in count(1):
                place = self.path if number == 1 else self.path / SESSIONS / str(number)
                place.mkdir(parents=True, exist_ok=True)
                self._claim = claimed(place / LOCK)
                if self._claim is not None:
                    return place
        except OSError as error:
            raise NodeError(f"{self.path}: {error.strerror}; the node needs a folder it can write") from None
        raise AssertionError  # there is always another number


def latest_run(folder: Path) -> int:
    """Number of the latest run whose items are in ``folder``, 0 when there is none."""
    numbers = (path.name.removeprefix(ITEMS) for path in folder.glob(f"{ITEMS}*"))
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def let_go(items: Path | None, looked: Hold | None) -> None:
    """Nobody here looks at these items any more: remove them (``None``: not ours) unless somebody else does."""
    if looked is not None:
        looked.let_go()
    if items is not None and spare(items):
        shutil.rmtree(items, ignore_errors=True)
