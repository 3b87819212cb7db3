"""The language of a query is recognised from its text, or forced."""

from __future__ import annotations

import pytest

from kubeshark_nb import kfl
from kubeshark_nb.kfl.detect import language_of
from tests.kfl.tabled import load


@pytest.mark.parametrize("case", load("language"), ids=lambda case: case["query"])
def test_language(case):
    assert language_of(case["query"]) == case["language"]


def test_the_language_can_be_forced():
    item = {"protocol": {"name": "http", "abbr": "gRPC"}}
    assert not kfl.compile("http", language="kfl1")(item)
    assert kfl.compile("http", language="kfl2")(item)
    assert kfl.match("http", item, language="kfl2")
    with pytest.raises(ValueError, match="kfl1 or kfl2"):
        kfl.compile("http", language="kfl3")


@pytest.mark.parametrize("query", [5, None, b"http"])
def test_what_is_no_text_is_no_query(query):
    with pytest.raises(kfl.KFLError, match="1:1: a query is a text"):
        kfl.compile(query)
    assert not kfl.validate(query)
