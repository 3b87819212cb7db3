"""A node process is stopped, killed and outlived; what a user does to a kernel is done to this very process."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import kubeshark_nb as ks
from kubeshark_nb.model import NodeInfo
from kubeshark_nb.node.process import NodeProcess
from kubeshark_nb.node.spec import NodeSpec, ScriptSpec

SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def node(tmp_path):
    made = NodeProcess(NodeSpec(NodeInfo(), tmp_path), lambda _report: None)
    yield made
    made.close()


def press_stop(after: float) -> None:
    threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT)).start()


def test_stop_ends_an_endless_script_and_the_state_survives():
    with ks.Session(limit=60) as session:
        session.capture(SHOP)
        session.load_script(
            "var n = 0; function onItemCaptured(d) { n++; try { if (n === 9) for (;;) {} } catch (e) {} }", "a.js"
        )
        session.start()
        press_stop(1.0)
        began = time.monotonic()
        run = session.wait()
        assert time.monotonic() - began < 30
        assert run.ended == "stopped"
        assert session.globals["n"] == 9


def test_stop_while_loading_an_endless_top_level(node):
    press_stop(1.0)
    with pytest.raises(ks.KubesharkError):
        node.call("load", ScriptSpec("a.js", "while (true) {}"))
    node.call("load", ScriptSpec("a.js", "var x = 1;"))
    assert node.alive


def test_errors_of_the_node_arrive_as_they_were(node):
    with pytest.raises(ks.ScriptError) as caught:
        node.call("load", ScriptSpec("a.js", "\nvar ="))
    assert (caught.value.name, caught.value.line) == ("a.js", 2)


def test_a_bug_of_ours_is_reported_and_not_waited_for(node):
    with pytest.raises(ks.NodeError, match="AttributeError"):
        node.call("no_such_method")


def test_who_waits_for_a_killed_node_is_told(tmp_path):
    obituaries = []
    node = NodeProcess(NodeSpec(NodeInfo(), tmp_path), lambda _report: None, obituaries.append)
    threading.Timer(0.8, os.kill, (node.pid, signal.SIGKILL)).start()
    with pytest.raises(ks.NodeError, match="SIGKILL"):
        node.call("load", ScriptSpec("a.js", "while (true) {}"))
    node.close()
    assert len(obituaries) == 1


def test_the_child_dies_with_a_kernel_that_is_killed(tmp_path):
    kernel = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
                import time
                from pathlib import Path
                from kubeshark_nb.model import NodeInfo
                from kubeshark_nb.node.process import NodeProcess
                from kubeshark_nb.node.spec import NodeSpec
                node = NodeProcess(NodeSpec(NodeInfo(), Path({str(tmp_path)!r})), lambda report: None)
                print(node.pid, flush=True)
                time.sleep(60)
            """),
        ],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
    )
    child = int(kernel.stdout.readline())
    kernel.kill()
    kernel.wait()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and Path(f"/proc/{child}/stat").read_text().split()[2] != "Z":
        assert time.monotonic() < deadline, "the child outlived its kernel"
        time.sleep(0.05)
