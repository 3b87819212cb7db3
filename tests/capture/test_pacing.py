"""Replays at the pace of the capture."""

from __future__ import annotations

import time

import pytest

from kubeshark_nb.capture import open_source
from kubeshark_nb.capture.pacing import factor
from kubeshark_nb.errors import CaptureError
from tests import craft


@pytest.mark.parametrize(("speed", "times"), [("max", 0), ("1x", 1), ("10x", 10), ("2.5x", 2.5), ("3", 3)])
def test_speeds(speed, times):
    assert factor(speed) == times


@pytest.mark.parametrize("speed", ["fast", "0x", "-1x", "", "x"])
def test_what_is_no_speed(speed):
    with pytest.raises(CaptureError, match="no speed"):
        factor(speed)


def test_frames_come_when_they_are_due(tmp_path):
    frames = [(craft.START + second * 1000 * craft.MS, bytes(60)) for second in range(5)]  # four seconds
    (tmp_path / "a.pcap").write_bytes(craft.pcap(frames))
    began, seen, quiet = time.monotonic(), [], []
    for batch in open_source(tmp_path / "a.pcap", speed=8).batches():
        now = (time.monotonic() - began) * 8
        seen += [(number, now) for number in (batch.time_ns - craft.START).tolist()]
        quiet += [] if len(batch) else [batch.until_ns]
        assert batch.first == (len(seen) - len(batch)) + 1
    assert [number for number, _ in seen] == [second * 10**9 for second in range(5)]
    assert all(now - number / 10**9 > -0.01 for number, now in seen)
    assert quiet == sorted(quiet)
    assert len(quiet) >= 3


def test_at_full_speed_nothing_waits(tmp_path):
    (tmp_path / "a.pcap").write_bytes(craft.pcap([(craft.START + hour * 3600 * 10**9, bytes(60)) for hour in range(9)]))
    assert [len(batch) for batch in open_source(tmp_path / "a.pcap").batches()] == [9]
