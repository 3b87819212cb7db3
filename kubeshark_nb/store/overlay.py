"""Documents that stand in for stored ones: what `onItemQueried` changed, what `redact` in a query hid."""

from __future__ import annotations

from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Overlay:
    """Row number -> document. The documents are in an unnamed temporary file; 16 bytes or so per row in memory."""

    def __init__(self, base: Overlay | None = None) -> None:
        """An empty overlay above ``base``, which it leaves as it is."""
        self._base = base
        self._at: dict[int, tuple[int, int]] = {}
        self._end = 0
        self._file = TemporaryFile()  # noqa: SIM115 (lives as long as the view)
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self.rows())

    def __contains__(self, row: int) -> bool:
        return row in self._at or (self._base is not None and row in self._base)

    def rows(self) -> set[int]:
        """The rows that have another document."""
        below = self._base.rows() if self._base else set()
        return below | self._at.keys()

    def put(self, row: int, document: bytes) -> None:
        """Let ``document`` stand for ``row``."""
        with self._lock:
            self._file.seek(self._end)
            self._file.write(document)
            self._at[row] = (self._end, len(document))
            self._end += len(document)

    def get(self, row: int) -> bytes | None:
        """The document that stands for ``row``, if any."""
        if row not in self._at:
            return self._base.get(row) if self._base else None
        start, size = self._at[row]
        with self._lock:
            self._file.seek(start)
            return self._file.read(size)

    def over(self, rows: Iterable[int], documents: Iterable[memoryview]) -> Iterable[bytes | memoryview]:
        """``documents`` of ``rows``, the replaced ones replaced."""
        for row, document in zip(rows, documents, strict=True):
            yield document if (other := self.get(row)) is None else other
