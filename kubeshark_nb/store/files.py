"""Files of rows: Parquet, CSV and JSON lines. Written a chunk at a time, and only put in place when complete."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.frame import COLUMNS, TIMES, UTC_NS
from kubeshark_nb.store.schema import DOCUMENT, ENVELOPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.store.view import View

KINDS = {name: UTC_NS if name in TIMES else ENVELOPE[name] for name in COLUMNS}
FILE = pa.schema([*KINDS.items(), (DOCUMENT, pa.large_utf8())])
# A spreadsheet runs a cell that begins like this; an apostrophe before it makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # full-width ones too


@dataclass(frozen=True, slots=True)
class Export:
    """What was written.

    Attributes:
        path: the file.
        items: how many items are in it.
        left_out: how many are not, because the format has no place for them.
        redacted: whether secrets were taken out.
    """

    path: Path
    items: int
    left_out: int = 0
    redacted: bool = False

    def __str__(self) -> str:
        """One line for the user."""
        left = f", {self.left_out:,} left out" if self.left_out else ""
        return f"{self.items:,} items in {self.path}{left}, {'redacted' if self.redacted else 'not redacted'}"


@contextmanager
def written(path: str | Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its place when all went well.

    Raises:
        StoreError: it cannot be written, or is a device, a pipe or a folder (a file would take its place).
    """
    final = Path(path)
    if final.exists() and not final.is_file():
        raise StoreError(f"{final} is not a regular file; give the path of a file")
    temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.replace(final)
    except OSError as error:
        raise StoreError(f"{final}: {error.strerror or error}; give a path that can be written") from error
    finally:
        temporary.unlink(missing_ok=True)


def parquet(view: View, path: str | Path) -> Export:
    """Envelope columns and the document (column ``json``) as Parquet, zstd."""
    import pyarrow.parquet as pq

    with written(path) as temporary, pq.ParquetWriter(temporary, FILE, compression="zstd") as writer:
        for batch in rows(view):
            writer.write_table(batch)
    return _export(view, path)


def csv(view: View, path: str | Path) -> Export:
    """Envelope columns as CSV (RFC 4180) with a header; no cell is a formula to a spreadsheet."""
    import csv as lines

    with written(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = lines.writer(file)
        writer.writerow(COLUMNS)
        for chunk in view.chunks():
            columns = [_cells(column) for column in envelope(chunk).columns]
            writer.writerows(zip(*columns, strict=True))
    return _export(view, path)


def jsonl(view: View, path: str | Path) -> Export:
    """The documents, one per line."""
    with written(path) as temporary, temporary.open("wb") as file:
        for chunk in view.chunks():
            file.writelines(document + b"\n" for document in chunk.documents())
    return _export(view, path)


def rows(view: View) -> Iterator[pa.Table]:
    """Tables of `FILE`, a chunk each."""
    for chunk in view.chunks():
        documents = pa.array([document.decode() for document in chunk.documents()], pa.large_utf8())
        yield envelope(chunk).append_column(DOCUMENT, documents)


def envelope(view: View) -> pa.Table:
    """The envelope with the columns and types of `FILE`."""
    table = view.table([TIMES.get(name, name) for name in COLUMNS])
    return table.rename_columns(list(COLUMNS)).cast(pa.schema(list(KINDS.items())))


def _cells(column: pa.ChunkedArray) -> list[object]:
    plain = column.cast(pa.utf8()) if column.type == UTC_NS else column
    return [guarded(cell) for cell in plain.to_pylist()]


def guarded(cell: object) -> object:
    """``cell``, with an apostrophe before text that a spreadsheet would run as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA) else cell


def _export(view: View, path: str | Path) -> Export:
    return Export(Path(path), len(view), redacted=view.redaction is not None)
