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


@settings(max_examples=800, deadline=None)
@given(items.queries(), items.documents())
def test_every_match_meets_the_prefilter(query, document):
    compiled = kfl.compile(query, language="kfl1", now_ns=NOW)
    row = envelope(document)
    assert row is not None
    if compiled.prefilter is not None and compiled(document):
        assert holds(compiled.prefilter, {**row, "json": orjson.dumps(document).decode()})


@settings(max_examples=1000, deadline=None)
@given(items.queries(), items.documents())
def test_every_row_that_is_certain_matches(query, document):
    compiled = kfl.compile(query, language="kfl1", now_ns=NOW)
    if compiled.certainty is not None and holds(compiled.certainty, envelope(document)):
        assert compiled(document)


@settings(max_examples=500, deadline=None)
@given(items.queries2(), items.documents())
def test_every_match_of_kfl2_meets_the_prefilter(query, document):
    compiled = kfl.compile(query, language="kfl2", now_ns=NOW)
    if compiled.prefilter is not None and compiled(document):
        assert holds(compiled.prefilter, envelope(document))


PEER = {"ip": "", "port": "80", "name": "", "namespace": ""}
REGULAR = {
    "timestamp": 1, "stream": "", "index": 0, "protocol": {"name": "http", "abbr": "HTTP"}, "src": PEER, "dst": PEER,
    "request": {}, "response": {}, "elapsedTime": 8080, "requestSize": 0, "responseSize": 0, "error": None,
    "tls": False, "passed": True, "failed": False,
}  # fmt: skip
KEPT = [
    ("!(missing == 1 or passed == true)", {}),
    ("!(missing == 1 or passed and true)", {}),
    ("!(response.status < 100)", {"response": None}),
    ("!(response.status == 0)", {}),
    ("src.port != 0", {"src": {**PEER, "port": ""}}),
    ('request.n == "500.0"', {"request": {"n": 500}}),
    ('request.n == "nul"', None),
    ('request.n.contains("e+2")', {"request": {"n": 1e20}}),
    ("!5", {}),
    ("!src.name", None),
    ('request.path.contains("als")', {}),
    ("elapsed_time >= 8080000 && elapsed_time <= 8080000", {}),
    ('method == "" && path == "" && status_code == 0', {"response": None}),
    ('!(error.type != "")', {}),
    ('!(request.path == "")', {}),
    ("request.x == true", {"request": {"x": True}}),
    ('protocol.name != "redis"', {}),
]


@pytest.mark.parametrize(("query", "change"), KEPT)
def test_a_match_that_is_easy_to_lose(query, change):
    """``change`` makes a match of a regular item; ``None`` where there is nothing to match."""
    compiled = kfl.compile(query)
    document = {**REGULAR, **(change or {})}
    assert compiled(document) is (change is not None)
    if change is not None and compiled.prefilter is not None:
        assert holds(compiled.prefilter, {**envelope(document), "json": orjson.dumps(document).decode()})


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
    for each in descriptors:
        document = {**REGULAR, "protocol": {"name": each.name, "abbr": each.abbr}}
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
    assert envelope(REGULAR)
    assert envelope({**REGULAR, **change}) is None
