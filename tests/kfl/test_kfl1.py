"""KFL 1: what matches, and that nothing changes the caller's document."""

from __future__ import annotations

import json
import timeit

import pytest

from kubeshark_nb import kfl
from tests.kfl.tabled import NOW, load

DOCUMENT = load("kfl1_document")


@pytest.mark.parametrize("case", load("kfl1_match"), ids=lambda case: case["query"])
def test_match(case):
    before = json.dumps(DOCUMENT)
    assert kfl.compile(case["query"], language="kfl1", now_ns=NOW)(DOCUMENT) is case["match"]
    assert json.dumps(DOCUMENT) == before


@pytest.mark.parametrize(
    ("query", "limit"),
    [("limit(3)", 3), ("false and (a or limit(7)) and limit(9)", 7), ("limit(x)", 0), ("limit(-1)", 0), ("a", 0)],
)
def test_limit(query, limit):
    assert kfl.compile(query).limit == limit


def test_a_query_knows_whether_time_matters():
    assert kfl.compile("timestamp > now()").timed
    assert kfl.compile("x == 1 and now").timed
    assert not kfl.compile("x.now == 1").timed


def test_match_sees_the_time_of_each_call():
    query = "at <= now()"
    assert not kfl.match(query, {"at": 5}, now_ns=4_000_000)
    assert kfl.match(query, {"at": 5}, now_ns=6_000_000)


@pytest.mark.parametrize("document", [None, 5, "x", [], [1], True])
def test_any_document_will_do(document):
    assert kfl.match("", document)
    assert not kfl.match("a.b == 1", document)
    assert kfl.match('redact("a") and true', document)


def test_a_deep_document_is_searched_and_redacted_without_recursion():
    document = {"k": 1}
    for _ in range(5000):
        document = {"a": document}
    assert kfl.match("a..k == 1", document)
    assert kfl.compile('redact("..k")').apply(document)[0]


def test_a_regular_expression_takes_linear_time():
    query = kfl.compile('x == r"(a+)+$"')
    assert timeit.timeit(lambda: query({"x": "a" * 5000 + "!"}), number=1) < 0.5
