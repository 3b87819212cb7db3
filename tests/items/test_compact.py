"""JSON to keep: the same bytes as orjson's, without the room it leaves behind."""

from __future__ import annotations

import tracemalloc

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.items.compact import compact, quoted


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_is_what_orjson_writes(text):
    assert quoted(text) == orjson.dumps(text)


@pytest.mark.parametrize(
    "text", ["", "plain", 'a "b"', "back\\slash", "tab\t", "\x7f", "caf\xe9", "\u2028", "\U0001f988"]
)
def test_what_may_need_escapes(text):
    assert orjson.loads(quoted(text)) == text
    assert quoted(text) == orjson.dumps(text)


def test_nothing_is_left_behind():
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = [make for number in range(1000) for make in (compact({"number": number}), quoted(f"text {number}"))]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert taken < 200 * len(kept)
