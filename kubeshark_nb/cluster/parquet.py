"""A node's items as one Parquet file beside a manifest, and back as the store's segments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import orjson

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store import segment
from kubeshark_nb.store.folder import folder_of
from kubeshark_nb.store.reader import cover
from kubeshark_nb.store.schema import ENVELOPE, SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

ROWS = 16_384  # of a segment that is made of Parquet again
UNREACHABLE = (OSError, ValueError, ImportError)  # the latter: no such kind of address, nothing installed for it
FAILED = (
    "{place}: {error}; workers need a folder or address that all of them can write: Session(cluster=..., store=...)"
)


def write(items: Path, node: str, place: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """Write the items of ``node``, which lie in the store folder ``items``, to ``place``; the manifest comes last.

    Returns the manifest, with ``rows`` and ``parquet``, the file's address. Raises StoreError.
    """
    import pyarrow.parquet as pq

    name = folder_of(Path(), node).name
    parquet, rows = f"{place}/{name}.parquet", 0
    try:
        files, path = fsspec.core.url_to_fs(place)
        files.makedirs(path, exist_ok=True)
        columns = list(ENVELOPE)  # documents do not repeat: to look for that costs more than to compress them
        with (
            fsspec.open(parquet, "wb") as sink,
            pq.ParquetWriter(
                sink, SCHEMA, compression="zstd", use_dictionary=columns, write_statistics=columns
            ) as writer,
        ):
            for batch in batches(folder_of(items, node)):
                writer.write_batch(batch)
                rows += batch.num_rows
        whole = {**manifest, "node": node, "rows": rows, "parquet": parquet}
        with fsspec.open(f"{place}/{name}.json", "wb") as sink:
            sink.write(orjson.dumps(whole))
    except UNREACHABLE as error:
        raise StoreError(FAILED.format(place=place, error=error)) from None
    return whole


def batches(folder: Path) -> Iterator[pa.RecordBatch]:
    """The segments in ``folder``, in order."""
    found = folder.iterdir() if folder.is_dir() else ()
    spans = [span for path in found if (span := segment.span_of(path.name))]
    for span in cover(spans):
        yield segment.read(folder / span.file_name, span.first).batch


def bring(manifest: dict[str, Any], items: Path) -> None:
    """Make segments in the store folder ``items`` of a Parquet file, unless they are there. Raises StoreError."""
    import pyarrow.parquet as pq

    folder = folder_of(items, manifest["node"])
    if folder.is_dir() and sum(batch.num_rows for batch in batches(folder)) == manifest["rows"]:
        return
    folder.mkdir(parents=True, exist_ok=True)
    first = 0
    try:
        with fsspec.open(manifest["parquet"], "rb") as source:
            for batch in pq.ParquetFile(source).iter_batches(ROWS):
                first = segment.write(folder, first, batch.cast(SCHEMA)).end
    except UNREACHABLE as error:
        raise StoreError(f"{manifest['parquet']}: {error}; the items of this node cannot be read from here") from None
