"""Ranges that have arrived, compared with an obviously correct bitmap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.streams.assembler import Assembler

RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: (pair[0], pair[0] + pair[1])))


@given(RANGES)
def test_agrees_with_a_bitmap(ranges):
    assembler, bitmap = Assembler(), set()
    for start, end in ranges:
        fresh = {at for a, b in assembler.add(start, end) for at in range(a, b)}
        assert fresh == set(range(start, end)) - bitmap
        bitmap |= set(range(start, end))
        assert {at for a, b in assembler.ranges for at in range(a, b)} == bitmap
        assert all(a < b < c < d for (a, b), (c, d) in zip(assembler.ranges, assembler.ranges[1:], strict=False))


@given(RANGES, st.integers(0, 80))
def test_forgets_what_lies_before(ranges, before):
    assembler = Assembler()
    for start, end in ranges:
        assembler.add(start, end)
    kept = {at for a, b in assembler.ranges for at in range(a, b) if at >= before}
    assembler.forget(before)
    assert {at for a, b in assembler.ranges for at in range(a, b)} == kept
