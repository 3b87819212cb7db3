"""Folders, patterns and signed addresses mean the same for captures, snapshots and files of items."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kubeshark_nb.capture.resolved import CAPTURE, LINES, LIST, SNAPSHOT, are_items, is_kind, resolved
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.crew import Crew
from kubeshark_nb.node.origin import check, reading_of, worthwhile
from kubeshark_nb.node.spec import CaptureSpec, NodeSpec
from tests import craft
from tests.capture.test_snapshot import FILES, archive

PCAP = FILES["pcaps/a.pcap"]
ITEM = b'{"protocol": {"name": "http"}, "timestamp": 1700000000000}\n'
TAR = archive(FILES)


def saved(folder, **files):
    """Files by name, with ``_`` for the dot."""
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)


def brought(folder, *files):
    """Packets and items of what the user named."""
    spec = CaptureSpec(files=tuple(map(str, files)))
    check(spec)
    assert worthwhile(spec, 0, 2) == (0 if are_items(resolved(spec.files)) else 1)
    windows = list(reading_of(spec, NodeSpec(NodeInfo("n"), folder), Stats(), Crew()).windows())
    return sum(len(window.packets) for window in windows), sum(len(window.items) for window in windows)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (CAPTURE, ["a.pcap", "A.PCAP", "a.pcap0", "a.pcap.12", "a.PcapNG.gz", "https://h/a.pcap?x=b.tar.gz"]),
        (SNAPSHOT, ["s.tar.gz", "S.TGZ", "s.tar", "http://h/s.tar.gz?sig=abc", "s3://b/s.tgz#1"]),
        (LINES, ["a.jsonl", "a.NDJSON.gz", "http://h/i.jsonl?sig=abc"]),
        (LIST, ["a.json", "a.json.zst", "http://h/i.json?sig=a.pcap"]),
        (None, ["jsonl", "a.yaml", "notes.pcap.txt", "what?.jsonl.txt", "http://h/?file=a.jsonl"]),
    ],
)
def test_the_kind_of_a_name(kind, names):
    for name in names:
        assert [one for one in (CAPTURE, SNAPSHOT, LINES, LIST) if is_kind(name, one)] == ([kind] if kind else [])


def test_patterns_and_folders_of_items(tmp_path):
    saved(tmp_path, odd1_jsonl=ITEM, odd2_jsonl=ITEM * 2, names_json=b"{}")
    (tmp_path / "odd.jsonl.d").mkdir()
    assert brought(tmp_path, tmp_path / "odd*.jsonl*") == (0, 3)
    assert brought(tmp_path, tmp_path) == (0, 3)


def test_patterns_and_folders_of_snapshots(tmp_path):
    saved(tmp_path, s_tar_gz=TAR)
    assert brought(tmp_path, tmp_path / "s.tar.g?") == (3, 0)
    assert brought(tmp_path, tmp_path) == (3, 0)


def test_a_folder_stands_for_its_captures_however_they_are_spelled_and_else_for_its_items(tmp_path):
    saved(tmp_path, A_PCAP=PCAP, b_pcap0=PCAP, c_pcap_01=PCAP, s_tar=TAR, o_jsonl=ITEM, n_json=b"{}", r_txt=b"x")
    (tmp_path / "d.pcap").mkdir()
    assert brought(tmp_path, tmp_path) == (9, 0)
    saved(tmp_path / "d.pcap", i_ndjson=ITEM, package_json=b"{}")
    assert brought(tmp_path, tmp_path / "d.pcap") == (0, 1)


@pytest.mark.parametrize("named", [["*"], ["a.pcap", "o.jsonl"], ["o.jsonl", "s.tar"]])
def test_captures_and_items_cannot_be_one(tmp_path, named):
    saved(tmp_path, a_pcap=PCAP, s_tar=TAR, o_jsonl=ITEM)
    with pytest.raises(CaptureError, match=r"captures and files of items \(.*o.jsonl\) cannot be read together; name"):
        check(CaptureSpec(files=tuple(str(tmp_path / name) for name in named)))


def test_what_is_nothing_to_read(tmp_path):
    saved(tmp_path, r_txt=b"x", package_json=b"{}")
    with pytest.raises(CaptureError, match=r"a folder with no captures in it .* and no items"):
        check(CaptureSpec(files=(str(tmp_path),)))
    (tmp_path / "x.pcap").mkdir()
    with pytest.raises(CaptureError, match="no file matches this pattern"):
        check(CaptureSpec(files=(str(tmp_path / "*.pcap"),)))
    with pytest.raises(CaptureError, match="cannot be opened"):
        check(CaptureSpec(files=("a\0b.pcap",)))
    with pytest.raises(CaptureError, match="cannot be opened: File name too long"):
        check(CaptureSpec(files=("x" * 300,)))


def test_one_empty_file_of_a_pattern_is_named_with_the_way_out(tmp_path):
    saved(tmp_path, a_pcap=PCAP, b_pcap=b"")
    with pytest.raises(CaptureError, match=r"b.pcap: the file is empty.*; leave it out, and the rest can be read"):
        check(CaptureSpec(files=(str(tmp_path / "*.pcap"),)))
    with pytest.raises(CaptureError, match=r"wrote anything\?$"):
        check(CaptureSpec(files=(str(tmp_path / "b.pcap"),)))


class Signed(BaseHTTPRequestHandler):
    """Gives a page to who has the signature."""

    pages = {"/s.tar.gz": TAR, "/i.jsonl": ITEM, "/a.pcap": craft.pcap([b"x" * 60])}  # noqa: RUF012

    def do_GET(self):
        path, _, query = self.path.partition("?")
        page = self.pages[path] if query == "sig=abc" else b"denied"
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_args):
        pass


@pytest.mark.parametrize(("page", "counts"), [("s.tar.gz", (3, 0)), ("i.jsonl", (0, 1)), ("a.pcap", (1, 0))])
def test_signed_addresses(tmp_path, page, counts):
    with ThreadingHTTPServer(("127.0.0.1", 0), Signed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert brought(tmp_path, f"http://127.0.0.1:{server.server_port}/{page}?sig=abc") == counts
        server.shutdown()


@pytest.mark.parametrize("address", ["s3://", "s3://bucket", "s3://bucket/", "gs://bucket"])
def test_an_address_that_names_no_object(address):
    with pytest.raises(CaptureError, match=f"{address}: names no object; expected {address[:2]}://BUCKET/KEY"):
        check(CaptureSpec(files=(address,)))


def test_what_names_of_a_snapshot_are_wrong_is_said_before_the_run(tmp_path):
    saved(tmp_path, s_tar=archive({**FILES, "name_resolution_history.json": b"soon"}))
    with pytest.raises(CaptureError, match=r"s.tar: name_resolution_history.json: line 1: 'soon' is no address"):
        check(CaptureSpec(files=(str(tmp_path / "s.tar"),)))


@pytest.mark.parametrize("address", ["http://[::1", "http://127.0.0.1:99999/a.pcap"])
def test_an_address_that_is_none(address):
    with pytest.raises(CaptureError, match="cannot be opened"):
        check(CaptureSpec(files=(address,)))
