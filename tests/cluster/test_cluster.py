"""Nodes as tasks of a dask cluster on this machine: the same results, and no hang whatever dies."""

import gzip
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

import kubeshark_nb as ks
from kubeshark_nb.cluster import link, spare
from tests.node.test_shards import PIECES, SCRIPT, account, gone
from tests.test_many_nodes import SCRIPT as MANY
from tests.test_many_nodes import talk

SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"
ALL = SCRIPT % " ".join(PIECES)
SLOW = "var n = 0; function onItemCaptured(d) { n++; for (var i = 0; i < 2000; i++) ; }"


@pytest.fixture(scope="module")
def client():
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster,
        Client(cluster) as made,
    ):
        yield made


@pytest.fixture
def captures(tmp_path) -> list[Path]:
    paths = []
    for number, name in enumerate("abc"):
        paths.append(tmp_path / f"{name}.pcap")
        paths[-1].write_bytes(talk(name, 5 + number, 1_700_000_000_000_000_000 + number * 300_000_000))
    return paths


@pytest.fixture
def long(tmp_path) -> Path:
    content = gzip.decompress(SHOP.read_bytes())
    path = tmp_path / "long.pcap"
    path.write_bytes(content + content[24:])
    return path


def children(pid: int) -> list[int]:
    """Every process below ``pid``."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *children(child)]
    return found


def nodes_of(client: Client) -> list[int]:
    """Processes of nodes that the workers have started."""
    workers = client.run(os.getpid)
    return [child for pid in workers.values() for child in children(pid)]


def waiting(client: Client) -> list[int]:
    """Those that wait for the next task."""
    return [pid for pids in client.run(lambda: [node.pid for node, _ in spare._waiting]).values() for pid in pids]


def until(true, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_cluster_says_what_processes_say(client, captures):
    with ks.Session() as session:
        session.capture(*captures)
        session.replay_script(MANY, "s.js")
        here = account(session)
    with ks.Session(cluster=client) as session:
        session.capture(*captures)
        run = session.replay_script(MANY, "s.js")
        assert (run.ended, run.items) == ("done", 18)
        assert account(session) == here
        assert session.globals.each("seen") == {"a": 5, "b": 6, "c": 7}
        assert [job.runs for job in session.jobs] == [2, 2, 3]


@pytest.mark.parametrize("shards", [1, 2])
def test_one_capture_on_the_cluster_says_what_one_process_says(client, tmp_path, shards):
    short = tmp_path / "short.pcap"
    short.write_bytes(gzip.decompress(SHOP.read_bytes())[:800_000])
    with ks.Session() as session:
        session.capture(short, shards=1)
        session.replay_script(ALL, "s.js")
        here = account(session)
    with ks.Session(cluster=client.scheduler.address) as session:
        session.capture(short, shards=shards)
        session.replay_script(ALL, "s.js")
        assert account(session) == here


def test_queries_run_where_the_items_are_and_bring_back_pages(client, captures):
    with ks.Session(cluster=client) as session:
        session.capture(*captures)
        session.replay_script(MANY, "s.js")
        found = session.cluster.query('http and request.path == "/b/3"')
        assert [item["id"] for item in found] == [item["id"] for item in session.items.query('request.path == "/b/3"')]
        everything = session.cluster.query()
        assert list(everything) == list(session.items)
        assert everything[3] == session.items[3]
        with pytest.raises(ks.KFLError):
            session.cluster.query("http and (")


def test_a_changed_script_does_not_dissect_again(client, captures):
    with ks.Session(cluster=client) as session:
        session.capture(captures[0])
        session.run()
        session.replay_script(MANY, "s.js")
        assert session.ledger.recalled == {"node-1"}


def test_a_bad_file_and_a_bad_script(client, captures, tmp_path):
    (tmp_path / "bad.pcap").write_bytes(b"nothing of the kind")
    with ks.Session(cluster=client) as session:
        session.capture(captures[0], tmp_path / "bad.pcap")
        with pytest.raises(ks.ScriptError):
            session.replay_script("var a = ;", "bad.js")
        run = session.replay_script(MANY, "s.js")
        assert (run.ended, run.items, [node for node, _ in run.broken]) == ("partial", 5, ["bad"])


def test_stop_reaches_every_task(client, long):
    with ks.Session(cluster=client) as session:
        session.capture(nodes={"a": long, "b": long})
        session.load_script(SLOW, "slow.js")
        session.start()
        until(lambda: session.ledger.progress.done > 0)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        run = session.wait()
        assert run.ended == "stopped"
        until(lambda: set(nodes_of(client)) <= set(waiting(client)))


def test_a_killed_worker_costs_time_and_nothing_else(client, long):
    with ks.Session(cluster=client) as session:
        session.capture(nodes={"a": long, "b": long}, cache=0)
        session.load_script(SLOW, "slow.js")
        session.start()
        until(lambda: session.ledger.progress.done > 0)
        victim = next(iter(client.run(os.getpid).values()))
        below = children(victim)
        os.kill(victim, signal.SIGKILL)
        run = session.wait()
        assert (run.ended, run.broken) == ("done", ())
        counts = set(session.globals.each("n").values())
        assert counts == {run.items // 2}
        assert gone(below)


def test_a_killed_scheduler_ends_the_run_and_leaves_no_process(long, monkeypatch, tmp_path):
    monkeypatch.setattr(link, "PATIENCE", 3.0)
    import subprocess
    import sys

    folder = tmp_path / "dask"
    folder.mkdir()
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    start += ["--no-dashboard", "--scheduler-file", str(folder / "scheduler.json")]
    scheduler = subprocess.Popen(start, stderr=subprocess.DEVNULL, cwd=folder)
    until((folder / "scheduler.json").exists)
    start = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(folder / "scheduler.json")]
    worker = subprocess.Popen(
        [*start, "--nthreads", "1", "--no-dashboard", "--death-timeout", "15"], stderr=subprocess.DEVNULL, cwd=folder
    )
    try:
        with Client(scheduler_file=str(folder / "scheduler.json")) as own, ks.Session(cluster=own) as session:
            own.wait_for_workers(1, timeout=30)
            session.capture(long, cache=0)
            session.load_script(SLOW, "slow.js")
            session.start()
            until(lambda: session.ledger.progress.done > 0)
            below = children(worker.pid)
            assert below
            scheduler.kill()
            began = time.monotonic()
            with pytest.raises(ks.NodeError, match="scheduler does not answer"):
                session.wait()
            assert time.monotonic() - began < 30
        assert gone(below, 60)
    finally:
        scheduler.kill()
        worker.terminate()
        worker.wait(20)
        scheduler.wait(20)


def test_two_sessions_with_one_store_keep_their_items_apart(client, captures, tmp_path):
    store = str(tmp_path / "store")
    with ks.Session(cluster=client, store=store) as one, ks.Session(cluster=client, store=store) as other:
        one.capture(captures[0])
        other.capture(captures[1])
        assert (one.run().items, other.run().items) == (5, 6)
        assert (len(one.items), len(other.items)) == (5, 6)
        assert (len(one.cluster.query()), len(other.cluster.query())) == (5, 6)


def test_queries_go_by_the_node_and_not_by_what_documents_say(client, captures, tmp_path):
    far = tmp_path / "far.jsonl"
    far.write_text('{"id":"w/0","protocol":{"name":"http"},"timestamp":1700000000000,"node":{"name":"worker-7"}}\n')
    with ks.Session(cluster=client) as session:
        session.capture(nodes={'we"ird': captures[0], "far": far})
        assert session.run().items == 6
        assert len(session.cluster.query()) == 6


def test_what_a_cluster_cannot_do_is_refused(client, long):
    with ks.Session(cluster=client) as session:
        session.capture(nodes={"a": long, "b": long}, speed="20x")
        session.start()
        for act in (lambda: session.control_run("pause"), lambda: session.pace("max")):
            with pytest.raises(ks.NodeError, match="a run on a cluster knows no"):
                act()
        assert session.state == "running"
        folder = session.folder
    assert not folder.exists()
    time.sleep(1)
    assert not folder.exists()  # no task wrote there again


def test_a_client_that_was_closed_is_said(client, captures):
    own = Client(client.scheduler.address)
    with ks.Session(cluster=own) as session:
        session.capture(captures[0])
        session.run()
        own.close()
        for act in (session.run, lambda: session.cluster.query("http")):
            with pytest.raises(ks.NodeError, match="scheduler does not answer"):
                act()
    with pytest.raises(ks.NodeError, match="no dask scheduler answers there"):
        ks.Session(cluster=5)
