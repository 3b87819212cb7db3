"""A prefilter never loses an item: against the plain evaluator, on random items and queries."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings

from kubeshark_nb import kfl
from kubeshark_nb.items import protocol as protocols
from kubeshark_nb.kfl.prefilter import All, Any, Compare, Document, In, Not, Text, envelope, holds
from tests.kfl import items

NOW = 1_700_000_000_000_000_000
HTTP = In("protocol", ("HTTP", "HTTP/2", "gRPC", "GQL"))


@settings(max_examples=1500, deadline=None)
@given(items.queries(), items.documents())
def test_every_match_meets_the_prefilter(query, document):
    compiled = kfl.compile(query, language="kfl1", now_ns=NOW)
    row = envelope(document)
    assert row is not None
    if compiled.prefilter is not None and compiled(document):
        assert holds(compiled.prefilter, {**row, "json": orjson.dumps(document).decode()})


@settings(max_examples=1000, deadline=None)
@given(items.queries2(), items.documents())
def test_every_match_of_kfl2_meets_the_prefilter(query, document):
    compiled = kfl.compile(query, language="kfl2", now_ns=NOW)
    if compiled.prefilter is not None and compiled(document):
        assert holds(compiled.prefilter, envelope(document))


CASES = [
    ("http", Compare("protocol", "==", "HTTP")),
    ("!http", Not(Compare("protocol", "==", "HTTP"))),
    ("kafka", In("protocol", ("KAFKA",))),
    ("http and src.port == 80", All((Compare("protocol", "==", "HTTP"), Compare("src_port", "==", 80)))),
    ("dns or tls", Any((Compare("protocol", "==", "DNS"), Compare("tls", "==", True)))),
    ("response.status >= 500", Any((Not(HTTP), Compare("status", ">=", 500)))),
    ('request.path.startsWith("/api")', Any((Not(HTTP), Text("path", "startswith", "/api")))),
    ('request.path == r"^/a"', Any((Not(HTTP), Text("path", "search", "^/a")))),
    ("elapsedTime > 10", Compare("elapsed_us", ">=", 9000)),
    ('request.headers["x"].contains("abc")', Document("abc")),
    ("5 < index and passed", All((Compare("index", ">", 5), Compare("passed", "==", True)))),
    ("request.body.x == 5", None),
    ("", None),
    ("http or a == 1", None),
    ('redact("src.ip") and src.ip == "10.0.0.1"', None),
    ('request.path.startsWith("f")', None),
    ('src.port == "080"', None),
    (
        "tls && src.port in [80, 443]",
        All((Compare("tls", "==", True), Any((Compare("src_port", "==", 80), Compare("src_port", "==", 443))))),
    ),
    ("!(elapsed_time > 10)", None),
    ('path.matches("^/a")', Any((Not(HTTP), Text("path", "search", "^/a")))),
]


@pytest.mark.parametrize(("query", "tree"), CASES)
def test_tree(query, tree):
    assert kfl.compile(query).prefilter == tree


def test_every_protocol_we_dissect_has_a_regular_name():
    descriptors = [each for each in vars(protocols).values() if isinstance(each, protocols.Protocol)]
    assert descriptors
    base = {"name": "", "ip": "", "port": "", "namespace": ""}
    for each in descriptors:
        document = {
            "timestamp": 1, "stream": "", "index": 0, "protocol": {"name": each.name, "abbr": each.abbr}, "src": base,
            "dst": base, "request": {}, "response": {}, "elapsedTime": 0, "requestSize": 0, "responseSize": 0,
            "error": None, "tls": False, "passed": False, "failed": False,
        }  # fmt: skip
        assert envelope(document)["protocol"] == each.abbr


@pytest.mark.parametrize(
    "change",
    [
        {"src": {}},
        {"tls": "true"},
        {"protocol": {"name": "x", "abbr": "REDIS"}},
        {"response": {"status": "500"}},
        {"index": True},
    ],
)
def test_an_irregular_document_has_no_envelope(change):
    peer = {"ip": "", "port": "80", "name": "", "namespace": ""}
    regular = {
        "timestamp": 1, "stream": "", "index": 0, "protocol": {"name": "http", "abbr": "HTTP"}, "src": peer, "dst": peer,
        "request": {}, "response": {}, "elapsedTime": 0, "requestSize": 0, "responseSize": 0, "error": None,
        "tls": False, "passed": False, "failed": False,
    }  # fmt: skip
    assert envelope(regular)
    assert envelope({**regular, **change}) is None
