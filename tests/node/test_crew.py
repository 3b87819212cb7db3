"""Processes that wait to become shards: there when a run begins, gone when nobody needs them."""

from __future__ import annotations

import os
import signal

import pytest

import kubeshark_nb as ks
from tests.node.test_shards import SHOP, gone, shards_of


@pytest.fixture
def session():
    with ks.Session() as session:
        session.capture(SHOP, shards=2)
        session.load_script("var n = 0; function onItemCaptured(d) { n++ }", "s.js")
        yield session


def played(session: ks.Session) -> int:
    run = session.run()
    assert run.ended == "done"
    assert session.globals["n"] == run.items
    return run.items


def test_those_that_wait_become_the_shards(session):
    waiting = shards_of(session)
    assert len(waiting) == 2
    session.start()
    assert shards_of(session) == waiting
    session.wait()
    assert gone(waiting)
    assert shards_of(session) == []  # the next run is recalled


def test_one_that_died_meanwhile_is_replaced(session):
    waiting = shards_of(session)
    os.kill(waiting[0], signal.SIGKILL)
    assert gone(waiting[:1])
    assert played(session) > 1000


def test_a_capture_that_needs_none_sends_them_away(session):
    waiting = shards_of(session)
    session.capture(SHOP, shards=1)
    assert gone(waiting)


def test_a_capture_that_was_dissected_before_needs_none(session):
    played(session)
    session.capture(SHOP, shards=2)
    assert shards_of(session) == []
    session.capture(SHOP, shards=2, cache=0)
    assert len(shards_of(session)) == 2


def test_more_are_started_when_more_are_wanted(session):
    waiting = shards_of(session)
    session.capture(SHOP, shards=4)
    assert set(waiting) < set(shards_of(session))
    assert played(session) > 1000


def test_they_end_with_the_session(session):
    waiting = shards_of(session)
    session.close()
    assert gone(waiting)


def test_they_end_with_a_node_that_is_killed(session):
    waiting = shards_of(session)
    os.kill(session._fleet.first.link.pid, signal.SIGKILL)
    assert gone(waiting)


def test_a_node_in_this_process_has_them_too():
    with ks.Session(inline=True) as session:
        session.capture(SHOP, shards=2)
        session.load_script("var n = 0; function onItemCaptured(d) { n++ }", "s.js")
        waiting = [child.process.pid for child in session._fleet.first.link._node._crew._waiting]
        assert len(waiting) == 2
        assert played(session) > 1000
    assert gone(waiting)
