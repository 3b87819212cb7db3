"""Small segments made into larger ones, so that hours of live rows do not become a hundred thousand files."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from kubeshark_nb.store.segment import Span, read, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FAN = 16  # so many segments of one level become one of the next: every row is written again about log16 times
ENOUGH = 16 << 20  # bytes of documents; so many are merged before there are FAN of them


class Written(NamedTuple):
    """A segment of this writer: its rows, bytes of documents, and how often they have been merged."""

    span: Span
    size: int
    level: int


def ripe(written: Sequence[Written]) -> int:
    """How many of the last segments to merge now; 0 for none."""
    size = 0
    for count, segment in enumerate(reversed(written), 1):
        if segment.level != written[-1].level or segment.size >= ENOUGH // 2:
            break
        size += segment.size
        if count == FAN or (size >= ENOUGH and count > 1):
            return count
    return 0


def merged(folder: Path, parts: Sequence[Written]) -> Written:
    """One segment with the rows of ``parts``, which follow each other; their files go once it is there."""
    batches = [read(folder / part.span.file_name, part.span.first).batch for part in parts]
    whole = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
    span = write(folder, parts[0].span.first, whole)
    for part in parts:
        (folder / part.span.file_name).unlink(missing_ok=True)
    return Written(span, sum(part.size for part in parts), parts[0].level + 1)


class Merger:
    """Merges the segments it is told of, in ``folder``, on a thread of its own.

    A large merge takes a tenth of a second, for which neither packets nor jobs should wait. What is merged depends on
    the segments alone, not on when the thread gets to it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._new: deque[Written] = deque()
        self._written: list[Written] = []
        self._thread = Thread()

    def add(self, written: Written) -> None:
        """There is a new segment, the next in order."""
        self._new.append(written)
        if not self._thread.is_alive():
            self._thread = Thread(target=self._run, daemon=True, name="merger")
            self._thread.start()

    def finish(self) -> None:
        """Everything that can be merged is, when this returns."""
        if self._thread.ident is not None:
            self._thread.join()
        self._run()

    def _run(self) -> None:
        while self._new:
            self._written.append(self._new.popleft())
            with suppress(OSError, pa.ArrowException):  # small segments read as well as large ones
                while count := ripe(self._written):
                    self._written[-count:] = [merged(self._folder, self._written[-count:])]
            if self._written[-1].size >= ENOUGH // 2:
                self._written.clear()  # what lies before a large one is never merged with what comes after it
