"""The circuit breaker, on a clock of its own."""

from __future__ import annotations

import pytest

from kubeshark_nb.vendors.breaker import Breaker


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def breaker(clock):
    return Breaker(3, 10, clock=lambda: clock[0])


def fail(breaker, times):
    for _ in range(times):
        breaker.failed("t")


def test_it_opens_after_failures_in_a_row_only(breaker):
    fail(breaker, 2)
    breaker.succeeded("t")
    fail(breaker, 2)
    assert breaker.closed_for("t") == 0
    fail(breaker, 1)
    assert breaker.closed_for("t") == 10
    assert breaker.closed_for("other") == 0


def test_pauses_double_up_to_a_minute_and_a_success_ends_it(breaker, clock):
    fail(breaker, 3)
    pauses = []
    for _ in range(4):
        clock[0] += breaker.closed_for("t")
        assert breaker.closed_for("t") == 0
        fail(breaker, 1)
        pauses.append(breaker.closed_for("t"))
    assert pauses == [20, 40, 60, 60]
    breaker.succeeded("t")
    assert breaker.closed_for("t") == 0


def test_a_pause_that_was_asked_for_begins_with_the_first_failure(breaker):
    breaker.failed("t", asked_pause_s=5)
    assert breaker.closed_for("t") == 5
    breaker.failed("u", asked_pause_s=3600)
    assert breaker.closed_for("u") == 60


def test_targets_are_bounded(breaker):
    for number in range(5000):
        breaker.failed(str(number))
    assert len(breaker._states) <= 1024
