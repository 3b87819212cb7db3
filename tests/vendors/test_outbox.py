"""The outbox: bounded, in daemon threads, never waiting longer than told."""

from __future__ import annotations

import threading
import time

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.outbox import MOST_UNANSWERED, Outbox


@pytest.fixture
def stuck():
    event = threading.Event()
    yield event
    event.set()


def test_queued_work_is_done_and_fetched():
    box = Outbox(10)
    for number in range(10):
        assert box.put(lambda number=number: number, 1)
    assert box.flush(5) == 0
    assert sorted(box.finished()) == list(range(10))
    assert box.finished() == []


def test_waiting_ends_on_time(stuck):
    began = time.monotonic()
    assert Outbox(1).run(stuck.wait, 0.05) is None
    assert time.monotonic() - began < 20


def test_unanswered_work_is_bounded(stuck):
    box = Outbox(1)
    for _ in range(MOST_UNANSWERED):
        assert box.run(stuck.wait, 0) is None
    with pytest.raises(VendorError, match="earlier calls are still unanswered"):
        box.run(stuck.wait, 0)


def test_what_is_still_open_is_counted_and_close_does_not_wait(stuck):
    box = Outbox(10)
    for _ in range(10):
        box.put(stuck.wait, 0)
    assert box.flush(0.05) == 10
    box.close()
    stuck.set()
    assert box.flush(5) == 0
    assert len(box.finished()) < 10
