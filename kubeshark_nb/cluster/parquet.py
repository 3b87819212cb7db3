"""A node's items as one Parquet file beside a manifest, and back as the store's segments."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store import segment
from kubeshark_nb.store.folder import folder_of
from kubeshark_nb.store.places import UNREACHABLE, reached
from kubeshark_nb.store.reader import cover
from kubeshark_nb.store.schema import ENVELOPE, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    import pyarrow.parquet as pq

ROWS = 16_384  # of a segment that is made of Parquet again
ENOUGH = 32 << 20  # bytes of a row group that is written before the end
FAILED = (
    "{place}: {error}; workers need a folder or address that all of them can write: Session(cluster=..., store=...)"
)


class Sheet:
    """The Parquet file of a node whose items appear in the store folder ``items``: written while they come.

    To be looked after (`look`) now and then; `finish` writes the rest and, last of all, the manifest. A file without a
    manifest is of a task that did not end.

    Args:
        place: the folder or address of the file.

    Raises:
        StoreError: it cannot be written there.
    """

    def __init__(self, items: Path, node: str, place: str) -> None:
        self._node = node
        self._folder = folder_of(items, node)
        self._rows = 0
        self._place = place
        self._name = folder_of(Path(), node).name
        with self._reachable():
            self._files, self._path = reached(place)
            self._files.create_dir(self._path)
            self._sink = self._files.open_output_stream(f"{self._path}/{self._name}.parquet")
            self._writer = _writer(self._sink)

    def look(self) -> None:
        """Write what has come, when it is enough for a row group. Raises StoreError."""
        with self._reachable(), suppress(FileNotFoundError):  # merged into a larger segment meanwhile: next time
            come = list(batches(self._folder, self._rows))
            if sum(batch.nbytes for batch in come) >= ENOUGH:
                self._write(come)

    def finish(self, manifest: dict[str, Any]) -> dict[str, Any]:
        """Write the rest, now that nothing more comes.

        Returns ``manifest`` with ``node``, ``rows`` and ``parquet``, the file's address. Raises StoreError.
        """
        with self._reachable():
            self._write(list(batches(self._folder, self._rows)))
            self._writer.close()
            self._sink.close()
            parquet = f"{self._place}/{self._name}.parquet"
            whole = {**manifest, "node": self._node, "rows": self._rows, "parquet": parquet}
            with self._files.open_output_stream(f"{self._path}/{self._name}.json") as sink:
                sink.write(orjson.dumps(whole))
        return whole

    def _write(self, come: list[pa.RecordBatch]) -> None:
        import pyarrow as pa

        self._writer.write_table(pa.Table.from_batches(come, SCHEMA))
        self._rows += sum(batch.num_rows for batch in come)

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except UNREACHABLE as error:
            raise StoreError(FAILED.format(place=self._place, error=error)) from None


def _writer(sink: Any) -> pq.ParquetWriter:
    import pyarrow.parquet as pq

    columns = list(ENVELOPE)  # documents do not repeat: to look for that costs more than to compress them
    return pq.ParquetWriter(sink, SCHEMA, compression="zstd", use_dictionary=columns, write_statistics=columns)


def batches(folder: Path, row: int = 0) -> Iterator[pa.RecordBatch]:
    """The segments in ``folder`` from ``row`` on, in order. Raises FileNotFoundError: one was merged meanwhile."""
    found = folder.iterdir() if folder.is_dir() else ()
    spans = [span for path in found if (span := segment.span_of(path.name))]
    for span in cover(spans):
        if span.end > row:
            yield segment.read(folder / span.file_name, span.first).batch.slice(max(row - span.first, 0))


def bring(manifest: dict[str, Any], items: Path) -> None:
    """Make segments in the store folder ``items`` of a Parquet file, unless they are there. Raises StoreError."""
    import pyarrow.parquet as pq

    folder = folder_of(items, manifest["node"])
    if folder.is_dir() and sum(batch.num_rows for batch in batches(folder)) == manifest["rows"]:
        return
    folder.mkdir(parents=True, exist_ok=True)
    first = 0
    try:
        files, path = reached(manifest["parquet"])
        with files.open_input_file(path) as source:
            for batch in pq.ParquetFile(source).iter_batches(ROWS):
                first = segment.write(folder, first, batch.cast(SCHEMA)).end
    except UNREACHABLE as error:
        raise StoreError(f"{manifest['parquet']}: {error}; the items of this node cannot be read from here") from None
