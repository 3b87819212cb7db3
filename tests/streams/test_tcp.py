"""Segments in any order, lost, doubled, overlapping: the same bytes come out, or the hole is stated."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.capture.file import CaptureFile
from kubeshark_nb.model import Stats
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.streams.limits import StreamLimits
from kubeshark_nb.streams.tcp import TcpTable
from tests import craft
from tests.craft import ACK, FIN, RST, SYN, segment


class Ear:
    """Hears one connection: per side (True is the client's) bytes and holes in order, and how it ended."""

    caller = None

    def __init__(self, opened) -> None:
        self.opened = opened
        self.heard = {True: [], False: []}
        self.ended = {}

    def _who(self, side):
        return self.opened.ends[side].ip == craft.CLIENT_IP

    def data(self, side, chunk):
        if chunk.gap:
            self.heard[self._who(side)].append(chunk.gap)
        if chunk.data:
            self.heard[self._who(side)].append(chunk.data)
            assert [chunk.time_at(at) for at in (0, len(chunk.data) - 1)] == sorted(
                chunk.time_at(at) for at in (0, len(chunk.data) - 1)
            ) or chunk.high > 1

    def end(self, side, why, _time_ns):
        assert self._who(side) not in self.ended
        self.ended[self._who(side)] = why

    def said(self, *, client=True):
        """What one side said, holes as zero bytes."""
        return b"".join(bytes(part) if isinstance(part, int) else part for part in self.heard[client])

    def holes(self, *, client=True):
        return [part for part in self.heard[client] if isinstance(part, int)]


def listen(frames, block=1 << 20, limits=None, snap=0):
    """The ears of every connection in ``frames``."""
    ears = []

    def opened(one):
        ears.append(Ear(one))
        return ears[-1]

    stats = Stats()
    table = TcpTable(opened, limits or StreamLimits(), stats)
    number = 1
    for batch in CaptureFile("x", io.BytesIO(craft.pcap(frames, snap=snap)), pytest.fail, block).batches():
        batch.first = number
        number += len(batch)
        table.window(decode(batch), int(batch.time_ns.max()))
    table.finish()
    return ears, stats


TEXT = bytes(range(256)) * 2
BLOCKS = st.sampled_from([64, 700, 1 << 20])


def pieces(data, cuts, isn=1000):
    """(seq, bytes) of ``data`` cut at ``cuts``."""
    edges = [0, *sorted({cut % len(data) for cut in cuts} - {0}), len(data)]
    return [(isn + 1 + a, data[a:b]) for a, b in pairwise(edges)]


@given(
    cuts=st.lists(st.integers(0, 511), max_size=12), isn=st.sampled_from([0, 1000, 2**32 - 300, 2**32 - 1]),
    order=st.randoms(use_true_random=False), again=st.lists(st.integers(0, 100), max_size=5), block=BLOCKS,
)  # fmt: skip
def test_any_order_and_any_repetition_give_the_same_bytes(cuts, isn, order, again, block):
    parts = pieces(TEXT, cuts, isn)
    parts += [parts[at % len(parts)] for at in again]
    order.shuffle(parts)
    frames = [segment(0, b"", isn, SYN), *(segment(0, data, seq) for seq, data in parts)]
    frames.append(segment(0, b"", isn + 1 + len(TEXT), FIN | ACK))
    (ear,), _ = listen(frames, block)
    assert ear.heard[True]
    assert ear.said() == TEXT
    assert ear.holes() == []
    assert ear.ended[True] == "fin"


@given(
    spans=st.lists(st.tuples(st.integers(0, 511), st.integers(1, 200)), min_size=1, max_size=25), block=BLOCKS,
)  # fmt: skip
def test_overlaps_and_losses_give_what_arrived_and_state_the_rest(spans, block):
    spans = [(at, min(at + size, len(TEXT))) for at, size in spans]
    arrived = bytearray(len(TEXT))
    for a, b in spans:
        arrived[a:b] = b"\1" * (b - a)
    frames = [segment(0, b"", 1000, SYN), *(segment(0, TEXT[a:b], 1001 + a) for a, b in spans)]
    (ear,), stats = listen(frames, block)
    end = max(b for _, b in spans)
    expected = bytes(TEXT[at] if arrived[at] else 0 for at in range(end))
    assert ear.said() == expected
    assert sum(ear.holes()) == arrived[:end].count(0)
    assert stats.gaps == len(ear.holes())


def test_the_first_bytes_to_arrive_win():
    frames = [
        segment(0, b"", 1000, SYN),
        segment(0, b"AAAA", 1005),
        segment(0, b"bbbbbbbb", 1001),
        segment(0, b"cc", 1009),
    ]
    (ear,), _ = listen(frames)
    assert ear.said() == b"bbbbAAAAcc"


def test_a_stream_whose_start_is_missing_begins_with_its_lowest_segment():
    (ear,), _ = listen([segment(0, b"second", 1006), segment(0, b"first", 1001), segment(1, b"answer", 50)])
    assert ear.said() == b"firstsecond"
    assert ear.said(client=False) == b"answer"
    assert ear.opened.caller is None
    assert ear.opened.number == 1


def test_the_caller_is_who_sent_the_syn():
    for first in (segment(0, b"", 1000, SYN), segment(1, b"", 1000, SYN | ACK)):
        (ear,), _ = listen([first])
        assert ear.opened.ends[ear.opened.caller].ip == craft.CLIENT_IP


def test_keep_alives_and_bare_acknowledgements_say_nothing():
    frames = [
        segment(0, b"", 1000, SYN),
        segment(0, b"hello", 1001),
        segment(0, b"o", 1005),
        segment(0, b"", 1006, ACK),
    ]
    (ear,), _ = listen(frames)
    assert ear.said() == b"hello"


def test_ports_used_again_are_another_connection():
    first = craft.conversation([(0, b"one"), (1, b"ONE")], fin=False)
    second = craft.conversation([(0, b"two"), (1, b"TWO")], isn=(777_000, 888_000))
    for block in (1 << 20, 100):
        ears, _ = listen([*first, *second], block)
        assert [ear.said() for ear in ears] == [b"one", b"two"]
        assert [ear.said(client=False) for ear in ears] == [b"ONE", b"TWO"]
        assert [ear.opened.number for ear in ears] == [1, len(first) + 1]
        assert ears[0].ended == {True: "reset", False: "reset"}


def test_a_syn_sent_twice_is_one_connection():
    frames = [
        segment(0, b"", 1000, SYN),
        segment(0, b"", 1000, SYN),
        segment(1, b"", 5, SYN | ACK),
        segment(0, b"x", 1001),
    ]
    ears, _ = listen(frames)
    assert len(ears) == 1
    assert ears[0].said() == b"x"


def test_a_reset_ends_both_sides_with_what_was_held_back():
    frames = [segment(0, b"", 1000, SYN), segment(0, b"late", 1011), segment(1, b"", 9, RST)]
    (ear,), _ = listen(frames)
    assert ear.heard[True] == [10, b"late"]
    assert ear.ended == {True: "reset", False: "reset"}


def test_segments_behind_the_end_open_nothing():
    ears, _ = listen([*craft.conversation([(0, b"x")]), segment(0, b"x", 1001), segment(0, b"", 1002, FIN | ACK)])
    assert len(ears) == 1
    assert ears[0].said() == b"x"


def test_what_the_snap_length_cut_is_a_hole():
    frames = [segment(0, b"", 1000, SYN), segment(0, b"0123456789", 1001), segment(0, b"next", 1011)]
    (ear,), _ = listen(frames, snap=14 + 40 + 6)
    assert ear.heard[True] == [b"012345", 4, b"next"]


def test_a_hole_is_given_up_when_too_much_waits_behind_it():
    frames = [segment(0, b"", 1000, SYN), segment(0, b"x" * 50, 1101), segment(0, b"y" * 50, 1151)]
    (ear,), _ = listen([*frames, segment(0, b"z", 1201)], block=64, limits=StreamLimits(hole_bytes=80))
    assert ear.heard[True] == [100, b"x" * 50 + b"y" * 50, b"z"]


def test_too_many_streams_end_the_oldest():
    frames = [segment(0, b"x", 1, ports=(1000 + number, 80)) for number in range(10)]
    ears, stats = listen(frames, limits=StreamLimits(streams=4))
    assert [ear.ended[True] for ear in ears] == ["evicted"] * 6 + ["capture"] * 4
    assert stats.reasons == {"streams ended early for lack of room": 6}


def test_silent_streams_end():
    frames = [(craft.START, segment(0, b"x", 1)), (craft.START + 400 * 10**9, segment(0, b"y", 1, ports=(1, 2)))]
    ears, _ = listen(frames)
    assert [ear.ended[True] for ear in ears] == ["idle", "capture"]


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 2**32 - 1), st.integers(0, 63), st.binary(max_size=8)), max_size=20
    )
)
def test_any_segments_at_all_never_raise(segments):
    listen([segment(side, data, seq, flags) for side, seq, flags, data in segments], block=200)
