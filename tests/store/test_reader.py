from __future__ import annotations

import shutil

import pytest

from kubeshark_nb.errors import KFLError, StoreError
from kubeshark_nb.store.items import open_items
from kubeshark_nb.store.reader import cover
from kubeshark_nb.store.segment import Span
from kubeshark_nb.store.writer import SegmentWriter
from tests.store.factory import http, unjudged


def write(folder, node, numbers):
    items = [http(number, f"00000000000{number % 3}.pcap") for number in numbers]
    with SegmentWriter(folder, node, max_rows=3) as writer:
        writer.append(items, unjudged(items))


def order(items):
    return [(row["ready_ns"], row["node"]) for row in items.page(0, 999)]


def test_nodes_are_merged_by_time_then_name(tmp_path):
    write(tmp_path, "b", [0, 2, 4, 5])
    write(tmp_path, "a", [1, 2, 3, 9])
    items = open_items(tmp_path)
    assert order(items) == sorted(order(items))
    assert [row["node"] for row in items.page(0, 9)] == ["b", "a", "a", "b", "a", "b", "b", "a"]


def test_a_view_keeps_its_rows_while_another_node_comes_in(tmp_path):
    write(tmp_path, "b", range(0, 10, 2))
    items = open_items(tmp_path)
    before = items[:]
    shown = [item["index"] for item in before]
    write(tmp_path, "a", range(1, 11, 2))
    assert [item["index"] for item in items] == list(range(10))
    assert [item["index"] for item in before] == shown == [0, 2, 4, 6, 8]


def test_unfinished_and_damaged_files_are_counted_not_read(tmp_path):
    write(tmp_path, "n", range(3))
    write(tmp_path, "n", range(3, 6))
    folder = next(tmp_path.iterdir())
    whole = (folder / Span(0, 3).file_name).read_bytes()
    (folder / f"{Span(6, 9).file_name}.77.tmp").write_bytes(whole[:100])
    (folder / Span(6, 9).file_name).write_bytes(whole[: len(whole) // 2])
    (folder / "notes.txt").write_text("mine")
    items = open_items(tmp_path)
    assert [item["index"] for item in items] == [0, 1, 2, 3, 4, 5]
    assert items.store.unfinished == 1
    assert list(items.store.damaged) == [f"node=n/{Span(6, 9).file_name}"]


def test_an_empty_store_has_no_items(tmp_path):
    items = open_items(tmp_path)
    assert (len(items), list(items), items.page(0, 10)) == (0, [], [])
    assert len(items.to_pandas()) == 0
    assert len(items.query("http")) == 0
    with pytest.raises(IndexError):
        items[0]


def test_no_folder_is_one_clear_line(tmp_path):
    with pytest.raises(StoreError, match="no such folder"):
        open_items(tmp_path / "none")


@pytest.mark.parametrize(
    ("spans", "chosen"),
    [
        ([], []),
        ([(0, 1), (1, 2), (0, 2)], [(0, 2)]),
        ([(0, 1), (1, 3), (1, 2), (2, 3), (3, 4)], [(0, 1), (1, 3), (3, 4)]),
        ([(5, 6), (0, 1)], [(0, 1), (5, 6)]),
    ],
)
def test_the_widest_file_is_taken_from_each_row_on(spans, chosen):
    assert cover([Span(*span) for span in spans]) == [Span(*span) for span in chosen]


def test_items_that_were_seen_outlive_their_folder(tmp_path):
    write(tmp_path / "store", "a", range(5))
    seen, unseen = open_items(tmp_path / "store"), open_items(tmp_path / "store")
    assert len(seen) == 5
    shutil.rmtree(tmp_path / "store")
    assert len(seen) == len(list(seen)) == 5
    with pytest.raises(StoreError, match="these items are gone"):
        len(unseen)


def test_a_query_is_a_text(tmp_path):
    write(tmp_path, "a", range(5))
    with pytest.raises(KFLError, match="a query is a text"):
        open_items(tmp_path).query(5)
