"""Batches grow and shrink until each takes as long as it should."""

from __future__ import annotations

import pytest

from kubeshark_nb.capture.pace import GOAL, LEAST, Pace


@pytest.mark.parametrize("speed", [10e6, 50e6, 500e6], ids=["slow", "quick", "quicker"])
def test_a_batch_takes_as_long_as_it_should(speed):
    pace = Pace()
    for _ in range(40):
        pace.took(pace.bytes, 0.001 + pace.bytes / speed)
    assert 0.9 * GOAL < 0.001 + pace.bytes / speed < 1.1 * GOAL


def test_however_slow_something_is_taken():
    pace = Pace()
    for _ in range(40):
        pace.took(pace.bytes, 10.0)
    assert pace.bytes == LEAST


def test_nothing_says_nothing():
    pace = Pace()
    before = pace.bytes
    pace.took(0, 1.0)
    assert pace.bytes == before
