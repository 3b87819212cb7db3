"""A node's Parquet file, written while its items come."""

from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest

from kubeshark_nb.cluster import parquet
from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.items import open_items
from kubeshark_nb.store.writer import SegmentWriter
from tests.store.factory import http

NODE = "node-a"


def append(writer: SegmentWriter, count: int) -> None:
    items = [http(writer.rows + number) for number in range(count)]
    writer.append(items, [(False, False)] * count)
    writer.flush()


def test_row_groups_are_written_before_the_end_and_every_row_once(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "ENOUGH", 20_000)
    sheet = parquet.Sheet(tmp_path / "items", NODE, str(tmp_path / "place"))
    writer = SegmentWriter(tmp_path / "items", NODE)
    for _ in range(40):  # segments are merged meanwhile
        append(writer, 7)
        sheet.look()
    early = sheet._rows
    append(writer, 1)
    writer.close()
    manifest = sheet.finish({"run": "r"})
    assert 100 < early < 281
    file = pq.ParquetFile(manifest["parquet"])
    assert (manifest["rows"], file.metadata.num_rows) == (281, 281)
    assert file.metadata.num_row_groups > 1
    assert orjson.loads(Path(manifest["parquet"]).with_suffix(".json").read_bytes()) == manifest
    parquet.bring(manifest, tmp_path / "again")
    assert list(open_items(tmp_path / "again")) == list(open_items(tmp_path / "items"))


def test_a_node_without_items_has_a_file_without_rows(tmp_path):
    manifest = parquet.Sheet(tmp_path / "items", NODE, str(tmp_path / "place")).finish({"run": "r"})
    assert manifest["rows"] == 0
    assert pq.ParquetFile(manifest["parquet"]).metadata.num_rows == 0


def test_a_place_nobody_can_write_is_said_before_the_run(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="workers need a folder or address"):
        parquet.Sheet(tmp_path / "items", NODE, str(tmp_path / "file" / "place"))
