"""A capture that was dissected before: other scripts run over the same items at once, with the same result."""

import gzip
import os
from pathlib import Path

import pytest

import kubeshark_nb as ks
from kubeshark_nb.node.identity import remote_stamp
from kubeshark_nb.node.recall import make_room
from tests.node.test_shards import PIECES, SCRIPT, account

SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"
ALL = SCRIPT % " ".join(PIECES)


@pytest.fixture
def short(tmp_path) -> Path:
    path = tmp_path / "short.pcap"
    path.write_bytes(gzip.decompress(SHOP.read_bytes())[:1_500_000])
    return path


def recalled(session: ks.Session) -> bool:
    assert ("dissected before" in session.status()) == bool(session.ledger.recalled)
    return bool(session.ledger.recalled)


@pytest.mark.parametrize("shards", [1, 2])
def test_a_second_run_does_not_dissect_and_says_the_same(short, shards):
    with ks.Session() as session:
        session.capture(short, shards=shards)
        session.replay_script(ALL, "s.js")
        first = account(session)
        assert not recalled(session)
        session.run()
        assert recalled(session)
        assert account(session) == first
        session.replay_script("function onItemCaptured(d) { test.pass(d) }", "s.js")
        assert recalled(session)
        assert session.stats.passed == len(session.items.query("passed == true")) == len(session.items)
        session.replay_script(ALL, "s.js")
        assert account(session) == first


def test_packets_of_a_recalled_capture_are_found_also_by_a_new_process(short, tmp_path):
    with ks.Session() as session:
        session.capture(short)
        session.run()
        session.items.to_pcap(tmp_path / "first.pcap")
        session._fleet.close()
        session.run()
        assert recalled(session)
        session.items.to_pcap(tmp_path / "second.pcap")
    assert (tmp_path / "first.pcap").read_bytes() == (tmp_path / "second.pcap").read_bytes()


def test_what_changes_the_items_dissects_again(short, tmp_path):
    names = tmp_path / "names.json"
    names.write_text('{"10.1.0.1": "a.shop"}')
    with ks.Session(inline=True) as session:

        def again(**options: object) -> bool:
            session.capture(short, **options)
            session.run()
            return not recalled(session)

        assert again()
        assert not again()
        assert again(names=str(names))
        assert not again(names=str(names))
        names.write_text('{"10.1.0.1": "b.shop"}')
        assert again(names=str(names))
        assert again(node="other")
        assert again(cache=0)
        assert again(cache=0)
        stamp = short.stat().st_mtime_ns
        content = bytearray(short.read_bytes())
        content[700_000] ^= 1
        short.write_bytes(content)
        os.utime(short, ns=(stamp, stamp))
        assert again()


def test_a_run_that_was_stopped_leaves_nothing_behind(short):
    with ks.Session(inline=True) as session:
        session.capture(short)
        session.start()
        session.stop()
        assert list((session.folder / "dissected").iterdir()) == []
        session.run()
        assert not recalled(session)


def test_what_was_asked_for_longest_ago_makes_room(tmp_path):
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "done").write_bytes(bytes(100))
        os.utime(folder, ns=(number, number))
    make_room(tmp_path, 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2", "3"]


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def zeroed(path: Path) -> None:  # what a machine that lost its power leaves
    path.write_bytes(bytes(path.stat().st_size))


DAMAGES = [(what, damage) for what in ("windows", "done", "*.arrow") for damage in (cut, zeroed, Path.unlink)]
DAMAGES.remove(("*.arrow", zeroed))  # noticed when it is read: see the next test


@pytest.mark.parametrize(("what", "damage"), DAMAGES)
def test_a_damaged_record_is_dissected_again(short, what, damage):
    with ks.Session(inline=True) as session:
        session.capture(short)
        session.replay_script(ALL, "s.js")
        first = account(session)
        for again in (True, False):
            if again:
                (kept,) = (session.folder / "dissected").iterdir()
                damage(next(kept.glob(what)))
            session.run()
            assert recalled(session) is not again
            assert account(session) == first


def test_a_record_that_breaks_while_it_is_read_is_said_and_dissected_the_next_time(short):
    with ks.Session(inline=True) as session:
        session.capture(short)
        items = session.run().items
        (segment,) = (session.folder / "dissected").glob("*/*.arrow")
        zeroed(segment)
        with pytest.raises(ks.NodeError, match="was damaged, and is removed; run again"):
            session.run()
        assert not segment.exists()
        assert session.run().items == items
        assert segment.read_bytes().startswith(b"ARROW1")


def test_what_another_session_reads_makes_no_room(short, tmp_path):
    with ks.Session(inline=True, folder=tmp_path / "kept") as session:
        session.capture(SHOP)  # several segments
        items = session.run().items
        session.start()
        with ks.Session(inline=True, folder=tmp_path / "kept") as second:
            second.capture(short, cache=1)  # MB: there is no room for both
            second.run()
        assert recalled(session)
        assert session.wait().items == items


def test_what_is_on_the_web_may_have_changed():
    assert remote_stamp("http://127.0.0.1:1/a.pcap") == ""
    assert remote_stamp("nothing://of/the/kind") == ""


def test_a_run_that_does_not_begin_leaves_no_draft(short, tmp_path):
    with ks.Session(folder=tmp_path / "kept") as session:
        session.capture(short)
        with pytest.raises(ks.ScriptError):
            session.replay_script("var a = ;", "bad.js")
    assert list((tmp_path / "kept" / "dissected").iterdir()) == []


def test_drafts_of_processes_that_were_killed_go(tmp_path):
    for name, age in (("draft-old", 100_000), ("draft-new", 10)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "windows").write_bytes(b"")
        for path in (tmp_path / name / "windows", tmp_path / name):
            os.utime(path, (path.stat().st_mtime - age,) * 2)
    make_room(tmp_path, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["draft-new"]
