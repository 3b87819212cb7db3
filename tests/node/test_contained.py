"""What hostile scripts do to a real node process: it is ended or made anew, that is said, and the next call works."""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

import orjson
import pytest

import kubeshark_nb as ks
from kubeshark_nb.model import NodeInfo
from kubeshark_nb.node.process import NodeProcess
from kubeshark_nb.node.spec import NodeSpec, ScriptSpec

SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"


@pytest.fixture
def session():
    with ks.Session(limit=60) as made:
        made.capture(SHOP)
        yield made


def at_item(session: ks.Session, statement: str) -> str:
    """A script that does something at the fourth item, and only there, however often the interpreter is replaced."""
    place = orjson.dumps(session.items[3]["id"]).decode()
    return f"var n = 0; function onItemCaptured(d) {{ n++; if (d.id === {place}) {{ {statement} }} }}"


def test_native_code_without_end_is_killed_after_the_grace_and_the_node_starts_again(session, monkeypatch):
    monkeypatch.setattr("kubeshark_nb.session.NodeProcess", partial(NodeProcess, grace=1.0))
    session.load_script("var before = 1;", "kept.js")
    endless = "var n = 0; function onItemCaptured(d) { if (n++ === 3) new Array(1e9).join('x') }"
    session.load_script(endless, "endless.js")
    session.start()
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(ks.NodeError, match="did not stop and was killed: its JavaScript state and jobs are lost"):
        session.wait()
    assert time.monotonic() - began < 30
    session.unload_script("endless.js")
    assert session.globals["before"] == 1
    assert session.run().items


def test_a_call_into_native_code_without_end_is_killed_too(tmp_path):
    node = NodeProcess(NodeSpec(NodeInfo(), tmp_path), lambda _report: None, grace=1.0)
    assert node.call("variables") == {}  # it has started: Stop is to find it in the call
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(ks.NodeError, match="did not stop and was killed"):
        node.call("load", ScriptSpec("a.js", "new Array(1e9).join('x')"))
    assert not node.alive
    node.close()


def test_a_memory_bomb_costs_the_interpreter_not_the_process(session):
    session.load_script(at_item(session, "var all = []; for (;;) all.push(new Array(9999).join('x'))"), "bomb.js")
    session.load_script("function onItemCaptured(d) { test.pass(d) }", "good.js")
    run = session.run()
    assert run.ended == "done"
    assert run.passed > run.items - 64
    [error] = session.errors  # without room for an error object the engine throws null
    assert (error.script, error.line, error.hook) in {
        ("bomb.js", 0, "onItemCaptured"),
        ("bomb.js", 1, "onItemCaptured"),
    }
    assert error.message.startswith(("InternalError: out of memory", "null"))


def test_a_text_of_a_hundred_megabytes(session):
    session.load_script(at_item(session, "console.log(new Array(1e7 + 1).join('0123456789'))"), "huge.js")
    run = session.run()
    assert run.ended == "done"
    assert 0 < max(len(line.text) for line in session.console.lines) < 1 << 17
    assert session.globals["n"] > 0


def test_local_time_is_utc_wherever_the_kernel_is(session, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    session.load_script("var h = new Date(1700000000000).getHours(), o = new Date().getTimezoneOffset();", "t.js")
    assert session.globals["h"] == 22
    assert session.globals["o"] == 0
