"""Processes that wait to become shards: there when a run begins, gone when nobody needs them."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

import pytest

import kubeshark_nb as ks
from kubeshark_nb.model import NodeInfo
from kubeshark_nb.node import crew
from kubeshark_nb.node.process import NodeProcess
from kubeshark_nb.node.spawn import spawn
from kubeshark_nb.node.spec import CaptureSpec, NodeSpec
from tests.node.test_shards import SHOP, children_of, gone, shards_of


@pytest.fixture
def session():
    with ks.Session() as session:
        session.capture(SHOP, shards=2)
        session.load_script("var n = 0; function onItemCaptured(d) { n++ }", "s.js")
        yield session


def waiting_of(session: ks.Session) -> list[int]:
    """Process ids of those that wait, once the node has heard of its capture."""
    session._fleet.first.link.call("variables")
    return shards_of(session)


def played(session: ks.Session) -> int:
    run = session.run()
    assert run.ended == "done"
    assert session.globals["n"] == run.items
    return run.items


def test_those_that_wait_become_the_shards(session, endless):
    session.capture(endless, shards=2)
    waiting = waiting_of(session)
    assert len(waiting) == 2
    session.start()
    assert shards_of(session) == waiting
    session.wait()
    assert gone(waiting)
    assert shards_of(session) == []  # the next run is recalled


def test_they_start_with_the_node_when_nothing_was_loaded_yet():
    with ks.Session() as session:
        session.capture(SHOP, shards=2)
        assert len(waiting_of(session)) == 2
        session.load_script("var n = 0; function onItemCaptured(d) { n++ }", "s.js")
        assert played(session) > 1000


def test_one_that_died_meanwhile_is_replaced(session):
    waiting = waiting_of(session)
    os.kill(waiting[0], signal.SIGKILL)
    assert gone(waiting[:1])
    assert played(session) > 1000


def test_a_capture_that_needs_none_sends_them_away(session):
    waiting = waiting_of(session)
    session.capture(SHOP, shards=1)
    assert gone(waiting)


def test_a_capture_that_was_dissected_before_needs_none(session):
    played(session)
    session.capture(SHOP, shards=2)
    assert waiting_of(session) == []
    session.capture(SHOP, shards=2, cache=0)
    assert len(waiting_of(session)) == 2


def test_more_are_started_when_more_are_wanted(session):
    waiting = waiting_of(session)
    session.capture(SHOP, shards=4)
    assert set(waiting) < set(waiting_of(session))
    assert played(session) > 1000


def test_they_end_with_the_session(session):
    waiting = waiting_of(session)
    session.close()
    assert gone(waiting)


def test_they_end_with_a_node_that_is_killed(session):
    waiting = waiting_of(session)
    os.kill(session._fleet.first.link.pid, signal.SIGKILL)
    assert gone(waiting)


def test_a_node_in_this_process_has_them_too():
    with ks.Session(inline=True) as session:
        session.capture(SHOP, shards=2)
        session.load_script("var n = 0; function onItemCaptured(d) { n++ }", "s.js")
        crew = session._fleet.first.link._node._crew
        waiting = [child.process.pid for child in crew._waiting]
        assert len(waiting) == 2
        assert played(session) > 1000
        session.capture(SHOP, shards=2, cache=0)
        waiting += [child.process.pid for child in crew._waiting]
        assert len(waiting) == 4
    assert gone(waiting)


def test_a_node_whose_capture_is_gone_sends_them_away(tmp_path):
    copy = tmp_path / "copy.pcap.gz"
    copy.write_bytes(SHOP.read_bytes())
    with ks.Session() as session:
        session.capture(nodes={"a": copy, "b": SHOP}, shards=2, cache=0)
        session.load_script("var n = 0", "s.js")
        waiting = waiting_of(session)
        assert len(waiting) == 2
        copy.unlink()
        session.capture(nodes={"a": copy, "b": SHOP}, shards=2, cache=0)
        assert gone(waiting)


@pytest.fixture
def held(session):
    """The node of the session, held still until the test, or a minute, is over."""
    node = session._fleet.first.link.pid
    os.kill(node, signal.SIGSTOP)
    release = threading.Timer(60, os.kill, (node, signal.SIGCONT))
    release.start()
    yield release
    release.cancel()
    os.kill(node, signal.SIGCONT)


def test_binding_does_not_wait_for_a_node_that_hangs(session, held):
    session.capture(SHOP, shards=4)
    assert held.is_alive()


def test_a_stop_while_they_start_means_what_comes_after(session, held):
    node = session._fleet.first.link.pid
    session.capture(SHOP, shards=4)
    os.kill(node, signal.SIGINT)
    os.kill(node, signal.SIGCONT)
    with suppress(ks.NodeError):  # this is what is stopped
        session.globals["n"]
    assert len(waiting_of(session)) == 4


def test_their_logs_do_not_become_more(session):
    for shards in (1, 2, 1, 2):
        session.capture(SHOP, shards=shards)
    assert played(session) > 1000
    assert len(list(session.folder.rglob("shard-*.log"))) == 2


def test_one_that_cannot_live_is_one_clear_line(monkeypatch):
    def stillborn(_module, *arguments):
        child = spawn("kubeshark_nb.no_such_module", *arguments)
        child.process.wait()
        return child

    monkeypatch.setattr(crew, "spawn", stillborn)
    with ks.Session(inline=True) as session:
        session.capture(SHOP, shards=2)
        with pytest.raises(ks.NodeError, match="shard 1 died at once"):
            session.run()


def test_they_wait_for_the_node_that_comes_next(tmp_path):
    node = NodeProcess(NodeSpec(NodeInfo("a"), tmp_path / "a"), lambda _report: None)
    node.call("prepare", CaptureSpec(files=(str(SHOP),), shards=2))
    waiting = children_of(node.pid)
    assert len(waiting) == 2
    node.become(NodeSpec(NodeInfo("b"), tmp_path / "b"), lambda _report: None, lambda _message: None)
    assert children_of(node.pid) == waiting
    node.close()
    assert gone(waiting)
