"""Sessions over what goes on: scripts attach, jobs follow the wall clock, rows show at once, the end is told."""

from __future__ import annotations

import gzip
import http.client
import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import kubeshark_nb as ks
from kubeshark_nb import display
from tests import craft
from tests.capture.hub import Hub
from tests.capture.test_live import MAY
from tests.capture.test_snapshot import archive

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "notebooks" / "captures" / "shop.pcap.gz"
COUNT = "var seen = 0; function onItemCaptured(data) { seen++; }"
TICK = 'jobs.schedule("tick", "* * * * * *", function () { console.log("late", Date.now() % 1000); });'


@pytest.fixture
def session():
    with ks.Session() as made:
        yield made


@pytest.fixture
def short(tmp_path) -> Path:
    cut = tmp_path / "short.pcap"
    cut.write_bytes(gzip.decompress(SHOP.read_bytes())[:500_000])
    return cut


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_args):
        pass


@pytest.fixture
def web():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def until(true, seconds=10.0):
    began = time.monotonic()
    while not true() and time.monotonic() - began < seconds:
        time.sleep(0.01)
    assert true()
    return time.monotonic() - began


def get(port, path):
    link = http.client.HTTPConnection("127.0.0.1", port)
    link.request("GET", path)
    assert link.getresponse().read() == b"ok"
    return link


def test_an_interface_from_binding_to_stopping(session, web):
    if not MAY:
        with pytest.raises(ks.CaptureError, match="setcap"):
            session.capture(live="lo")
        return
    session.capture(live="lo", bpf=f"tcp port {web}")
    session.attach_script(COUNT, "a.js")
    assert session.running
    link = get(web, "/first")
    until(lambda: len(session.items) == 1)
    session.attach_script(COUNT.replace("seen", "later"), "b.js")  # from now on
    waits = []
    for number in range(5):
        link.request("GET", f"/{number}")
        link.getresponse().read()
        waits.append(until(lambda n=number: len(session.items) == n + 2))
    assert sorted(waits)[2] < 1  # 0.2 s where the machine is not shared
    assert (session.globals["seen"], session.globals["later"]) == (6, 5)
    assert len(session.query('http and request.path == "/3"')) == 1
    run = session.stop()
    assert not session.running
    assert (run.items, run.dropped, run.ended) == (6, 0, "stopped")
    assert session.stop() is None
    assert len(session.items) == 6


def test_jobs_run_on_time_while_nothing_comes_and_can_be_controlled(session):
    session.capture(pipe="sleep 30")
    session.attach_script(TICK, "jobs.js")
    until(lambda: session.jobs[0].runs >= 2)
    late = [int(line.text.split()[1]) for line in session.console.lines if line.text.startswith("late")]
    assert min(late) < 500
    session.control_job("stop", "tick")
    session.control_job("run", "tick")
    runs = session.jobs[0].runs
    session.globals["added"] = 7
    assert session.globals["added"] == 7
    assert session.jobs[0].runs == runs
    assert session.stop().packets == 0


def test_a_command_is_played_while_it_writes_and_its_death_is_told(session, short, tmp_path):
    flag = tmp_path / "go"
    session.capture(pipe=f"cat {short}; while [ ! -e {flag} ]; do sleep 0.05; done; echo 'out of beer' >&2; kill -9 $$")
    session.attach_script(COUNT, "a.js")
    until(lambda: session.stats.items > 100)
    assert session.running
    flag.touch()
    until(lambda: not session.running)
    assert "SIGKILL: out of beer" in session.status()
    assert "SIGKILL: out of beer" in session.console.lines[-1].text
    assert len(session.items) == session.stats.items > 100  # what came before is kept, and not captured again
    with pytest.raises(ks.NodeError, match="out of beer"):
        session.wait()


def test_a_command_that_cannot_start_is_said_at_once(session):
    session.capture(pipe="no-such-command -w -")
    with pytest.raises(ks.CaptureError, match="not found"):
        session.start()


def test_a_cell_on_a_live_capture_does_not_wait(session, monkeypatch):
    shown = []
    monkeypatch.setattr(display, "display", shown.append)
    session.capture(pipe="sleep 30")
    script = display.run_script(session, COUNT, "a.js", {}, load_only=False)
    assert session.running
    assert script.name in session.scripts
    assert len(shown) == 1
    assert session.stop().ended == "stopped"


def test_looking_at_items_starts_a_live_capture(session, short):
    session.capture(pipe=f"cat {short}; sleep 30")
    assert len(session.items) >= 0
    assert session.running
    until(lambda: len(session.items) > 100)


def test_a_hub(session, short):
    session.capture(short)
    session.run()
    documents = list(session.items)[:50]
    with Hub(map(json.dumps, [*documents, {"hello": 1}]), close=False) as hub:
        hub._messages = list(hub._messages)
        session.capture(hub=hub.url)
        session.attach_script(COUNT, "a.js")
        until(lambda: session.stats.items == 50)
        assert session.globals["seen"] == 50
        run = session.stop()
    assert dict(run.reasons) == {"messages of the hub that hold no item": 1}
    assert {item["id"]: item for item in session.items} == {item["id"]: item for item in documents}


def test_items_are_played_again_with_new_verdicts(session, short, tmp_path):
    judge = COUNT.replace("seen++;", "seen++; if (data.protocol.name === 'http') test.fail(data);")
    session.capture(short)
    first = session.replay_script(judge, "a.js")
    session.items.to_jsonl(tmp_path / "items.jsonl")
    before = sorted(item["id"] for item in session.items.query("http"))
    session.capture(tmp_path / "items.jsonl")
    again = session.run()
    assert (again.items, again.failed, again.packets) == (first.items, first.failed, 0)
    assert sorted(item["id"] for item in session.items.query("http and failed == true")) == before


def test_a_snapshot_brings_its_names(session, tmp_path, short):
    session.capture(short)
    session.run()
    client = session.items[0]["src"]["ip"]
    history = {"1": {client: {"FullAddress": "buyer.shop", "Namespace": "shop"}}}
    files = {"a.pcap": short.read_bytes(), "name_resolution_history.json": json.dumps(history).encode()}
    (tmp_path / "s.tar.gz").write_bytes(archive(files))
    session.capture(tmp_path / "s.tar.gz")
    session.run()
    assert len(session.query('src.name == "buyer.shop"')) > 0


def test_a_paced_replay_brings_jobs_and_items_in_time_and_can_be_stopped(session, tmp_path):
    frames = [(craft.START + second * 1000 * craft.MS, craft.datagram(b"?" * 30)) for second in range(601)]
    (tmp_path / "a.pcap").write_bytes(craft.pcap(frames))
    session.capture(tmp_path / "a.pcap", speed="20x")
    session.load_script(TICK, "a.js")
    session.start()
    began = time.monotonic()
    until(lambda: session.stats.packets >= 20)
    assert time.monotonic() - began > 0.5
    assert 5 < session.jobs[0].runs < 600
    run = session.stop()
    assert run.ended == "stopped"
    assert 20 <= run.packets < 601


def test_standard_input_of_the_command_line(short, tmp_path):
    words = [sys.executable, "-m", "kubeshark_nb.cli", "items", "-", "-o", str(tmp_path / "out.jsonl")]
    done = subprocess.run(words, input=short.read_bytes(), capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) > 100


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "no capture given"),
        ({"live": "lo", "pipe": "cat"}, "do not go together"),
        ({"pipe": "cat", "bpf": "tcp"}, "--pipe command its filter"),
        ({"live": "nothing0"}, "no such interface"),
        ({"hub": "ws://127.0.0.1:1/"}, "cannot be reached"),
        ({"pipe": "cat", "speed": "warp"}, "no speed"),
    ],
)
def test_what_cannot_be_bound(session, options, words):
    with pytest.raises(ks.CaptureError, match=words):
        session.capture(**options)
