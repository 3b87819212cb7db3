"""Shards and captures that were dissected before, at the pace of the capture: the same results, and not at once."""

import time

import pytest

import kubeshark_nb as ks
from tests.craft import START
from tests.test_many_nodes import talk

SCRIPT = """
jobs.schedule("tick", "* * * * * *", function () { console.log("tick", Date.now()) });
function onItemCaptured(data) { console.log(data.id, Date.now()) }
"""


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(talk("a", 12, START))  # a request a second
    return path


def said(session) -> list[tuple[int, str]]:
    return [(line.time, line.text) for line in session.console.lines]


@pytest.mark.parametrize("shards", [1, 2])
def test_a_pace_asked_for_in_the_middle_holds(capture, shards):
    """The first run is dissected (by shards, when there are two), the second one recalled; both are slowed down."""
    with ks.Session() as session:
        session.capture(capture, shards=shards)
        session.replay_script(SCRIPT, "s.js")
        whole = said(session)
        assert len(whole) > 20
        session.start()
        began = time.monotonic()
        session._fleet.tell("pace", "20x")  # the run that goes on, not the capture: that would be another reading
        session.wait()
        assert said(session) == whole
        assert session.ledger.recalled
        assert time.monotonic() - began < 20


@pytest.mark.parametrize("shards", [1, 2])
def test_windows_are_given_in_pieces_as_they_are_due(capture, tmp_path, shards):
    from kubeshark_nb.model import NodeInfo, Stats
    from kubeshark_nb.node.crew import Crew
    from kubeshark_nb.node.origin import reading_of
    from kubeshark_nb.node.pacing import paced
    from kubeshark_nb.node.spec import CaptureSpec, NodeSpec

    def reading():
        return reading_of(
            CaptureSpec(files=(str(capture),), shards=shards), NodeSpec(NodeInfo(), tmp_path), Stats(), Crew()
        )

    at_once = [item for window in reading().windows() for item in window.items]
    began, seen, ends = time.monotonic(), [], []
    for window in paced(reading().windows(), lambda: 40.0):
        seen += window.items
        ends.append(window.end_ns)
        assert all(item.ready_ns <= window.end_ns for item in window.items)
    assert seen == at_once
    assert ends == sorted(ends)
    assert len(ends) > 3
    assert time.monotonic() - began > 0.2  # eleven seconds, forty times as fast
