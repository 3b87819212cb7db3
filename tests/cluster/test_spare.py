"""The process that waits on a worker for its next task."""

import os
import signal
import time

import pytest

from kubeshark_nb.cluster import spare
from kubeshark_nb.model import NodeInfo
from kubeshark_nb.node.spec import NodeSpec, ScriptSpec


@pytest.fixture(autouse=True)
def nobody_waits():
    yield
    while (node := spare._taken()) is not None:
        node.close()


def spec(folder, name: str) -> NodeSpec:
    return NodeSpec(NodeInfo(name=name), folder / name)


def once(folder, name: str, source: str) -> tuple[int, object]:
    """Which process does it, and what a script finds there in its variable ``n``."""
    with spare.hired(spec(folder, name), lambda _: None) as node:
        node.call("load", ScriptSpec("s.js", source))
        return node.pid, node.call("variables")


def test_the_next_task_gets_the_same_process_and_nothing_of_the_task_before(tmp_path):
    first, variables = once(tmp_path, "a", "var n = 1;")
    assert variables == {"n": 1}
    second, variables = once(tmp_path, "b", "var m = typeof n;")
    assert second == first
    assert variables == {"m": "undefined"}


def test_one_that_died_while_it_waited_is_replaced(tmp_path):
    first, _ = once(tmp_path, "a", "var n = 1;")
    os.kill(first, signal.SIGKILL)
    second, variables = once(tmp_path, "b", "var n = 2;")
    assert second != first
    assert variables == {"n": 2}


def test_a_task_that_failed_leaves_no_process(tmp_path):
    with pytest.raises(ZeroDivisionError), spare.hired(spec(tmp_path, "a"), lambda _: None) as node:
        raise ZeroDivisionError
    assert not node.alive
    assert not spare._waiting


def test_two_tasks_at_once_have_a_process_each_and_one_of_them_waits(tmp_path):
    with spare.hired(spec(tmp_path, "a"), lambda _: None) as a, spare.hired(spec(tmp_path, "b"), lambda _: None) as b:
        assert a.pid != b.pid
    assert [node for node, _ in spare._waiting] == [a]
    assert not b.alive


def test_it_waits_only_so_long(tmp_path, monkeypatch):
    monkeypatch.setattr(spare, "PATIENCE", 0.05)
    with spare.hired(spec(tmp_path, "a"), lambda _: None) as node:
        pass
    deadline = time.monotonic() + 10
    while node.alive:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not spare._waiting
