"""Snapshots and addresses: captures in an archive with their names, captures elsewhere."""

from __future__ import annotations

import io
import json
import tarfile

import fsspec
import pytest

from kubeshark_nb.capture import open_source
from kubeshark_nb.capture.snapshot import Snapshot
from kubeshark_nb.errors import CaptureError
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
    with open(names) as file:  # noqa: PTH123
        assert json.load(file) == HISTORY


def test_nothing_is_written_outside_and_nothing_is_left(tmp_path):
    evil = archive({"../../escape.pcap": craft.pcap([b"1" * 60]), "/tmp/other.pcap": craft.pcap([b"2" * 60])})
    (tmp_path / "s.tgz").write_bytes(evil)
    snapshot = Snapshot(str(tmp_path / "s.tgz"))
    folder = snapshot._folder.name
    assert [path.rpartition("/")[0] for path in snapshot.captures] == [folder, folder]
    assert [path.name for path in tmp_path.iterdir()] == ["s.tgz"]
    snapshot._folder.cleanup()


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
