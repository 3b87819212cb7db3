"""Frames on disk: read once in order, found by number, overwritten only when read, and never without being missed."""

from __future__ import annotations

import io
import os
import threading
import time

import pytest

from kubeshark_nb.capture.arriving import Arriving
from kubeshark_nb.capture.file import CaptureFile
from kubeshark_nb.capture.spool import AT_ONCE, SMALLEST_FILE, Spool
from kubeshark_nb.capture.spooled import LEFT, Spooled
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.traffic import nothing
from tests import craft

MB = 1 << 20


def made(frames, first=1):
    (batch,) = CaptureFile("x", io.BytesIO(craft.pcap(frames)), pytest.fail, block=1 << 26).batches()
    batch.first = first
    return batch


def frames_of(batch):
    ends = zip(batch.starts.tolist(), batch.captured.tolist(), strict=True)
    return [batch.data[start : start + size] for start, size in ends]


def some(number):
    return [bytes([number % 251]) * (60 + one) for one in range(5)]


def drained(spool):
    return list(iter(lambda: spool.read(0), None))


def test_what_is_written_is_read_once_in_order(tmp_path):
    spool = Spool(tmp_path)
    for number in range(20):
        spool.write(made(some(number), 1 + 5 * number))
    batches = drained(spool)
    assert [frame for batch in batches for frame in frames_of(batch)] == [one for n in range(20) for one in some(n)]
    assert batches[0].first == 1
    assert len(batches) == 1  # all that waited at a time
    assert batches[0].time_ns.tolist() == [time_ns for _ in range(20) for time_ns in made(some(0)).time_ns.tolist()]
    spool.write(made(some(7), 101))
    assert [batch.first for batch in drained(spool)] == [101]
    assert spool.waiting == 0


def test_large_amounts_come_in_parts(tmp_path):
    spool = Spool(tmp_path)
    for number in range(6):
        spool.write(made([bytes(MB)], number + 1))
    batches = drained(spool)
    assert [batch.first for batch in batches] == [1, 2, 3, 4, 5, 6]
    assert all(batch.captured.sum() <= AT_ONCE for batch in batches)


def test_frames_are_found_by_number(tmp_path):
    spool = Spool(tmp_path)
    for number in range(20):
        spool.write(made(some(number), 1 + 5 * number))
    assert [chunk.first for chunk in spool.chunks(after=42)][:2] == [41, 46]
    assert [frame[2] for frame in spool.chunks(after=42)[0].frames([41, 43])] == [some(8)[0], some(8)[2]]
    assert next(iter(spool.chunks()[0].frames([1]))) == (craft.START, 60, some(0)[0])


def test_what_was_read_makes_room_for_what_comes(tmp_path):
    spool = Spool(tmp_path, 4 * MB)
    for number in range(40):
        spool.write(made([bytes(MB // 2)], number + 1))
        assert spool.read(0) is not None
    kept = spool.chunks()
    assert kept[-1].first == 40
    assert kept[0].first > 30
    assert sum(chunk.size for chunk in kept) <= 4 * MB
    assert list(tmp_path.iterdir()) == []  # nothing to leave behind


def test_the_writer_waits_for_the_reader(tmp_path):
    spool = Spool(tmp_path, 2 * SMALLEST_FILE)
    written = []

    def write():
        for number in range(8):
            spool.write(made([bytes(MB // 2)], number + 1))
            written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.2)
    assert len(written) < 8
    assert sum(len(batch) for batch in iter(lambda: spool.read(0.5), None)) == 8
    writer.join()


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    spool = Spool(tmp_path)
    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(CaptureError, match="No space left on device; --keep 0"):
        spool.write(made(some(1)))
    assert spool.read(0) is None


class Burst(Arriving):
    """So many frames at once, then silence."""

    def __init__(self, batches, failure=None):
        super().__init__("burst")
        self._batches, self._failure = batches, failure

    def arrivals(self):
        yield nothing()
        for number in range(self._batches):
            self.names.append((f"10.0.0.{number}", ["x"]))
            yield made(some(number))
        if self._failure:
            raise self._failure
        while not self.stopping:
            time.sleep(0.005)
            yield nothing()


def test_a_slow_reader_loses_nothing(tmp_path):
    source = Spooled(Burst(200), Spool(tmp_path, 64 * MB))
    seen, names = 0, 0
    for batch in source.batches():
        assert len(batch) == 0 or batch.first == seen + 1
        seen += len(batch)
        time.sleep(0.02)
        names += len(source.names)
        source.names.clear()
        if seen == 1000:
            source.stop()
    assert (seen, names, source.reasons) == (1000, 200, {})


def test_a_stop_says_what_nobody_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr("kubeshark_nb.capture.spooled.PATIENCE", 0)
    source = Spooled(Burst(200), Spool(tmp_path))
    batches = source.batches()
    seen = len(next(batches))
    while source.spool.waiting < 1000 - seen:
        time.sleep(0.01)
    source.stop()
    assert sum(map(len, batches)) == 0
    assert (source.reasons, source.dropped) == ({LEFT: 1000 - seen}, 1000 - seen)


def test_what_fails_there_is_raised_here_after_what_came_before(tmp_path):
    source = Spooled(Burst(3, CaptureError("gone")), Spool(tmp_path))
    seen = []
    with pytest.raises(CaptureError, match="gone"):
        seen.extend(map(len, source.batches()))
    assert sum(seen) == 15
