"""Values and paths written as KFL 1 mean themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb import kfl

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(-1e6, 1e6),
    st.text(),
    st.text('\\"`\n\r.*[]{}^$x'),
)


@given(VALUES)
def test_a_quoted_value_equals_itself(value):
    assert kfl.match(f"a == {kfl.quote(value)}", {"a": value}, language="kfl1")


@given(st.text('\\"`\n.x', max_size=8), st.text('\\"`\n.x', max_size=8))
def test_a_quoted_text_equals_nothing_else(one, other):
    assert kfl.match(f"a == {kfl.quote(one)}", {"a": other}, language="kfl1") is (one == other)


def test_a_path_is_written_with_brackets_only_where_they_are_needed():
    assert kfl.selector("request", "headers", "x-y", 0, "z") == 'request.headers["x-y"][0].z'
    assert kfl.match(f"{kfl.selector('a', 'b c', 1)} == 5", {"a": {"b c": [0, 5]}})
