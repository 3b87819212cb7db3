"""Items added up for the map and the timeline."""

from __future__ import annotations

import pyarrow as pa

from kubeshark_nb.widgets.service_edges import OTHERS, service_map
from kubeshark_nb.widgets.time_buckets import timeline
from tests.browser import corpus
from tests.widgets.engine import call


def test_every_item_is_on_one_edge_and_errors_are_counted():
    found = service_map(corpus.columns(600))["edges"]
    assert sum(edge["items"] for edge in found) == 600
    assert {(edge["source"], edge["target"]) for edge in found if edge["errors"]} >= {("web.shop", "orders.shop")}
    assert all(edge["rate"] > 0 for edge in found)


def test_quiet_names_are_folded_and_counted():
    found = service_map(corpus.columns(600), most=3)
    assert found["folded"] == 4
    assert OTHERS in {edge["target"] for edge in found["edges"]}
    assert sum(edge["items"] for edge in found["edges"]) == 600


def test_unnamed_ends_appear_by_address():
    columns = corpus.columns(6)
    at = columns.schema.get_field_index("src_name")
    columns = columns.set_column(at, "src_name", pa.chunked_array([[""] * 6]))
    assert {edge["source"] for edge in service_map(columns)["edges"]} == {"10.0.0.1"}


def test_timeline_holds_every_item_in_its_slice():
    line = timeline(corpus.columns(800), count=50)
    assert sum(line["items"]) == sum(line["latency"]) == 800
    assert len(line["items"]) == 50
    assert line["start"] == corpus.START
    assert 0 < sum(line["errors"]) < 100


def test_nothing_is_an_empty_map_and_timeline():
    assert service_map(corpus.columns(0)) == {"edges": [], "folded": 0}
    assert timeline(corpus.columns(0))["items"] == []


def test_callers_stand_left_of_what_they_call_even_in_a_cycle():
    edges = [
        {"source": a, "target": b}
        for a, b in [("web", "orders"), ("orders", "db"), ("db", "orders"), ("x", "y"), ("y", "x")]
    ]
    ranks = dict(call("map_layout.js", "[...ranks(edges)]", edges=edges))
    assert ranks["web"] < ranks["orders"] < ranks["db"]
    assert ranks.keys() == {"web", "orders", "db", "x", "y"}
