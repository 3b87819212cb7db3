"""A session's folder: kept for later sessions, shared with others at the same time, in this process or another."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

import kubeshark_nb as ks

ROOT = Path(__file__).parents[1]
SHOP = ROOT / "notebooks" / "captures" / "shop.pcap.gz"
WRITES = 'file.write("who.txt", "%s"); var who = "%s"; function onItemCaptured(d) { console.log(d.id) }'
ELSEWHERE = """
import sys, kubeshark_nb as ks
with ks.Session(folder=sys.argv[1]) as session:
    session.capture(sys.argv[2])
    print(session.replay_script(sys.argv[3], "w.js").items, flush=True)
    sys.stdin.readline()
    print(len(session.items), session.globals["who"], flush=True)
"""


@pytest.fixture
def captures(tmp_path) -> list[Path]:
    """Two captures of different length."""
    content = gzip.decompress(SHOP.read_bytes())
    paths = [tmp_path / "long.pcap", tmp_path / "short.pcap"]
    for path, size in zip(paths, (600_000, 200_000), strict=True):
        path.write_bytes(content[:size])
    return paths


@pytest.mark.parametrize("inline", [True, False])
def test_two_sessions_at_once_have_items_and_files_of_their_own(captures, tmp_path, inline):
    shared = tmp_path / "shared"
    with ks.Session(folder=shared, inline=inline) as one, ks.Session(folder=shared, inline=inline) as two:
        one.capture(captures[0])
        two.capture(captures[1])
        ids = {}
        for session, who in ((one, "one"), (two, "two")):
            session.replay_script(WRITES % (who, who), "w.js")
            ids[session] = [item["id"] for item in session.items]
        held = one.items
        assert len(ids[one]) > len(ids[two]) > 0
        for session, who in ((one, "one"), (two, "two"), (one, "one"), (two, "two")):
            session.run()
            assert [item["id"] for item in one.items] == ids[one]
            assert [item["id"] for item in two.items] == ids[two]
            assert session.globals["who"] == who
        assert [item["id"] for item in held] == ids[one]  # of a run that is over: whoever holds it has it
        assert sorted(path.read_text() for path in shared.rglob("who.txt")) == ["one", "two"]
        assert (shared / "node-1" / "data" / "who.txt").read_text() == "one"
    with ks.Session.open(shared) as later:
        assert [item["id"] for item in later.items] == ids[two]
        later.load_script(WRITES % ("later", "later"))
        assert (shared / "node-1" / "data" / "who.txt").read_text() == "later"


def test_a_session_of_another_process_is_not_disturbed_and_what_was_killed_is_in_nobodys_way(captures, tmp_path):
    shared = tmp_path / "shared"
    command = [sys.executable, "-c", ELSEWHERE, shared, captures[0], WRITES % ("there", "there")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as there:
        items = int(there.stdout.readline())
        with ks.Session(folder=shared) as here:
            here.capture(captures[1])
            for _ in range(2):
                assert 0 < here.replay_script(WRITES % ("here", "here"), "w.js").items < items
            assert (shared / "node-1" / "data" / "who.txt").read_text() == "there"
            assert there.communicate("\n")[0] == f"{items} there\n"
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as there:
        assert int(there.stdout.readline()) == items
        there.kill()
    with ks.Session.open(shared) as here:
        assert len(here.items) == items
        here.load_script(WRITES % ("here", "here"))
        assert (shared / "node-1" / "data" / "who.txt").read_text() == "here"


def test_items_that_another_session_looks_at_are_not_removed(captures, tmp_path):
    with ks.Session(folder=tmp_path / "shared") as writer:
        writer.capture(captures[0])
        items = writer.run().items
        with ks.Session.open(tmp_path / "shared") as reader:
            looked = reader.items
            writer.capture(captures[1])
            writer.run()
            assert [len(looked.to_pandas()), len(reader.items)] == [items, items]
        assert len(writer.items) < items
        del looked, reader
        assert len(list((tmp_path / "shared").glob("items-*"))) == 2
    assert (tmp_path / "shared").exists()


def test_of_a_session_alone_only_the_latest_run_stays(captures, tmp_path):
    with ks.Session(folder=tmp_path / "kept") as session:
        session.capture(captures[1])
        for _ in range(3):
            items = session.run().items
            assert len(session.items) == items
    assert [path.name for path in (tmp_path / "kept").glob("items-*")] == ["items-0003"]


@pytest.mark.parametrize("inline", [True, False])
def test_a_folder_that_cannot_be_is_said(tmp_path, inline):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere" / "at all")
    for name in ("file", "file/below", "link"):
        with ks.Session(folder=tmp_path / name, inline=inline) as session:
            with pytest.raises(ks.NodeError, match="needs a folder it can write"):
                session.load_script("")
            session.capture(SHOP)
            with pytest.raises(ks.StoreError, match="can be written"):
                session.run()
