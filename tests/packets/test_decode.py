"""Frames of every kind become columns; frames of no kind become OTHER."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.capture.file import CaptureFile
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.streams.endpoints import endpoints
from kubeshark_nb.traffic import FRAGMENT, ICMP4, OTHER, SCTP, TCP, UDP, nothing
from tests import craft

V4 = craft.ip(6, craft.tcp(b"hello", 7))
V6 = craft.ip(6, craft.tcp(b"hello", 7), "fe80::1", "fe80::2")
FOUR = ("10.0.0.5", 50000), ("10.0.0.9", 80)
SIX = ("fe80::1", 50000), ("fe80::2", 80)


def decoded(frame, link=1, snap=0):
    (batch,) = CaptureFile("x", io.BytesIO(craft.pcap([frame], link=link, snap=snap)), pytest.fail).batches()
    return decode(batch)


def payload(packets, row=0):
    return packets.batch.data[packets.start[row] : packets.end[row]]


def hop_by_hop(next_header):
    return bytes([next_header, 0]) + bytes(6)


CARRIERS = {
    "ethernet": (craft.ethernet(V4), 1, FOUR),
    "padded": (craft.ethernet(V4) + bytes(20), 1, FOUR),
    "vlan": (craft.ethernet(V4, tags=(5,)), 1, FOUR),
    "two tags": (craft.ethernet(V4, tags=(5, 6)), 1, FOUR),
    "ethernet 6": (craft.ethernet(V6, 0x86DD), 1, SIX),
    "raw": (V4, 101, FOUR),
    "raw 6": (V6, 101, SIX),
    "ipv4 only": (V4, 228, FOUR),
    "ipv6 only": (V6, 229, SIX),
    "loopback little": (struct.pack("<I", 2) + V4, 0, FOUR),
    "loopback big": (struct.pack(">I", 30) + V6, 0, SIX),
    "loopback network": (struct.pack(">I", 2) + V4, 108, FOUR),
    "cooked": (bytes(14) + b"\x08\0" + V4, 113, FOUR),
    "cooked 2": (b"\x86\xdd" + bytes(18) + V6, 276, SIX),
    "ip options": (craft.ethernet(craft.ip(6, craft.tcp(b"hello", 7), options=bytes(8))), 1, FOUR),
    "tcp options": (craft.ethernet(craft.ip(6, craft.tcp(b"hello", 7, options=bytes(12)))), 1, FOUR),
    "ip in ip": (craft.ethernet(craft.ip(4, V4, "1.1.1.1", "2.2.2.2")), 1, FOUR),
    "6 in 4": (craft.ethernet(craft.ip(41, V6, "1.1.1.1", "2.2.2.2")), 1, SIX),
    "gre": (craft.ethernet(craft.ip(47, b"\0\0\x08\0" + V4, "1.1.1.1", "2.2.2.2")), 1, FOUR),
    "gre with a key": (
        craft.ethernet(craft.ip(47, b"\x20\0\x65\x58key!" + craft.ethernet(V4), "1.1.1.1", "2.2.2.2")),
        1,
        FOUR,
    ),
    "vxlan": (
        craft.ethernet(craft.ip(17, craft.udp(b"\x08" + bytes(7) + craft.ethernet(V4), (1, 4789)), "1.1.1.1")),
        1,
        FOUR,
    ),
    "geneve": (
        craft.ethernet(
            craft.ip(17, craft.udp(b"\1\0\x65\x58" + bytes(8) + craft.ethernet(V6, 0x86DD), (1, 6081)), "1.1.1.1")
        ),
        1,
        SIX,
    ),
    "mpls": (craft.ethernet(b"\0\0\x10\xff\0\0\x21\xff" + V4, 0x8847), 1, FOUR),
    "mpls pseudowire": (craft.ethernet(b"\0\0\x11\xff" + bytes(4) + craft.ethernet(V4), 0x8847), 1, FOUR),
    "pppoe": (craft.ethernet(b"\x11\0\0\1\0\x40\0\x21" + V4, 0x8864), 1, FOUR),
    "ppp": (b"\xff\x03\0\x57" + V6, 9, SIX),
    "ppp, short": (b"\x21" + V4, 9, FOUR),
    "nflog": (b"\2\0\0\0" + b"\6\0\1\0ab\0\0" + struct.pack("<HH", 4 + len(V4), 9) + V4, 239, FOUR),
    "wireless": (b"\x08\1" + bytes(22) + b"\xaa\xaa\3\0\0\0\x08\0" + V4, 105, FOUR),
    "radiotap, QoS": (b"\0\0\x0a\0" + bytes(6) + b"\x88\1" + bytes(24) + b"\xaa\xaa\3\0\0\0\x86\xdd" + V6, 127, SIX),
    "erspan": (
        craft.ethernet(craft.ip(47, b"\x10\0\x88\xbeseq!" + bytes(8) + craft.ethernet(V4), "1.1.1.1", "2.2.2.2")),
        1,
        FOUR,
    ),
    "erspan, type 1": (craft.ethernet(craft.ip(47, b"\0\0\x88\xbe" + craft.ethernet(V4), "1.1.1.1")), 1, FOUR),
    "erspan, type 3": (
        craft.ethernet(craft.ip(47, b"\x10\0\x22\xebseq!" + bytes(12) + craft.ethernet(V4), "1.1.1.1")),
        1,
        FOUR,
    ),
    "erspan, type 3 of IP, with more": (
        craft.ethernet(craft.ip(47, b"\x10\0\x22\xebseq!" + bytes(10) + b"\x08\x01" + bytes(8) + V4, "1.1.1.1")),
        1,
        FOUR,
    ),
    "vxlan that names its protocol": (
        craft.ethernet(craft.ip(17, craft.udp(b"\x0c\0\0\x02" + bytes(4) + V6, (1, 4790)), "1.1.1.1")),
        1,
        SIX,
    ),
    "service header in vxlan": (
        craft.ethernet(
            craft.ip(17, craft.udp(b"\x0c\0\0\x04" + bytes(4) + b"\x0f\xc2\2\1" + bytes(4) + V4, (1, 4790)), "1.1.1.1")
        ),
        1,
        FOUR,
    ),
    "geneve, the other way": (
        craft.ethernet(
            craft.ip(17, craft.udp(b"\0\0\x65\x58" + bytes(4) + craft.ethernet(V4), (6081, 12345)), "1.1.1.1")
        ),
        1,
        FOUR,
    ),
    "gtp": (craft.ethernet(craft.ip(17, craft.udp(b"\x30\xff\0\0tun." + V4, (1, 2152)), "1.1.1.1")), 1, FOUR),
    "gtp with a number": (
        craft.ethernet(craft.ip(17, craft.udp(b"\x32\xff\0\0tun.\0\1\0\0" + V6, (1, 2152)), "1.1.1.1")),
        1,
        SIX,
    ),
    "gtp with an extension": (
        craft.ethernet(
            craft.ip(17, craft.udp(b"\x34\xff\0\0tun.\0\0\0\x85" + b"\1\x10\x09\0" + V4, (1, 2152)), "1.1.1.1")
        ),
        1,
        FOUR,
    ),
    "teredo": (craft.ethernet(craft.ip(17, craft.udp(V6, (1, 3544)), "1.1.1.1")), 1, SIX),
    "teredo, from a server, with login and origin": (
        craft.ethernet(
            craft.ip(17, craft.udp(b"\0\1\1\2abc" + bytes(9) + b"\0\0" + bytes(6) + V6, (3544, 2)), "1.1.1.1")
        ),
        1,
        SIX,
    ),
    "security tag": (craft.ethernet(b"\1\1\0\1\0\x09\x08\0" + V4, 0x8909), 1, FOUR),
    "extension headers": (
        craft.ethernet(
            craft.ip(0, hop_by_hop(60) + hop_by_hop(6) + craft.tcp(b"hello", 7), "fe80::1", "fe80::2"), 0x86DD
        ),
        1,
        SIX,
    ),
}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_tcp_is_found_in_every_carrier(carrier):
    frame, link, ends = CARRIERS[carrier]
    packets = decoded(frame, link)
    assert packets.kind.tolist() == [TCP]
    assert payload(packets) == b"hello"
    assert packets.seq.tolist() == [7]
    assert packets.size.tolist() == [5]
    found = endpoints(packets, 0)
    assert (found if packets.side[0] == 0 else found[::-1]) == ends


def test_both_directions_have_one_key_and_two_sides():
    there = decoded(craft.segment(0, b"x", 1))
    back = decoded(craft.segment(1, b"x", 1))
    other = decoded(craft.segment(0, b"x", 1, ports=(50001, 80)))
    assert there.flow[0] == back.flow[0] != other.flow[0]
    assert {int(there.side[0]), int(back.side[0])} == {0, 1}


KINDS = {
    "not vxlan": (craft.datagram(b"12345678 not vxlan", ports=(1, 4789)), UDP, b"12345678 not vxlan"),
    "not geneve": (craft.datagram(b"\0\0\xff\xff not it", ports=(1, 6081)), UDP, b"\0\0\xff\xff not it"),
    "not gtp": (craft.datagram(b"12345678 not gtp", ports=(1, 2152)), UDP, b"12345678 not gtp"),
    "not teredo": (craft.datagram(b"12345678 not it", ports=(1, 3544)), UDP, b"12345678 not it"),
    "udp": (craft.datagram(b"query"), UDP, b"query"),
    "icmp": (craft.ethernet(craft.ip(1, b"\x08\0\0\0ping")), ICMP4, b"\x08\0\0\0ping"),
    "sctp": (craft.ethernet(craft.ip(132, bytes(12) + b"chunk")), SCTP, b"chunk"),
    "arp": (craft.ethernet(bytes(28), 0x0806), OTHER, None),
    "length instead of type": (craft.ethernet(bytes(60), 60), OTHER, None),
    "version 5": (craft.ethernet(b"\x55" + V4[1:]), OTHER, None),
    "tcp header too long": (craft.ethernet(craft.ip(6, b"\0" * 12 + b"\xf0" + bytes(7))), OTHER, None),
}


@pytest.mark.parametrize("case", KINDS)
def test_other_kinds(case):
    frame, kind, data = KINDS[case]
    packets = decoded(frame)
    assert packets.kind.tolist() == [kind]
    assert data is None or payload(packets) == data


def test_the_snap_length_cuts_the_payload_but_not_its_size():
    packets = decoded(craft.segment(0, b"0123456789", 1), snap=14 + 40 + 4)
    assert payload(packets) == b"0123"
    assert packets.size.tolist() == [10]


def test_fragments_are_marked():
    whole = bytearray(craft.ip(17, craft.udp(b"x" * 64)))
    whole[6:8] = struct.pack(">H", 0x2000)
    packets = decoded(craft.ethernet(bytes(whole)))
    assert packets.kind.tolist() == [FRAGMENT]
    assert packets.fragmented.tolist() == [True]


def test_nothing_is_nothing():
    assert len(decode(nothing())) == 0


@given(frame=st.binary(max_size=120), link=st.sampled_from([0, 1, 12, 101, 108, 113, 228, 229, 276, 999]))
def test_garbage_never_raises_and_stays_inside_the_frame(frame, link):
    packets = decoded(frame, link) if frame else decode(nothing())
    for row in range(len(packets)):
        begin = int(packets.batch.starts[row])
        end = begin + int(packets.batch.captured[row])
        assert packets.kind[row] == OTHER or begin <= packets.start[row] <= packets.end[row] <= end


@given(st.sampled_from(sorted(CARRIERS)), st.data())
def test_mutated_frames_stay_inside_the_frame(carrier, data):
    frame, link, _ = CARRIERS[carrier]
    changed = bytearray(frame)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    packets = decoded(bytes(changed[: data.draw(st.integers(1, len(frame)))]), link)
    assert packets.end[0] <= packets.batch.starts[0] + packets.batch.captured[0]
