"""Fragments become packets, in any order, in and around tunnels; what never becomes one is counted."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeshark_nb.capture.file import CaptureFile
from kubeshark_nb.model import Stats
from kubeshark_nb.packets import fragments
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.packets.fragments import FragmentLimits, Fragments
from kubeshark_nb.traffic import FRAGMENT, TCP, UDP
from tests import craft

DATA = bytes(range(256)) * 12


def pieces(content, size):
    """(offset, whether more follow, bytes) of each fragment; ``size`` is a multiple of eight."""
    return [(at, at + size < len(content), content[at : at + size]) for at in range(0, len(content), size)]


def cut4(packet, size, number=7):
    """An IPv4 packet without options as fragments."""
    made = []
    for at, more, part in pieces(packet[20:], size):
        head = struct.pack(">BBHHH", 0x45, 0, 20 + len(part), number, at // 8 | more << 13)
        made.append(head + packet[8:20] + part)
    return made


def cut6(packet, size, number=7, following=0):
    """An IPv6 packet as fragments; all but the first name ``following`` as their protocol."""
    made = []
    for at, more, part in pieces(packet[40:], size):
        kind = following if at else packet[6]
        content = struct.pack(">BBHI", kind, 0, at | more, number) + part
        made.append(packet[:4] + struct.pack(">HB", len(content), 44) + packet[7:40] + content)
    return made


V4 = craft.ip(17, craft.udp(DATA))
V6 = craft.ip(17, craft.udp(DATA), "fe80::1", "fe80::2")


def frame(packet):
    return craft.ethernet(packet, 0x86DD if packet[0] >> 4 == 6 else 0x0800)


def joined(frames, *, snap=0, limits=None, windows=1):
    """The last window's packets, and what was counted."""
    stats = Stats()
    table = Fragments(stats, limits)
    size = -(-len(frames) // windows)
    for at in range(0, len(frames), size):
        data = craft.pcap(frames[at : at + size], snap=snap, first=craft.START + at * craft.MS)
        (batch,) = CaptureFile("x", io.BytesIO(data), pytest.fail).batches()
        batch.first = at + 1
        packets, found = table.join(decode(batch))
    table.finish()
    return packets, found, stats


def payload(packets, row=-1):
    return packets.batch.data[packets.start[row] : packets.end[row]]


WHOLE = {
    "ipv4": cut4(V4, 1480),
    "ipv4, small": cut4(V4, 8),
    "ipv6": cut6(V6, 1232),
    "gre": [
        craft.ip(47, b"\0\0\x08\0" + one, "1.1.1.1", "2.2.2.2") for one in cut4(V4, 512)
    ],
    "a tunnel's packet cut": cut4(craft.ip(4, V4, "1.1.1.1", "2.2.2.2"), 800),
    "both cut": [
        piece
        for number, one in enumerate(cut4(V4, 1024))
        for piece in cut4(craft.ip(4, one, "1.1.1.1", "2.2.2.2"), 400, number)
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("windows", [1, 2, 50])
def test_a_packet_stands_where_its_last_fragment_was(name, windows):
    frames = [frame(one) for one in WHOLE[name]]
    packets, found, stats = joined(frames, windows=min(windows, len(frames)))
    assert found[-1].row == len(packets) - 1
    assert packets.kind[-1] == UDP
    assert payload(packets) == DATA
    assert packets.size[-1] == len(DATA)
    assert packets.fragmented.all()
    alone = decode(packets.batch)
    whole, _, _ = joined([frame(V6 if name == "ipv6" else V4)])
    assert packets.flow[-1] == whole.flow[0]
    assert (alone.kind == FRAGMENT).all()  # what was captured stays what it was
    assert sum(stats.reasons.values()) == stats.reasons[fragments.JOINED] >= len(found)


def test_the_length_of_a_datagram_is_that_of_all_its_frames():
    frames = [frame(one) for one in cut4(V4, 1480)]
    packets, found, _ = joined(frames)
    assert found[0].numbers == [1, 2, 3]
    assert packets.carried.tolist()[-1] == sum(map(len, frames))
    assert packets.length.tolist() == [len(one) for one in frames]


@given(st.randoms(use_true_random=False), st.sampled_from([8, 16, 256, 1024]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_order_any_copies_make_the_packet_once(chance, size, six):
    frames = [frame(one) for one in (cut6(V6, size) if six else cut4(V4, size))]
    copies = [one for one in frames[:-1] for _ in range(chance.randint(1, 2))]
    chance.shuffle(copies)
    packets, found, _ = joined([*copies, frames[-1]])
    assert len(found) == 1
    assert payload(packets) == DATA


def test_tcp_segments_may_be_cut_as_well():
    packets, _, _ = joined([frame(one) for one in cut4(craft.ip(6, craft.tcp(DATA, 5)), 64)])
    assert (packets.kind[-1], packets.seq[-1], payload(packets)) == (TCP, 5, DATA)


def test_the_protocol_is_what_the_first_fragment_says():
    packets, _, _ = joined([frame(one) for one in reversed(cut6(V6, 1232, following=59))])
    assert packets.kind[-1] == UDP


def test_later_bytes_win_in_ipv4():
    first, second, third = cut4(V4, 1480)
    other = cut4(craft.ip(17, craft.udp(DATA[::-1])), 1480)[1]
    packets, _, _ = joined([frame(one) for one in (first, second, other, third)])
    assert payload(packets)[1480 - 8 : 2960 - 8] == DATA[::-1][1480 - 8 : 2960 - 8]


def test_overlap_ends_a_packet_of_ipv6():
    first, second, third = cut6(V6, 1232)
    liar = bytearray(second)
    liar[43] -= 8  # the offset
    packets, found, stats = joined([frame(bytes(one)) for one in (first, liar, second, third)])
    assert not found
    assert packets.kind[-1] == FRAGMENT
    assert stats.reasons == {fragments.OVERLAPPING: 1}


def test_what_stays_open_is_counted_once_per_packet():
    first, second, _ = cut4(V4, 1480)
    assert joined([frame(first), frame(second), frame(first)])[2].reasons == {fragments.LATE: 1}


def test_a_minute_later_is_too_late_wherever_windows_end():
    first, second, third = (frame(one) for one in cut4(V4, 1480))
    late = (craft.START + 61 * 10**9, third)
    for windows in (1, 3):
        _, found, stats = joined([first, second, late], windows=windows)
        assert not found
        assert stats.reasons == {fragments.LATE: 2}


def test_the_oldest_goes_when_too_many_wait():
    frames = [frame(cut4(V4, 1480, number)[0]) for number in range(10)]
    for limits in (FragmentLimits(packets=4), FragmentLimits(bytes=4 * 1700)):
        stats = joined(frames, limits=limits)[2]
        assert stats.reasons == {fragments.CROWDED: 6, fragments.LATE: 4}
        assert stats.dropped == 6


def test_one_packet_has_no_more_than_its_share():
    frames = [frame(one) for one in cut4(V4, 8)]
    assert joined(frames, limits=FragmentLimits(pieces=100))[2].reasons == {fragments.CROWDED: 1}
    assert joined(frames, limits=FragmentLimits(bytes=1000))[1] == []


def test_impossible_fragments_are_counted():
    big = cut4(V4, 1480)[0]
    beyond = big[:6] + struct.pack(">H", 0x1FFF) + big[8:]
    odd = cut4(V4[:-3], 1480)[0][:-3]
    odd = odd[:2] + struct.pack(">H", len(odd)) + odd[4:]
    assert joined([frame(beyond), frame(odd)])[2].reasons == {fragments.IMPOSSIBLE: 2}


def test_the_snap_length_leaves_what_was_captured_before_the_cut():
    packets, _, _ = joined([frame(one) for one in cut4(V4, 1480)], snap=500)
    assert payload(packets) == DATA[: 500 - 14 - 20 - 8]
    assert packets.size[-1] == len(DATA)


@given(st.lists(st.binary(min_size=20, max_size=60), max_size=12))
@settings(max_examples=200, deadline=None)
def test_garbage_is_only_counted(bodies):
    frames = [craft.ethernet(b"\x45" + one, 0x0800) for one in bodies]
    frames += [craft.ethernet(V6[:6] + b"\x2c" + V6[7:40] + one, 0x86DD) for one in bodies]
    if frames:
        joined(frames)
