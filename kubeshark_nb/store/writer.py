"""Where items enter the store: a small buffer, flushed into immutable segments."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from kubeshark_nb.errors import StoreError
from kubeshark_nb.items.item import Item, with_verdict
from kubeshark_nb.store import merging, segment
from kubeshark_nb.store.folder import folder_of
from kubeshark_nb.store.schema import Verdict, batch_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MAX_BYTES = 8 << 20
MAX_ROWS = 16_384
MAX_AGE = 0.2  # seconds


class SegmentWriter:
    """Writes the items of one node, in the order they are given, for readers in any process.

    Memory is bounded by ``max_bytes`` of documents (and one segment's merge, twice `merging.ENOUGH`). Not for several
    threads. A writer that is opened on a folder with rows goes on after them.

    Args:
        folder: the store; made when it is not there.
        node: the node's name.
        own: the items come from our dissectors. Say False for documents from elsewhere: queries then trust no column
            of those that are not just like ours.
        max_bytes, max_rows: a full buffer is flushed.
        max_age: seconds after which a buffered row is flushed by the next `append` or `poll`.
        clock: seconds, monotonic.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(  # noqa: PLR0913 (each has a sound default)
        self,
        folder: Path,
        node: str,
        *,
        own: bool = True,
        max_bytes: int = MAX_BYTES,
        max_rows: int = MAX_ROWS,
        max_age: float = MAX_AGE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder_of(folder, node)
        self.node = node
        self._own = own
        self._limits = (max_bytes, max_rows, max_age)
        self._clock = clock
        self._items: list[Item] = []
        self._verdicts: list[Verdict] = []
        self._size = 0
        self._since = 0.0
        self._merger = merging.Merger(self.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            spans = [span for path in self.folder.iterdir() if (span := segment.span_of(path.name))]
        except OSError as error:
            raise StoreError(f"{self.folder}: {error.strerror}; give a folder that can be written") from error
        self._next = max((span.end for span in spans), default=0)

    @property
    def rows(self) -> int:
        """Rows given so far, buffered ones and those of earlier writers included."""
        return self._next + len(self._items)

    def append(self, items: Sequence[Item], verdicts: Sequence[Verdict]) -> None:
        """Take ``items`` with what the scripts said of each: (passed, failed), written into its document.

        Raises:
            StoreError: the segment cannot be written.
        """
        for item, verdict in zip(items, verdicts, strict=True):
            passed, failed = verdict
            if passed or failed:  # rebuilt by position: a third of the time of `_replace`
                item = Item._make((*item[:-1], with_verdict(item[-1], passed=passed, failed=failed)))  # noqa: PLW2901
            self._take(item, verdict)
        self.poll()

    def poll(self) -> None:
        """Flush if the oldest buffered row is older than ``max_age``: to be called now and then while no items come."""
        if self._items and self._clock() - self._since >= self._limits[2]:
            self.flush()

    def flush(self) -> None:
        """Let readers see every row given so far.

        Raises:
            StoreError: the segment cannot be written; the rows stay in the buffer.
        """
        if not self._items:
            return
        try:
            batch = batch_of(self.node, self._items, self._verdicts, own=self._own)
            span = segment.write(self.folder, self._next, batch)
        except OSError as error:
            raise StoreError(f"{self.folder}: {error.strerror or error}; make room there, then go on") from error
        self._merger.add(merging.Written(span, self._size, 0))
        self._next, self._items, self._verdicts, self._size = span.end, [], [], 0

    def close(self) -> None:
        """Flush and merge. The writer may be used again."""
        self.flush()
        self._merger.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, item: Item, verdict: Verdict) -> None:
        if not self._items:
            self._since = self._clock()
        self._items.append(item)
        self._verdicts.append(verdict)
        self._size += len(item.json)
        if self._size >= self._limits[0] or len(self._items) >= self._limits[1]:
            self.flush()
