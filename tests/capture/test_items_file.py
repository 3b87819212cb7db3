"""Files of items."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import zstandard

from kubeshark_nb.capture.items_file import TOGETHER, ItemFiles
from kubeshark_nb.capture.resolved import are_items
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
    assert are_items([str(tmp_path / name)])
    items, source = read(tmp_path / name)
    assert items == ITEMS
    assert source.total_bytes == len(FORMS[name])


def test_several_files_follow_each_other_and_one_document_is_a_list_of_one(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(ITEMS[0]))
    (tmp_path / "b.jsonl").write_text(json.dumps(ITEMS[1]))
    assert read(tmp_path / "a.json", tmp_path / "b.jsonl")[0] == ITEMS[:2]


@pytest.mark.parametrize(("name", "data"), [("a.jsonl", b"hello"), ("a.json", b""), ("a.json", b"[{]")])
def test_what_is_no_list_of_items(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CaptureError, match=name):
        read(tmp_path / name)


def test_a_packed_file_cut_short_keeps_what_is_before_the_cut(tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(FORMS["a.jsonl.gz"][:-200])
    items, source = read(tmp_path / "a.jsonl.gz")
    assert any("cut short" in reason for reason in source.reasons)
    assert items == ITEMS[: len(items)]
    assert len(items) > TOGETHER // 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json.gz", FORMS["a.json.gz"][:-200]),
        ("a.json.gz", b"\x1f\x8b" + bytes(100)),
        ("a.jsonl.gz", b"\x1f\x8b" + bytes(100)),
        ("a.jsonl.zst", FORMS["a.jsonl.zst"][:20]),
    ],
)
def test_what_is_damaged_before_any_item_is_one_line(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(CaptureError, match=f"{name}: compressed, but damaged or cut"):
        read(tmp_path / name)


def test_a_file_that_opens_but_cannot_be_read(tmp_path):
    (tmp_path / "mem.jsonl").symlink_to("/proc/self/mem")
    with pytest.raises(CaptureError, match=r"mem.jsonl: cannot be read: Input/output error"):
        read(tmp_path / "mem.jsonl")


class Breaking(BaseHTTPRequestHandler):
    """Promises more than it sends: of ``/none...`` nothing, of the others all lines once."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(3 * len(LINES)))
        self.end_headers()
        self.wfile.write(b"" if self.path.startswith("/none") else LINES)

    def log_message(self, *_args):
        pass


def test_a_server_that_breaks_off_is_said_after_what_came():
    with ThreadingHTTPServer(("127.0.0.1", 0), Breaking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://me:s3cret@127.0.0.1:{server.server_port}"
        with pytest.raises(CaptureError, match=r"none.jsonl\?•••: cannot be read: the connection broke") as caught:
            read(f"{address}/none.jsonl?sig=s3cret")
        assert "s3cret" not in str(caught.value)
        source = ItemFiles((f"{address}/a.jsonl",))
        came = []
        with pytest.raises(CaptureError, match=r"a.jsonl: cannot be read: the connection broke"):
            came.extend(text for texts in source.documents() for text in texts)
        server.shutdown()
    assert came == LINES.split(b"\n")[:-1]


def test_one_file_of_many_that_is_none_is_named_with_the_way_out(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(LINES)
    (tmp_path / "b.jsonl").write_bytes(b"")
    with pytest.raises(CaptureError, match=r"b.jsonl: the file is empty.*; leave it out, and the rest can be read"):
        read(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
