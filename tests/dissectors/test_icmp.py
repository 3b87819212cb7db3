"""ICMP: echoes with their replies, everything else by itself."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import icmp
from kubeshark_nb.dissectors.dissector import DatagramRow, Says
from kubeshark_nb.traffic import CLIENT, ICMP4, ICMP6, SERVER
from tests.dissectors.told import datagrams

ROWS = (
    DatagramRow("icmp", ICMP4, icmp.probe4, icmp.icmp4),
    DatagramRow("icmp", ICMP6, icmp.probe6, icmp.icmp6),
)


def message(kind, code=0, identifier=7, sequence=1, rest=b"abcd"):
    return struct.pack(">BBHHH", kind, code, 0xBEEF, identifier, sequence) + rest


def test_an_echo_and_its_reply():
    [item] = datagrams(ROWS, ICMP4, [(CLIENT, message(8)), (SERVER, message(0))]).items
    assert item["request"] == {"typeCode": "EchoRequest", "version": 4, "checksum": 0xBEEF, "id": 7, "sequence": 1}
    assert item["response"]["typeCode"] == "EchoReply"
    assert (item["requestSize"], item["responseSize"], item["elapsedTime"], item["error"]) == (12, 12, 1, None)
    assert (item["protocol"]["abbr"], item["protocol"]["name"]) == ("ICMPv4", "icmp")


def test_replies_find_their_request_by_identifier_and_sequence():
    asked = [(CLIENT, message(128, sequence=at)) for at in range(3)]
    heard = datagrams(ROWS, ICMP6, [*asked, *((SERVER, message(129, sequence=at)) for at in (2, 0))])
    assert [(item["request"]["sequence"], bool(item["response"])) for item in heard.items] == [
        (2, True), (0, True), (1, False),
    ]  # fmt: skip
    assert heard.items[2]["error"]["type"] == "pair-not-found"


@pytest.mark.parametrize(
    ("kind", "number", "code", "text"),
    [
        (ICMP4, 3, 3, "DestinationUnreachable(Port)"),
        (ICMP4, 11, 0, "TimeExceeded(TTLExceeded)"),
        (ICMP4, 3, 99, "DestinationUnreachable(Code: 99)"),
        (ICMP6, 1, 4, "DestinationUnreachable(PortUnreachable)"),
        (ICMP6, 135, 0, "NeighborSolicitation"),
    ],
)
def test_everything_else_stands_alone(kind, number, code, text):
    heard = datagrams(ROWS, kind, [(CLIENT, message(number, code))])
    [item] = heard.items
    assert (item["request"]["typeCode"], item["request"]["id"], item["response"], item["error"]) == (text, 0, {}, None)
    assert item["data"] == {"payload": "abcd"}
    assert (heard.rows[0].method, heard.rows[0].path) == (item["protocol"]["abbr"], text)


def test_the_other_side_is_the_source_of_what_it_says():
    heard = datagrams(ROWS, ICMP4, [(CLIENT, message(8)), (SERVER, message(3, 1))])
    assert [item["src"]["ip"] for item in heard.items] == ["10.0.0.2", "10.0.0.1"]


def test_types_nobody_knows_are_left_alone():
    assert icmp.probe4(message(200)) is Says.NO
    assert icmp.probe6(b"\x80") is Says.NO


@given(st.lists(st.tuples(st.sampled_from((CLIENT, SERVER)), st.binary(max_size=40)), max_size=8))
def test_garbage(turns):
    heard = datagrams(ROWS, ICMP4, turns)
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]
