from __future__ import annotations

import csv
import os

import orjson
import pytest

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.files import guarded
from tests.store.factory import http, many


def test_parquet_holds_envelope_and_documents(stored, tmp_path):
    import pyarrow.parquet as pq

    items = stored(many(3000), verdicts=[(True, False)] * 3000)
    export = items.to_parquet(tmp_path / "x.parquet")
    table = pq.read_table(tmp_path / "x.parquet")
    assert (export.items, table.num_rows) == (3000, 3000)
    assert str(table.schema.field("time").type) == "timestamp[ns, tz=UTC]"
    assert orjson.loads(table["json"][2999].as_py()) == items[2999]
    assert all(table["passed"].to_pylist())


def test_json_lines_are_the_documents(stored, tmp_path):
    items = stored(many(1500))
    items.to_jsonl(tmp_path / "x.jsonl")
    assert [orjson.loads(line) for line in (tmp_path / "x.jsonl").read_bytes().splitlines()] == list(items)


def test_csv_has_a_header_and_no_formulas(stored, tmp_path):
    evil = ['=HYPERLINK("http://x")', "+1", "-1", "@sum", "\t=1", " =1", "plain", 'a,"b"\nc']
    items = stored([http(at)._replace(path=text) for at, text in enumerate(evil)])
    items.to_csv(tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"] for row in rows] == [text if text in ("plain", evil[-1]) else f"'{text}" for text in evil]
    assert rows[0]["time"] == "2023-11-14 22:13:20.000000000Z"
    assert rows[0]["status"] == "200"


def test_numbers_are_never_guarded():
    assert guarded(-1) == -1


def test_a_failed_export_leaves_the_old_file_and_nothing_else(stored, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "x.jsonl").write_text("old")
    items = stored([http(0), http(1)._replace(json=b"{broken")])
    with pytest.raises(orjson.JSONDecodeError):
        items.redacted().to_jsonl(out / "x.jsonl")
    assert [path.name for path in out.iterdir()] == ["x.jsonl"]
    assert (out / "x.jsonl").read_text() == "old"


def test_a_path_that_cannot_be_written_is_one_clear_line(stored, tmp_path):
    with pytest.raises(StoreError, match="give a path that can be written"):
        stored(many(1)).to_csv(tmp_path / "none" / "x.csv")


def test_an_export_says_what_it_did(stored, tmp_path):
    assert str(stored(many(2)).redacted().to_csv(tmp_path / "x.csv")).startswith("2 items in ")
    assert str(stored(many(2)).redacted().to_csv(tmp_path / "x.csv")).endswith(", redacted")


def test_an_export_never_takes_the_place_of_a_device_or_pipe(stored, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(StoreError, match="not a regular file"):
        stored(many(1)).to_jsonl(pipe)
    assert pipe.is_fifo()
