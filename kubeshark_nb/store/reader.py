"""A store folder as it is now: which rows there are, where each one is, and in which order they come.

A row is known by one number that never changes while the store is open: the node's ordinal in the high bits, the row's
number in its node in the low 40. So a view is an array of such numbers, and stays right when segments are added
or merged under it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store import segment
from kubeshark_nb.store.arrays import numbers
from kubeshark_nb.store.folder import node_folders
from kubeshark_nb.store.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from kubeshark_nb.store.segment import Piece, Span

    Rows = NDArray[np.int64]

ROW_BITS = 40
FRESH = 50_000_000  # ns: a folder changed so recently may change again without a new time stamp
ATTEMPTS = 20


class State:
    """The pieces of a store at one moment; immutable, so that threads may share it.

    Attributes:
        pieces: by node ordinal, then row.
        starts: row number (with ordinal) of the first row of each piece.
        bases: position of that row when all pieces are laid end to end.
    """

    def __init__(self, nodes: Sequence[str], pieces: Sequence[Sequence[Piece]]) -> None:
        flat = [(ordinal << ROW_BITS, piece) for ordinal, own in enumerate(pieces) for piece in own]
        self.nodes = tuple(nodes)
        self.pieces = [piece for _, piece in flat]
        self.starts = np.array([high + piece.first for high, piece in flat], np.int64)
        self.bases = np.concatenate([[0], np.cumsum([len(piece) for piece in self.pieces], dtype=np.int64)])
        self._columns: dict[str, pa.ChunkedArray] = {}
        self._counts = [sum(len(piece) for piece in own) for own in pieces]

    def __len__(self) -> int:
        return int(self.bases[-1])

    @cached_property
    def rows(self) -> Rows:
        """Every row, ordered by (ready_ns, node, stream, index); rows of a single node as they were written."""
        laid = self._laid_out()
        if sum(count > 0 for count in self._counts) < 2:  # noqa: PLR2004 (nothing to merge)
            return laid
        ends = np.cumsum(self._counts)
        by_name = sorted(range(len(self.nodes)), key=lambda ordinal: self.nodes[ordinal])
        places = np.concatenate([np.arange(ends[at] - self._counts[at], ends[at]) for at in by_name])
        ready = numbers(self.column("ready_ns"))[places]
        rows: Rows = laid[places[np.argsort(ready, kind="stable")]]
        return rows

    def column(self, name: str) -> pa.ChunkedArray:
        """A column of all pieces laid end to end: not copied, not read."""
        if name not in self._columns:
            parts = [piece.batch.column(name) for piece in self.pieces]
            self._columns[name] = pa.chunked_array(parts, SCHEMA.field(name).type)
        return self._columns[name]

    def table(self, names: Sequence[str], rows: Rows) -> pa.Table:
        """Columns ``names`` of ``rows``, in that order. Rows that lie side by side are not copied."""
        if not len(rows):
            return pa.table({name: self.column(name).slice(0, 0) for name in names})
        at = self.pieces_of(rows)
        near = slice(int(at.min()), int(at.max()) + 1)  # a take looks at every chunk it is given
        places = rows - self.starts[at] + self.bases[at] - self.bases[near.start]
        columns = [self._part(name, near) for name in names]
        if (np.diff(places) == 1).all():
            columns = [column.slice(int(places[0]), len(places)) for column in columns]
        else:
            taken = pa.array(places)
            columns = [column.take(taken) for column in columns]
        return pa.table(columns, names=list(names))

    def _part(self, name: str, pieces: slice) -> pa.ChunkedArray:
        if pieces == slice(0, len(self.pieces)):
            return self.column(name)
        parts = [piece.batch.column(name) for piece in self.pieces[pieces]]
        return pa.chunked_array(parts, SCHEMA.field(name).type)

    def places(self, rows: Rows) -> Rows:
        """Where ``rows`` are in `column`."""
        at = self.pieces_of(rows)
        places: Rows = rows - self.starts[at] + self.bases[at]
        return places

    def pieces_of(self, rows: Rows) -> Rows:
        """For each row the number of the piece it is in."""
        return np.searchsorted(self.starts, rows, side="right") - 1

    def document(self, row: int) -> memoryview:
        """The document of ``row``, not copied."""
        at = int(np.searchsorted(self.starts, row, side="right")) - 1
        return self.pieces[at].view(row - int(self.starts[at]))

    def documents(self, rows: Rows) -> Iterator[memoryview]:
        """The documents of ``rows``, in that order, not copied."""
        at = self.pieces_of(rows)
        for number, local in zip(at.tolist(), (rows - self.starts[at]).tolist(), strict=True):
            yield self.pieces[number].view(local)

    def _laid_out(self) -> Rows:
        spans = [np.arange(start, start + len(piece)) for start, piece in zip(self.starts, self.pieces, strict=True)]
        return np.concatenate(spans) if spans else np.zeros(0, np.int64)


class Store:
    """A folder that one or several `SegmentWriter` fill, have filled, or were killed while filling.

    Attributes:
        folder: as given.
        unfinished: temporary files seen: segments being written, or left by a killed writer. They are not read.
        damaged: segments that cannot be read, by file name, with the reason.
    """

    def __init__(self, folder: Path) -> None:
        """Open ``folder``.

        Raises:
            StoreError: there is no such folder.
        """
        if not folder.is_dir():
            raise StoreError(f"{folder}: no such folder; give the folder of a session's items")
        self.folder = folder
        self.unfinished = 0
        self.damaged: dict[str, str] = {}
        self._nodes: list[str] = []
        self._pieces: dict[str, list[Piece]] = {}
        self._seen: dict[str, int] = {}
        self._state = State((), ())
        self._lock = Lock()

    def state(self) -> State:
        """What is in the folder now, or was when it was removed. Cheap when nothing has changed; safe from threads.

        Raises:
            StoreError: the folder was removed before anybody looked.
        """
        with self._lock:
            if self._changed() and self._rescan():
                self._state = State(self._nodes, [self._pieces[node] for node in self._nodes])
            return self._state

    @property
    def seen(self) -> State:
        """What `state` gave last."""
        return self._state

    def _changed(self) -> bool:
        now = time.time_ns()
        try:
            stamps = {str(path): path.stat().st_mtime_ns for path in (self.folder, *self._folders())}
        except FileNotFoundError:
            if not self._seen:
                raise StoreError(f"{self.folder}: these items are gone; their session is closed") from None
            return False  # removed, but what was seen is mapped and can still be read
        settled = {path: stamp if now - stamp > FRESH else -1 for path, stamp in stamps.items()}
        changed = settled != self._seen or -1 in settled.values()
        self._seen = settled
        return changed

    def _rescan(self) -> bool:
        before = {node: list(pieces) for node, pieces in self._pieces.items()}
        for _ in range(ATTEMPTS):
            with suppress(FileNotFoundError):  # merged away between listing and opening: list again
                self._scan()
                break
        return before != self._pieces

    def _folders(self) -> list[Path]:
        return [folder for _, folder in node_folders(self.folder)]

    def _scan(self) -> None:
        self.unfinished = 0
        for node, folder in node_folders(self.folder):
            names = [path.name for path in folder.iterdir()]
            self.unfinished += sum(name.endswith(segment.UNFINISHED) for name in names)
            spans = [span for name in names if (span := segment.span_of(name))]
            pieces = self._opened(folder, cover(spans), self._pieces.get(node, []))
            if node not in self._pieces:
                self._nodes.append(node)
            self._pieces[node] = pieces

    def _opened(self, folder: Path, spans: Sequence[Span], known: Sequence[Piece]) -> list[Piece]:
        """The pieces of ``spans``; those already ``known`` are taken over, the damaged left out."""
        have = {(piece.first, piece.end): piece for piece in known}
        pieces = []
        for span in spans:
            try:
                pieces.append(have.get(span) or segment.read(folder / span.file_name, span.first))
            except FileNotFoundError:
                raise
            except (OSError, pa.ArrowException) as error:
                self.damaged[f"{folder.name}/{span.file_name}"] = str(error).partition("\n")[0]
        return pieces


def cover(spans: Sequence[Span]) -> list[Span]:
    """The widest of ``spans`` from each row on, without overlaps, by row."""
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.first, -span.end)):
        if not chosen or span.first >= chosen[-1].end:
            chosen.append(span)
    return chosen
