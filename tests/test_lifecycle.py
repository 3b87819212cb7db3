"""Sessions that end in odd moments, and nodes that cannot do what they are asked: a word about it, and never a hang."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import kubeshark_nb as ks
from kubeshark_nb.fleet import KEPT
from tests.test_many_nodes import talk

SHOP = Path(__file__).parents[1] / "notebooks" / "captures" / "shop.pcap.gz"
BEGAN = 1_700_000_000_000_000_000
CROWD = KEPT + 2
UNREADABLE = """
var good = 1, circle = {}, half = "\U0001f600".substring(0, 1), trap = { get x() { throw new Error("no") } };
circle.self = circle;
function onItemCaptured(d) { good++; }
"""


@pytest.fixture
def capture(tmp_path) -> Path:
    path = tmp_path / "a.pcap"
    path.write_bytes(talk("a", 3, BEGAN))
    return path


@pytest.fixture(autouse=True)
def no_thread_dies(monkeypatch):
    """Whatever happens in our threads has to be told, not printed."""
    died = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    yield
    assert not died


def crowd(capture: Path, count: int = CROWD) -> dict[str, Path]:
    return {f"n{number}": capture for number in range(count)}


@pytest.mark.parametrize("inline", [True, False])
def test_variables_that_cannot_be_kept_are_counted_and_the_others_are_there(capture, inline):
    with ks.Session(inline=inline) as session:
        session.capture(nodes=crowd(capture))
        run = session.replay_script(UNREADABLE, "s.js")
        assert (run.ended, run.items) == ("done", 3 * CROWD)
        assert session.globals.each("good") == dict.fromkeys(crowd(capture), 4)
        reasons = [reason for reason in session.stats.reasons if reason.startswith("script variables")]
        assert len(reasons) == 1


@pytest.mark.parametrize("count", [2, CROWD])
@pytest.mark.parametrize("delay", [0.05, 0.4])
def test_a_session_that_is_closed_in_the_middle_harms_no_other(capture, count, delay):
    for _ in range(2):
        session = ks.Session()
        session.capture(nodes=crowd(SHOP, count), speed="50x")
        session.start()
        time.sleep(delay)
        session.close()
        with ks.Session() as other:
            other.capture(capture)
            assert other.run().items == 3


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("count", [1, 2, CROWD])
def test_stop_ends_every_run_at_once(inline, count):
    with ks.Session(inline=inline) as session:
        session.capture(nodes=crowd(SHOP, count), **({} if inline else {"speed": "20x"}))
        session.start()
        began = time.monotonic()
        run = session.stop()
        assert time.monotonic() - began < 20
        assert (run.ended, session.running) == ("stopped", False)


def test_a_node_that_cannot_be_sent_its_script_is_said(capture):
    with ks.Session() as session:
        session.capture(nodes=crowd(capture, 2))
        session.load_script("1", "a.js")
        session._scripts["a.js"].env["x"] = threading.Lock()  # no process can be sent that
        with pytest.raises(ks.KubesharkError, match="lock"):
            session.run()


NO_ROOM = """
import resource, sys
import kubeshark_nb as ks
session = ks.Session()
session.capture(nodes={f"n{number}": sys.argv[1] for number in range(6)})
import os
used = len(os.listdir("/proc/self/fd"))
resource.setrlimit(resource.RLIMIT_NOFILE, (used + 12, used + 12))
try:
    run = session.run()
    print(run.ended, sorted({why for _, why in run.broken}))
except ks.NodeError as error:
    print(error)
"""


def test_a_system_without_room_for_processes_is_said(capture):
    done = subprocess.run(
        [sys.executable, "-c", NO_ROOM, str(capture)], capture_output=True, text=True, timeout=120, check=False,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert "no process can be started: Too many open files" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr
