"""The buffer knows of every unread byte when it was captured, as a list of bytes with their times does."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import buffer as module
from kubeshark_nb.dissectors.buffer import Buffer
from kubeshark_nb.traffic import Chunk

SEGMENTS = st.lists(st.integers(0, 4), min_size=1, max_size=4)
STEPS = st.lists(st.tuples(SEGMENTS, st.integers(0, 12), st.booleans(), st.integers(0, 12)), max_size=8)


def chunk(sizes, begin):
    """Segments of a window in which other streams have some, too."""
    ends = list(accumulate([7, *sizes]))
    times = [begin + at for at in range(len(ends))]
    data = bytes((begin + at) % 256 for at in range(sum(sizes)))
    return Chunk(data, 0, 7, 1, len(ends), [*ends, 1000], [*times, 0])


@given(STEPS)
def test_every_byte_keeps_its_time(steps):
    buffer, bytes_and_times, now = Buffer(), [], 100
    for sizes, first_read, settles, then_read in steps:
        pushed = chunk(sizes, now)
        now += 10
        buffer.push(pushed)
        bytes_and_times += [(byte, pushed.time_at(at)) for at, byte in enumerate(pushed.data)]
        for count, settle in ((first_read, settles), (then_read, False)):
            taken = buffer.take(count)
            assert taken == bytes(byte for byte, _ in bytes_and_times[:count])
            del bytes_and_times[:count]
            if settle:
                buffer.settle()
            unread = [(buffer.data[at], buffer.time_at(at)) for at in range(buffer.at, len(buffer.data))]
            assert unread == bytes_and_times


def test_what_is_left_over_in_too_many_pieces_has_the_time_of_its_first(monkeypatch):
    monkeypatch.setattr(module, "MAX_SPANS", 10)
    buffer = Buffer()
    for begin in range(100, 130):
        buffer.push(chunk([1], begin))
    assert {buffer.time_at(at) for at in range(20)} == {101}
    assert len(buffer._rest_ends) <= 10
