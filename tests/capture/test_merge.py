"""Several captures become one in time order."""

from __future__ import annotations

import gzip
import resource
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.capture import open_source
from kubeshark_nb.errors import CaptureError
from tests import craft

TIMES = st.lists(st.integers(0, 300), max_size=20).map(sorted)


@given(st.lists(TIMES, min_size=1, max_size=4))
def test_frames_come_in_time_order_and_none_is_lost(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("merge")
    expected = []
    for number, times in enumerate(files):
        frames = [(craft.START + time * 1000, f"{number}:{at}".encode()) for at, time in enumerate(times)]
        expected += [(time, number, at, data) for at, (time, data) in enumerate(frames)]
        (folder / f"{number}.pcap").write_bytes(craft.pcap(frames))
    source = open_source(str(folder / "*.pcap"))
    merged = [
        (time, batch.data[start : start + size])
        for batch in source.batches()
        for time, start, size in zip(
            batch.time_ns.tolist(), batch.starts.tolist(), batch.captured.tolist(), strict=True
        )
    ]
    assert merged == [(time, data) for time, _, _, data in sorted(expected)]


def test_frames_are_numbered_over_all_files(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.pcap").write_bytes(craft.pcap([b"x"] * 3))
    batches = list(open_source(str(tmp_path)).batches())
    assert [batch.first for batch in batches] == [
        1 + sum(len(one) for one in batches[:at]) for at in range(len(batches))
    ]
    assert sum(len(batch) for batch in batches) == 6


def test_reading_twice_gives_the_same(tmp_path):
    (tmp_path / "a.pcap").write_bytes(craft.pcap([b"x", b"yy"]))
    source = open_source(tmp_path / "a.pcap")
    assert [batch.captured.tolist() for batch in source.batches()] == [
        batch.captured.tolist() for batch in source.batches()
    ]
    assert source.read_bytes == source.total_bytes


def test_progress_of_a_compressed_file_counts_what_is_in_the_file(tmp_path):
    path = tmp_path / "a.pcap.gz"
    path.write_bytes(gzip.compress(craft.pcap([bytes(1000)] * 100)))
    source = open_source(path)
    list(source.batches())
    assert source.read_bytes == source.total_bytes == path.stat().st_size


@pytest.mark.parametrize("apart", [0, 1, 1000])
def test_thousands_of_files_are_more_than_can_be_open_at_a_time(tmp_path, apart):
    """All at once, each beside the next, one after the other."""
    few, many = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(few, 256), many))
    try:
        for number in range(2000):
            at = craft.START + number * apart * craft.MS
            (tmp_path / f"{number:04}.pcap").write_bytes(craft.pcap([b"%d" % number] * 3, first=at))
        batches = list(open_source(str(tmp_path)).batches())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, many))
    times = [time for batch in batches for time in batch.time_ns.tolist()]
    assert times == sorted(times)
    assert len(times) == 6000
    assert [batch.first for batch in batches] == [1, *accumulate((len(one) for one in batches[:-1]), initial=1)][1:]


def test_a_file_that_has_gone_is_said(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.pcap").write_bytes(craft.pcap([b"x"] * 3))
    source = open_source(str(tmp_path))
    (tmp_path / "b.pcap").unlink()
    with pytest.raises(CaptureError, match=r"b.pcap.*no such file"):
        list(source.batches())
