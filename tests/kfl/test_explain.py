"""`str(query)` says in words what it looks for."""

from __future__ import annotations

import pytest

from kubeshark_nb import kfl
from tests.kfl.tabled import load


@pytest.mark.parametrize("case", load("explain"), ids=lambda case: case["query"])
def test_words(case):
    query = kfl.compile(case["query"])
    assert str(query) == case["words"]
    assert case["words"] in repr(query)
