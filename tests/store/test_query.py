from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeshark_nb import kfl
from kubeshark_nb.errors import KFLError
from kubeshark_nb.kfl.query import Query
from kubeshark_nb.store.items import open_items
from kubeshark_nb.store.query import Watch
from kubeshark_nb.store.writer import SegmentWriter
from tests.store.factory import SECRET, START, document, envelope, http, many, unjudged

TEXTS = st.text(st.sampled_from('abcT7/"\\\n\u00e9\u2028-. =<'), max_size=6) | st.sampled_from(
    ["true", "false", "null", "1e+06", "500", "orders.shop", "t7", "GET", "/items/3", "", "[REDACTED]", "now"]
)
NUMBERS = st.integers(-1, 600) | st.sampled_from([0.5, 499.5, 1e30, 2**63, 1_700_000_000_003])
VALUES = TEXTS | NUMBERS | st.booleans() | st.none()
ABBREVIATIONS = {"HTTP": "http", "GQL": "http", "gRPC": "http", "REDIS": "redis", "DNS": "dns", "AMQP": "amqp"}


@st.composite
def documents(draw):
    """A document with anything at the places that queries look at, yet with the regular shape of an item."""
    abbreviation = draw(st.sampled_from(sorted(ABBREVIATIONS)))
    whole = document(draw(st.integers(0, 9)), draw(st.sampled_from(["000000000001.pcap", "000000000002_udp.pcap"])))
    whole["protocol"] |= {"abbr": abbreviation, "name": ABBREVIATIONS[abbreviation]}
    whole["dst"] |= {"name": draw(TEXTS), "port": str(draw(st.integers(0, 65535)))}
    whole["tls"] = draw(st.booleans())
    whole["elapsedTime"] = draw(st.integers(0, 700))
    whole["error"] = draw(st.none() | st.builds(lambda text: {"type": text, "msg": text}, TEXTS))
    if ABBREVIATIONS[abbreviation] == "http":
        whole["request"] |= {"path": draw(TEXTS), "method": draw(st.sampled_from(["GET", "POST", "get"]))}
        whole["response"]["status"] = draw(st.integers(0, 599))
    else:
        whole["request"] = draw(st.dictionaries(st.sampled_from(["command", "key", "path", "method"]), VALUES))
        whole["response"] = draw(st.dictionaries(st.sampled_from(["status", "value"]), VALUES))
    whole["request"]["headers"] = draw(st.dictionaries(st.sampled_from(["X-T", "now", "é", "a/b"]), VALUES, max_size=3))
    whole["request"]["list"] = draw(st.lists(VALUES, max_size=3))
    return whole


PATHS = st.sampled_from(
    [
        "protocol.abbr", "protocol.name", "dst.name", "dst.port", "tls", "elapsedTime", "timestamp", "error.type",
        "request.path", "request.method", "response.status", "request.command", "request.key",
        'request.headers["X-T"]',
        'request.headers["é"]', 'request.headers["a/b"]', "request.headers.now", "request.list", "request.list[0]",
        "request.headers.*", "request..path", "stream", "index", "src.name", "passed", "namespace", "missing.path",
        "now", "error",
    ]
)  # fmt: skip
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def literal(value):
    """A KFL literal: quotes and backslashes are escaped, the rest stands as it is."""
    words = {True: "true", False: "false", None: "nil"}
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        return f'"{escaped}"'
    return words.get(value, str(value)) if isinstance(value, bool) or value is None else str(value)


TERMS = st.one_of(
    st.builds(lambda path, op, value: f"{path} {op} {literal(value)}", PATHS, OPERATORS, VALUES),
    st.builds(lambda value, op, path: f"{literal(value)} {op} {path}", VALUES, OPERATORS, PATHS),
    st.builds(
        lambda path, helper, value: f"{path}.{helper}({literal(value)})",
        PATHS,
        st.sampled_from(["contains", "startsWith", "endsWith"]),
        VALUES,
    ),
    st.builds(
        lambda path, pattern: f'{path} == r"{pattern}"', PATHS, st.sampled_from(["^/", "t.", "5..", "a|b", "", "é"])
    ),
    st.sampled_from(["http", "redis", "dns", "tls", "error", 'redact("request.path")', 'redact("request.headers.*")']),
    PATHS,
)
QUERIES = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.builds(lambda a, op, b: f"{a} {op} {b}", inner, st.sampled_from(["and", "or"]), inner),
        inner.map(lambda query: f"({query})"),
        inner.map(lambda query: f"!({query})"),
    ),
    max_leaves=4,
)


@settings(max_examples=70, deadline=None)
@given(
    wholes=st.lists(documents(), min_size=1, max_size=8),
    queries=st.lists(QUERIES, min_size=1, max_size=8),
    ascii_only=st.booleans(),
)
def test_a_query_finds_exactly_what_plain_evaluation_finds(wholes, queries, ascii_only):
    dumps = (lambda value: json.dumps(value).encode()) if ascii_only else orjson.dumps
    items = [envelope(whole, START + at)._replace(json=dumps(whole)) for at, whole in enumerate(wholes)]
    with TemporaryDirectory() as folder:
        with SegmentWriter(Path(folder), "n", max_rows=3) as writer:
            writer.append(items, unjudged(items))
        stored = open_items(folder)
        for text in queries:
            try:
                query = kfl.compile(text)
            except KFLError:
                continue
            expected = [
                shown for matched, shown in map(query.apply, map(orjson.loads, (i.json for i in items))) if matched
            ]
            assert list(stored.query(text)) == expected, text


@settings(max_examples=30, deadline=None)
@given(whole=documents(), queries=st.lists(QUERIES, min_size=1, max_size=5), data=st.data())
def test_columns_that_lie_are_not_believed_of_foreign_documents(whole, queries, data):
    changes = {
        "status": st.integers(0, 599),
        "path": TEXTS,
        "dst_name": TEXTS,
        "protocol": st.sampled_from(["HTTP", "DNS"]),
    }
    lying = data.draw(st.sampled_from(sorted(changes)))
    item = envelope(whole, START)._replace(**{lying: data.draw(changes[lying])})
    with TemporaryDirectory() as folder:
        with SegmentWriter(Path(folder), "n", own=False) as writer:
            writer.append([item], [(False, False)])
        for text in queries:
            try:
                query = kfl.compile(text)
            except KFLError:
                continue
            assert len(open_items(folder).query(text)) == query(whole), text


def test_limit_ends_the_search(stored):
    items, calls = stored(many(5000)), []
    found = items.query("http and limit(3)", watch=Watch(progress=lambda *done: calls.append(done)))
    assert ([item["index"] for item in found], found.partial) == ([0, 1, 2], False)
    assert len(calls) == 1


def test_redact_in_a_query_hides_in_its_result_only(stored):
    items = stored(many(5))
    found = items.query('redact("request.path", "src.ip") and limit(2)')
    assert [item["request"]["path"] for item in found] == ["[REDACTED]"] * 2
    assert {row["src_ip"] for row in found.page(0, 2)} == {row["path"] for row in found.page(0, 2)} == {"[REDACTED]"}
    assert items[0]["request"]["path"] == "/items/0"


def test_a_search_tells_its_progress_and_can_be_stopped(stored):
    items, calls = stored(many(5000)), []
    watch = Watch(progress=lambda *done: calls.append(done), cancelled=lambda: len(calls) == 2)
    found = items.query("http", watch=watch)
    assert calls == [(1024, 5000), (2048, 5000)]
    assert (len(found), found.partial) == (2048, True)
    assert "stopped" in repr(found)


def test_a_finished_search_is_not_partial(stored):
    assert stored(many(10)).query("http").partial is False


def test_a_query_of_a_query_narrows_it(stored):
    found = stored(many(100)).query("response.status == 500")
    assert [item["index"] for item in found.query("index > 50")] == [60, 70, 80, 90]
    assert [item["index"] for item in found[::-1].query("index > 70")] == [90, 80]


def test_only_what_may_match_is_parsed(stored):
    """Columns may decide it all, or most of it; else the bytes leave one in seven."""
    items = stored(many(700))
    seen = []

    def counting(text):
        query = kfl.compile(text)
        test = query._test
        return Query(
            text, language="kfl1", test=lambda item: seen.append(0) or test(item), explain=lambda: text,
            prefilter=lambda: query.prefilter, certainty=lambda: query.certainty,
        )  # fmt: skip

    def asked(text):
        seen.clear()
        return len(items.query(counting(text))), len(seen)

    assert asked("http and response.status >= 500") == (70, 0)
    assert asked('http and (response.status >= 500 or request.headers.Host == r"never")') == (70, 630)
    assert asked('request.headers["X-Trace"].contains("trace-3")') == (100, 100)


def test_a_bad_query_says_where(stored):
    with pytest.raises(KFLError) as error:
        stored(many(1)).query("htt ??? a")
    assert (error.value.line, error.value.column) == (1, 5)


def test_escaped_text_is_found(stored):
    item = http(0)
    escaped = item._replace(json=item.json.replace(SECRET.encode(), b"\\u0063anary-7f3a"))
    assert len(stored([escaped]).query(f'request.headers.Authorization.contains("{SECRET}")')) == 1
