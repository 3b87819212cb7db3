from __future__ import annotations

import orjson
import pytest

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.items import Doors
from tests.store.factory import document, http, many


def test_items_are_a_sequence_of_the_documents(stored):
    items = stored(many(30))
    assert len(items) == 30
    assert items[3] == document(3, "000000000001.pcap")
    assert items[-1]["index"] == 29
    assert [item["index"] for item in items[5:20:5]] == [5, 10, 15]
    assert [item["index"] for item in items[::-1][:2]] == [29, 28]
    assert [orjson.loads(one)["index"] for one in items.documents(27)] == [27, 28, 29]
    for outside in (30, -31):
        with pytest.raises(IndexError):
            items[outside]


def test_pages_come_in_any_order(stored):
    items = stored(many(30))
    assert [row["index"] for row in items.page(28, 10)] == [28, 29]
    assert [row["index"] for row in items.page(0, 4, "-status")] == [0, 10, 20, 1]
    assert [row["index"] for row in items.page(0, 2, "-index")] == [29, 28]
    assert items.page(0, 1)[0]["id"] == items[0]["id"]
    with pytest.raises(StoreError, match="no column 'nope'"):
        items.page(0, 1, "nope")


def test_a_growing_view_is_sorted_again(stored):
    items = stored(many(10))
    assert items.page(0, 1, "-index")[0]["index"] == 9
    stored([http(77)])
    assert items.page(0, 1, "-index")[0]["index"] == 77


def test_on_item_queried_is_applied_to_what_a_query_returns(stored):
    asked = []

    def queried(documents):
        asked.extend(documents)
        return [
            orjson.dumps({**item, "failed": True, "dst": {**item["dst"], "name": "renamed"}})
            if item["index"] % 20
            else None
            for item in map(orjson.loads, documents)
        ]

    items = stored(many(50), doors=Doors(queried=queried))
    found = items.query("response.status == 500")
    assert len(asked) == len(found) == 5
    assert [item["failed"] for item in found] == [False, True, False, True, False]
    assert [(row["failed"], row["dst_name"]) for row in found.page(0, 2)] == [(False, "orders.shop"), (True, "renamed")]
    assert found.to_pandas()["dst_name"].tolist()[:2] == ["orders.shop", "renamed"]
    assert items[10]["failed"] is False


def test_a_query_of_changed_documents_sees_the_change(stored):
    items = stored(
        many(50), doors=Doors(queried=lambda documents: [d.replace(b"orders.shop", b"x.y") for d in documents])
    )
    found = items.query("http")
    assert len(found.query('dst.name == "x.y"')) == 50
    assert len(items.query('dst.name == "x.y"')) == 0


def test_the_picture_is_escaped_and_coloured(stored):
    evil = http(0)._replace(path="/<script>alert(1)</script>\u202e\x1b[31m", src_name='"><img src=x>')
    items = stored([evil, http(1), http(2)], verdicts=[(False, True), (True, False), (False, False)])
    picture = items._repr_mimebundle_()
    html = picture["text/html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html + picture["text/plain"]
    assert "\x1b" not in html + picture["text/plain"]
    assert r"\u202e\x1b[31m" in html
    assert html.count("rgba(235,87,87") == html.count("rgba(39,174,96") == 1
    assert picture["text/plain"].count("\n") == 4


def test_the_picture_of_many_items_shows_twenty(stored):
    html = stored(many(1000))._repr_mimebundle_()["text/html"]
    assert html.count("<tr") == 21
    assert "1,000 items, the first 20 are shown" in html
