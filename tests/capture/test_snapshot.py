"""Snapshots and addresses: captures in an archive with their names, captures elsewhere."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path

import fsspec
import pytest

import kubeshark_nb as ks
from kubeshark_nb.capture import open_source, parts
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.name_files import read_names
from kubeshark_nb.items.names import NameTable
from tests import craft

HISTORY = {"1700000000": {"10.0.0.9": {"FullAddress": "web.shop", "Namespace": "shop"}}}


def archive(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


FILES = {
    "pcaps/b.pcap": craft.pcap([(craft.START + 5 * craft.MS, b"2" * 60)]),
    "pcaps/a.pcap": craft.pcap([(craft.START, b"1" * 60), (craft.START + 9 * craft.MS, b"3" * 60)]),
    "name_resolution_history.json": json.dumps(HISTORY).encode(),
    "content.json": b"{}",
}


def first_bytes(source):
    return "".join(chr(batch.data[start]) for batch in source.batches() for start in batch.starts.tolist())


def test_a_snapshot_is_its_captures_in_time_order_with_its_names(tmp_path):
    (tmp_path / "s.tar.gz").write_bytes(archive(FILES))
    source = open_source(tmp_path / "s.tar.gz")
    assert first_bytes(source) == "123"
    (names,) = source.name_files
    assert json.loads(names.text) == HISTORY


def test_nothing_is_written_outside_and_nothing_has_a_name(tmp_path):
    evil = archive({"../../escape.pcap": craft.pcap([b"1" * 60]), "/tmp/other.pcap": craft.pcap([b"2" * 60])})
    (tmp_path / "s.tgz").write_bytes(evil)
    (tmp_path / "here").mkdir()
    source = open_source(tmp_path / "s.tgz", folder=tmp_path / "here")
    assert first_bytes(source) == "12"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["s.tgz"]


def test_another_process_reads_what_was_unpacked_as_long_as_somebody_has_it(tmp_path):
    (tmp_path / "s.tgz").write_bytes(archive(FILES))
    source = open_source(tmp_path / "s.tgz")
    script = "import pickle, sys; f = pickle.load(sys.stdin.buffer); print([len(one.open().read()) for one in f])"
    done = subprocess.run([sys.executable, "-c", script], input=pickle.dumps(source.files), stdout=-1, check=True)
    assert json.loads(done.stdout) == [len(FILES["pcaps/b.pcap"]), len(FILES["pcaps/a.pcap"])]


def test_where_open_files_have_no_path_what_was_unpacked_has_a_name_until_it_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_are_open_files_ours", lambda: False)
    (tmp_path / "s.tgz").write_bytes(archive(FILES))
    source = open_source(tmp_path / "s.tgz", folder=tmp_path)
    assert first_bytes(source) == "123"
    assert len(list(tmp_path.iterdir())) == 2
    del source
    assert [path.name for path in tmp_path.iterdir()] == ["s.tgz"]


def test_captures_of_a_snapshot_are_called_as_in_the_archive(tmp_path):
    path = tmp_path / "s.tar.gz"
    path.write_bytes(archive({"x/cut.pcap": FILES["pcaps/a.pcap"][:-5]}))
    source = open_source(path)
    list(source.batches())
    assert source.reasons == {f"captures cut in the middle of a packet ({path}: x/cut.pcap)": 1}
    path.write_bytes(archive({**FILES, "x/ba\u202ed\n.pcap": b""}))
    with pytest.raises(CaptureError, match=r"s.tar.gz: x/ba\\u202ed\\n.pcap: the file is empty.*; leave it out, and"):
        open_source(path)
    path.write_bytes(archive({**FILES, "x/name_resolution_history.json": b'{"1": {"10.0.0.9": 5}}'}))
    *_, history = open_source(path).name_files
    with pytest.raises(CaptureError, match=r"s.tar.gz: x/name_resolution_history.json: entry '1': '10.0.0.9' has no"):
        read_names(history, NameTable())


@pytest.mark.parametrize("command", ["run", "items"])
def test_a_run_leaves_nothing_of_a_snapshot(tmp_path, command):
    (tmp_path / "s.tar.gz").write_bytes(archive(FILES))
    (tmp_path / "here").mkdir()
    (tmp_path / "a.js").write_text("")
    words = [tmp_path / "a.js", tmp_path / "s.tar.gz"] if command == "run" else [tmp_path / "s.tar.gz"]
    done = subprocess.run(
        [sys.executable, "-m", "kubeshark_nb.cli", command, *words],
        env={**os.environ, "TMPDIR": str(tmp_path / "here")},
        cwd=Path(__file__).parents[2],
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert not [path for path in (tmp_path / "here").rglob("*") if "snapshot" in str(path) or "pcap" in path.name]


@pytest.mark.parametrize("shards", [1, 2])
def test_a_session_leaves_nothing_of_a_snapshot_in_its_folder(tmp_path, shards):
    (tmp_path / "s.tar.gz").write_bytes(archive(FILES))
    with ks.Session(folder=tmp_path / "session") as session:
        session.capture(str(tmp_path / "s.tar.gz"), shards=shards, cache=0)
        assert session.run().packets == 3
    assert not list(tmp_path.rglob("*.pcap")) + list(tmp_path.rglob("*snapshot*"))


@pytest.mark.parametrize(
    ("data", "words"), [(archive({"notes.txt": b"x"}), "no captures in it"), (b"nonsense" * 100, "cannot be unpacked")]
)
def test_what_is_no_snapshot(tmp_path, data, words):
    (tmp_path / "s.tar.gz").write_bytes(data)
    with pytest.raises(CaptureError, match=words):
        open_source(tmp_path / "s.tar.gz")


def test_an_address_is_read_as_a_stream():
    with fsspec.open("memory://captures/a.pcap", "wb") as file:
        file.write(craft.pcap([b"1" * 60, b"2" * 60]))
    with fsspec.open("memory://captures/s.tar.gz", "wb") as file:
        file.write(archive(FILES))
    assert first_bytes(open_source("memory://captures/a.pcap")) == "12"
    assert first_bytes(open_source("memory://captures/s.tar.gz")) == "123"
    assert open_source("memory://captures/a.pcap").total_bytes == 0


@pytest.mark.parametrize(
    ("address", "words"),
    [("memory://nothing.pcap", "nothing at this address"), ("gopher://host/a.pcap", "cannot be opened")],
)
def test_addresses_that_lead_nowhere(address, words):
    with pytest.raises(CaptureError, match=words):
        open_source(address)


def test_passwords_in_addresses_stay_out_of_errors():
    with pytest.raises(CaptureError) as caught:
        open_source("gopher://me:secret@host/a.pcap?token=hidden")
    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)
