"""Redaction: what is replaced, and that the caller's document never changes."""

from __future__ import annotations

import json

import pytest

from kubeshark_nb import kfl
from tests.kfl.tabled import load


@pytest.mark.parametrize("case", load("redact"), ids=lambda case: case["query"])
def test_redact(case):
    document = json.loads(json.dumps(case["before"]))
    query = kfl.compile(case["query"])
    assert query.redacts
    _, record = query.apply(document)
    assert record == case["after"]
    assert document == case["before"]
    assert (record is document) is (case["before"] == case["after"])


def test_without_redaction_the_item_itself_comes_back():
    item = {"a": 1}
    assert kfl.compile("a == 1").apply(item) == (True, item)
    assert kfl.compile("a == 1").apply(item)[1] is item
