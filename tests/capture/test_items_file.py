"""Files of items."""

from __future__ import annotations

import gzip
import json

import pytest
import zstandard

from kubeshark_nb.capture.items_file import TOGETHER, ItemFiles, is_items
from kubeshark_nb.errors import CaptureError

ITEMS = [{"id": str(number), "protocol": {"abbr": "HTTP"}} for number in range(TOGETHER + 7)]
LINES = "\n".join(map(json.dumps, ITEMS)).encode()
FORMS = {
    "a.jsonl": LINES,
    "b.ndjson": LINES + b"\n\n",
    "a.jsonl.gz": gzip.compress(LINES),
    "a.jsonl.zst": zstandard.compress(LINES),
    "a.json": json.dumps(ITEMS, indent=1).encode(),
    "a.json.gz": gzip.compress(json.dumps(ITEMS).encode()),
}


def read(*files):
    source = ItemFiles(tuple(map(str, files)))
    source.check()
    return [json.loads(text) for texts in source.documents() for text in texts], source


@pytest.mark.parametrize("name", FORMS)
def test_every_form_reads_the_same(tmp_path, name):
    (tmp_path / name).write_bytes(FORMS[name])
    assert is_items(str(tmp_path / name))
    items, source = read(tmp_path / name)
    assert items == ITEMS
    assert source.total_bytes == len(FORMS[name])


def test_several_files_follow_each_other_and_one_document_is_a_list_of_one(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(ITEMS[0]))
    (tmp_path / "b.jsonl").write_text(json.dumps(ITEMS[1]))
    assert read(tmp_path / "a.json", tmp_path / "b.jsonl")[0] == ITEMS[:2]


@pytest.mark.parametrize("name", ["a.pcap", "a.pcap.gz", "names.yaml", "jsonl"])
def test_other_names_are_no_items(name):
    assert not is_items(name)


@pytest.mark.parametrize(("name", "data"), [("a.jsonl", b"hello"), ("a.json", b""), ("a.json", b"[{]")])
def test_what_is_no_list_of_items(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CaptureError, match=name):
        read(tmp_path / name)


def test_a_packed_file_cut_short_keeps_what_is_before_the_cut(tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(FORMS["a.jsonl.gz"][:-200])
    _, source = read(tmp_path / "a.jsonl.gz")
    assert any("cut short" in reason for reason in source.reasons)
