"""Several nodes in one session: each its own process, run and variables; one list of items, lines, jobs and errors."""

import gzip
import os
import signal
import threading
import time
from pathlib import Path

import pytest

import kubeshark_nb as ks
from kubeshark_nb.fleet import KEPT
from tests.craft import pcap, segment

SHOP = Path(__file__).parents[1] / "notebooks" / "captures" / "shop.pcap.gz"
SCRIPT = """
var seen = 0, codes = {}, paths = [];
jobs.schedule("tick", "*/2 * * * * *", function () { console.log(utils.nodeName(), "tick", seen) });
function onItemCaptured(data) {
  seen++;
  codes[data.response.status] = (codes[data.response.status] || 0) + 1;
  paths.push(data.request.path);
  console.log(data.id, Date.now());
  if (seen == 2) throw new Error("second");
}
"""


def talk(path: str, requests: int, first: int) -> bytes:
    """A capture of one HTTP connection with a request a second."""
    frames, sent, got, ports = [], 1, 1, (40_000 + first // 100_000_000 % 10_000, 80)
    for number in range(requests):
        ask = f"GET /{path}/{number} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        at = first + number * 1_000_000_000
        frames += [(at, segment(0, ask, sent, ports=ports)), (at + 1_000_000, segment(1, answer, got, ports=ports))]
        sent, got = sent + len(ask), got + len(answer)
    return pcap(frames)


@pytest.fixture
def captures(tmp_path) -> list[Path]:
    """Three captures that overlap in time."""
    made = []
    for number, name in enumerate("abc"):
        path = tmp_path / f"{name}.pcap"
        path.write_bytes(talk(name, 5 + number, 1_700_000_000_000_000_000 + number * 300_000_000))
        made.append(path)
    return made


def account(session: ks.Session) -> tuple:
    """Everything a run said, without wall time."""
    jobs = [(job.node, job.tag, job.runs, [(run.time, run.error) for run in job.history]) for job in session.jobs]
    return list(session.items.documents()), list(session.console.lines), list(session.effects), jobs, session.errors


@pytest.mark.parametrize("inline", [True, False])
def test_several_files_are_a_node_each_and_their_results_are_one(captures, inline):
    with ks.Session(inline=inline) as session:
        session.capture(*captures)
        assert session.nodes == ["a", "b", "c"]
        run = session.replay_script(SCRIPT, "s.js")
        assert (run.items, run.ended, run.broken) == (18, "done", ())
        items = list(session.items)
        assert [item["node"]["name"] for item in items[:4]] == ["a", "b", "c", "a"]
        assert len({item["id"] for item in items}) == 18
        assert session.document(items[1]["id"]) == items[1]
        lines = session.console.lines
        assert [line.time for line in lines] == sorted(line.time for line in lines)
        assert session.globals.each("seen") == {"a": 5, "b": 6, "c": 7}
        assert session.globals.node("b")["seen"] == 6
        (error,) = session.errors
        assert (error.count, error.node) == (3, "a")
        assert [(job.node, job.runs) for job in session.jobs] == [("a", 2), ("b", 2), ("c", 3)]
        (job,) = session.jobs.by_tag()
        assert (job.runs, job.node) == (7, "3 nodes")


def test_nodes_inline_and_in_processes_say_the_same_every_time(captures):
    said = []
    for inline in (True, False, False):
        with ks.Session(inline=inline) as session:
            session.capture(*captures)
            session.replay_script(SCRIPT, "s.js")
            said.append(account(session))
    assert said[0] == said[1] == said[2]


def test_variables_are_reduced_as_asked(captures):
    with ks.Session() as session:
        session.capture(*captures)
        session.replay_script(SCRIPT, "s.js")
        reduce = session.globals.reduce
        assert [reduce("seen", how) for how in ("sum", "max", "min", "last")] == [18, 7, 5, 7]
        assert reduce("codes", "counter") == {"200": 18}
        assert len(reduce("paths", "concat")) == 18
        assert reduce("seen", lambda values: values[0] * 100) == 500
        with pytest.raises(ks.NodeError, match="on each of 3 nodes"):
            _ = session.globals["seen"]
        with pytest.raises(ks.NodeError, match="no way to reduce"):
            reduce("seen", "average")
        with pytest.raises(KeyError):
            session.globals.each("nothing")
        session.globals["seen"] = 1
        assert set(session.globals.each("seen").values()) == {1}


def test_who_is_which_node(captures, tmp_path):
    with ks.Session() as session:
        session.capture(*captures, node="all")
        assert session.nodes == ["all"]
        assert session.run().items == 18
        session.capture(tmp_path)
        assert session.nodes == ["all"]
        session.capture(nodes={"left": captures[0], "right": captures[1:]})
        assert session.run().items == 18
        assert {item["node"]["name"] for item in session.items} == {"left", "right"}
        session.capture(captures[0], captures[0])
        assert session.nodes == ["a", "a-2"]
        with pytest.raises(ks.CaptureError, match="what scripts call the hub"):
            session.capture(captures[0], node="hub")
        with pytest.raises(ks.CaptureError, match="give no other files"):
            session.capture(captures[0], nodes={"a": captures[1]})


def test_one_bad_file_is_named_and_stops_nobody(captures, tmp_path):
    bad = tmp_path / "bad.pcap"
    bad.write_bytes(b"this is no capture, sorry")
    with ks.Session() as session:
        session.capture(captures[0], bad, captures[2])
        run = session.replay_script(SCRIPT, "s.js")
        assert (run.items, run.ended) == (12, "partial")
        ((node, why),) = run.broken
        assert node == "bad"
        assert str(bad) in why
        assert str(bad) in str(run)
        assert "bad" in session.status()
        with pytest.raises(ks.CaptureError, match="bad"):
            session.capture(bad, bad)


def test_a_script_that_does_not_load_is_refused_before_anything_runs(captures):
    with ks.Session() as session:
        session.capture(*captures)
        with pytest.raises(ks.ScriptError):
            session.replay_script("var a = ;", "bad.js")
        assert not session.running
        assert session.replay_script(SCRIPT, "s.js").items == 18


def test_a_node_that_is_killed_leaves_a_partial_run(tmp_path):
    content = gzip.decompress(SHOP.read_bytes())
    for name in "ab":
        (tmp_path / f"{name}.pcap").write_bytes(content)
    with ks.Session() as session:
        session.capture(tmp_path / "a.pcap", tmp_path / "b.pcap")
        session.load_script("var n = 0; function onItemCaptured(d) { n++ }", "s.js")
        session.start()
        os.kill(session._fleet.member("b").link.pid, signal.SIGKILL)
        run = session.wait()
        assert run.ended == "partial"
        assert [node for node, _ in run.broken] == ["b"]
        assert "SIGKILL" in run.broken[0][1]
        assert session.globals.node("a")["n"] == session.items.query('node.name == "a"').__len__() > 1000
        assert session.run().ended == "done"


def test_stop_reaches_every_node(tmp_path):
    content = gzip.decompress(SHOP.read_bytes())
    for name in "ab":
        (tmp_path / f"{name}.pcap").write_bytes(content)
    with ks.Session(limit=60) as session:
        session.capture(tmp_path / "a.pcap", tmp_path / "b.pcap")
        session.load_script("var n = 0; function onItemCaptured(d) { if (++n === 9) for (;;) {} }", "s.js")
        session.start()
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()
        assert session.wait().ended == "stopped"
        assert time.monotonic() - began < 30
        assert session.globals.each("n") == {"a": 9, "b": 9}


def test_more_nodes_than_processes(tmp_path):
    """Node after node in few processes: all results are there, one bad file is named, progress goes on throughout."""
    count = 3 * KEPT
    files = [tmp_path / f"n{number:03d}.pcap" for number in range(count)]
    for number, file in enumerate(files):
        file.write_bytes(talk(str(number), 3, 1_700_000_000_000_000_000 + number))
    files[5].write_bytes(files[5].read_bytes()[:30])
    files[6].write_bytes(b"nothing of the kind")
    with ks.Session() as session:
        session.capture(*files)
        session.load_script(SCRIPT, "s.js")
        done = []
        run = session.run(lambda: done.append(session.ledger.progress.done))
        assert (run.items, run.ended) == (3 * (count - 2), "partial")
        assert [node for node, _ in run.broken] == ["n006"]
        assert session.globals.reduce("seen", "sum") == run.items
        assert done == sorted(done)
        assert not any(member.link for member in session._fleet.members.values())
        assert session.replay_script(SCRIPT, "s.js").items == run.items
