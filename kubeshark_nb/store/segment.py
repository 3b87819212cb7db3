"""One segment: an immutable Arrow IPC file of one record batch, the rows [first, end) of one node.

Documents are not compressed: a page or a survivor of a prefilter is read at any place without unpacking its neighbours
(measured on 2.6 KB documents, one document out of a batch of 10,000: 1 ms uncompressed, 31 ms lz4).

A file appears whole or not at all: it is written under a temporary name and renamed. Its name says which rows it holds,
so several small ones can be replaced by one large one at any moment: a reader takes the widest file from each row on.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from kubeshark_nb.store.schema import DOCUMENT, SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NAME = re.compile(r"(\d{12})-(\d{12})\.arrow")
UNFINISHED = ".tmp"


class Span(NamedTuple):
    """The rows [first, end) of one node."""

    first: int
    end: int

    @property
    def file_name(self) -> str:
        """The name of the file that holds these rows."""
        return f"{self.first:012d}-{self.end:012d}.arrow"


def span_of(file_name: str) -> Span | None:
    """The rows that a file of this name holds, ``None`` when it is not a segment's."""
    match = NAME.fullmatch(file_name)
    return Span(int(match[1]), int(match[2])) if match else None


def write(folder: Path, first: int, batch: pa.RecordBatch) -> Span:
    """Write ``batch`` as the rows from ``first`` on, and give their span. A reader sees all of it or nothing."""
    span = Span(first, first + batch.num_rows)
    temporary = folder / f"{span.file_name}.{os.getpid()}{UNFINISHED}"
    with pa.OSFile(str(temporary), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
        writer.write_batch(batch)
    temporary.replace(folder / span.file_name)
    return span


class Piece:
    """A segment mapped into memory: nothing is read before it is looked at, and no file stays open.

    Attributes:
        first: number of its first row in the node.
        batch: the record batch, of `schema.SCHEMA`.
        offsets, data: document ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
    """

    def __init__(self, first: int, batch: pa.RecordBatch) -> None:
        self.first = first
        self.batch = batch
        documents = batch.column(DOCUMENT)
        _, offsets, data = documents.buffers()
        start = documents.offset
        self.offsets: NDArray[np.int64] = np.frombuffer(offsets, np.int64)[start : start + len(documents) + 1]
        self.data = memoryview(data) if data is not None else memoryview(b"")

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    @property
    def end(self) -> int:
        """One past the number of its last row in the node."""
        return self.first + len(self)

    def view(self, row: int) -> memoryview:
        """The document of ``row`` (from 0 in this piece), not copied."""
        return self.data[self.offsets[row] : self.offsets[row + 1]]


def read(path: Path, first: int) -> Piece:
    """The segment in ``path``.

    Raises:
        FileNotFoundError: it has been merged into a larger one meanwhile.
        pyarrow.ArrowException, OSError: it is damaged.
    """
    with pa.memory_map(str(path)) as source:  # the mapping lives as long as the batch does
        batch = pa.ipc.open_file(source).get_batch(0)
    if batch.schema != SCHEMA:
        raise pa.ArrowInvalid("other columns")
    batch.validate()
    return Piece(first, batch)
