from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import count

import pytest

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store import merging
from kubeshark_nb.store.items import open_items
from kubeshark_nb.store.writer import SegmentWriter
from tests.store.factory import http, many, unjudged


def files(folder):
    return sorted(path.name for path in folder.glob("node=*/*"))


def test_a_verdict_is_in_the_columns_and_in_the_document(stored):
    items = stored(many(3), verdicts=[(True, False), (False, True), (False, False)])
    assert [(item["passed"], item["failed"]) for item in items] == [(True, False), (False, True), (False, False)]
    assert [(row["passed"], row["failed"]) for row in items.page(0, 3)] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_rows_show_once_they_are_old_enough(tmp_path):
    now = iter([0.0, 0.0, 0.1, 0.25])  # first row, its append, then two polls
    writer = SegmentWriter(tmp_path, "n", max_age=0.2, clock=lambda: next(now))
    writer.append([http(0)], [(False, False)])
    items = open_items(tmp_path)
    writer.poll()
    assert len(items) == 0
    writer.poll()
    assert len(items) == 1


@pytest.mark.parametrize("limit", [{"max_rows": 10}, {"max_bytes": 10 * len(http(10).json)}])
def test_a_full_buffer_is_flushed(tmp_path, limit):
    writer = SegmentWriter(tmp_path, "n", max_age=1e9, **limit)
    writer.append(many(25), unjudged(many(25)))
    assert 20 <= len(open_items(tmp_path)) < 25
    assert writer.rows == 25


def test_small_segments_are_merged_and_every_row_stays_where_it_was(tmp_path):
    items = open_items(tmp_path)
    with SegmentWriter(tmp_path, "n") as writer:
        for number in range(100):
            writer.append([http(number)], [(False, False)])
            writer.flush()
            assert items[number]["index"] == number
            assert items[0]["index"] == 0
    assert len(files(tmp_path)) == 100 // merging.FAN + 100 % merging.FAN
    assert [item["index"] for item in open_items(tmp_path)] == list(range(100))


def test_large_segments_are_left_alone():
    large = merging.Written(merging.Span(0, 1), merging.ENOUGH, 0)
    assert merging.ripe([large] * merging.FAN) == 0


def test_a_later_writer_goes_on_after_the_earlier_one(stored):
    stored(many(5))
    assert [item["index"] for item in stored(many(3))] == [0, 1, 2, 3, 4, 0, 1, 2]


def test_text_that_no_encoding_has_does_not_stop_the_writer(stored):
    odd = http(0)._replace(path="/\ud800", src_name="\ud800")
    assert stored([odd]).page(0, 1)[0]["path"] == "/?"


def test_node_names_of_any_kind_become_folders(tmp_path):
    for name in ("../up", "a/b", "ü", "x" * 300, "."):
        with SegmentWriter(tmp_path, name) as writer:
            writer.append([http(0)], [(False, False)])
    assert {row["node"] for row in open_items(tmp_path).page(0, 9)} == {"../up", "a/b", "ü", "x" * 300, "."}
    assert all(path.parent == tmp_path for path in tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can be written"):
        SegmentWriter(tmp_path / "file" / "store", "n")


WRITER = """
import sys
from pathlib import Path
from kubeshark_nb.store.writer import SegmentWriter
from tests.store.factory import http
with SegmentWriter(Path(sys.argv[1]), "n", max_rows=50, max_age=1e9) as writer:
    for number in range(10**9):
        writer.append([http(number)], [(number % 2 == 0, False)])
        if number % 50 == 49:
            print(number + 1, flush=True)
"""


def test_another_process_reads_what_is_flushed_and_a_kill_loses_none_of_it(tmp_path):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE, text=True)
    try:
        items, flushed = open_items(tmp_path), 0
        while flushed < 1000:
            flushed = int(writer.stdout.readline())
            assert len(items) >= flushed
            assert items[flushed - 1]["index"] == flushed - 1
        os.kill(writer.pid, signal.SIGKILL)
    finally:
        writer.kill()
        writer.communicate()
    items = open_items(tmp_path)
    assert len(items) >= flushed == 1000
    assert [(item["index"], item["passed"]) for item in items] == [(at, at % 2 == 0) for at in range(len(items))]
    assert items.store.damaged == {}


def test_reading_while_writing_sees_a_growing_prefix(tmp_path):
    with SegmentWriter(tmp_path, "n", max_rows=7, max_age=1e9) as writer:
        items, seen = open_items(tmp_path), 0
        for start in range(0, 700, 10):
            writer.append([http(number) for number in range(start, start + 10)], [(False, False)] * 10)
            assert len(items) >= seen
            seen = len(items)
            assert [item["index"] for item in items[max(0, seen - 5) :]] == list(range(max(0, seen - 5), seen))
    assert len(items) == 700


def test_a_merge_between_listing_and_opening_is_survived(tmp_path, monkeypatch):
    """The reader lists, the writer merges, the reader opens what is gone: it lists again."""
    from kubeshark_nb.store import segment

    writer = SegmentWriter(tmp_path, "n", max_age=0)
    items, turns = open_items(tmp_path), count()
    original = segment.read

    def read(path, first):
        if next(turns) == 3:
            for number in range(15, 16):
                writer.append([http(number)], [(False, False)])
            writer.close()  # the merge is done
        return original(path, first)

    for number in range(15):
        writer.append([http(number)], [(False, False)])
    monkeypatch.setattr(segment, "read", read)
    assert len(items) == 16
