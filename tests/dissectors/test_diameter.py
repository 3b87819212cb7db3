"""Diameter: commands with their answer, asked by either peer."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import diameter
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, behind_gap, brief, middle, mutated, turn_by_turn

ROWS = (StreamRow("diameter", diameter.probe, diameter.Diameter),)


def attribute(number: int, value: bytes, vendor: int = 0) -> bytes:
    head = struct.pack(">I", vendor) if vendor else b""
    size = 8 + len(head) + len(value)
    flags = 0xC0 if vendor else 0x40
    return struct.pack(">IB", number, flags) + size.to_bytes(3, "big") + head + value + bytes(-size % 4)


def message(flags: int, command: int, number: int, *attributes: bytes, application: int = 4) -> bytes:
    body = b"".join(attributes)
    head = b"\x01" + (20 + len(body)).to_bytes(3, "big") + bytes([flags]) + command.to_bytes(3, "big")
    return head + struct.pack(">III", application, number, number + 1) + body


ASKED = CLIENT, message(0xC0, 272, 9, attribute(263, b"s;1"), attribute(264, b"a.example"), attribute(1, b"ann"))
ANSWERED = SERVER, message(0x40, 272, 9, attribute(263, b"s;1"), attribute(268, struct.pack(">I", 2001)))
WATCH = SERVER, message(0x80, 280, 9, attribute(264, b"b.example"), application=0)
ALIVE = CLIENT, message(0x00, 280, 9, attribute(268, struct.pack(">I", 3004)), application=0)
LOOK = CLIENT, message(0x80, 316, 12, application=16777251)
UNKNOWN = (
    SERVER,
    message(0x20, 316, 12, attribute(297, attribute(298, struct.pack(">I", 5030)), 10415), application=16777251),
)
CONVERSATION = [ASKED, ANSWERED, WATCH, ALIVE, LOOK, UNKNOWN]


def row(item):
    request, response = item["request"], item["response"]
    return request["command"], request["application"], response["resultCode"], response["result"], item["src"]["port"]


EXPECTED = [
    ("Credit-Control", "Credit Control", 2001, "DIAMETER_SUCCESS", "50000"),
    ("Device-Watchdog", "Diameter Common Messages", 3004, "DIAMETER_TOO_BUSY", "1234"),
    ("Update-Location", "3GPP S6a", 5030, "DIAMETER_USER_UNKNOWN", "50000"),
]


@pytest.mark.parametrize("way", WAYS)
def test_reads_the_same_however_the_bytes_arrive(way):
    items = sorted(WAYS[way](ROWS, CONVERSATION).items, key=lambda item: item["timestamp"])
    assert [row(item) for item in items] == EXPECTED
    assert items[0]["request"]["sessionId"] == "s;1"
    assert (items[0]["request"]["originHost"], items[0]["request"]["userName"]) == ("a.example", "ann")
    assert items[2]["response"]["error"] is True


def test_a_stream_without_its_start_and_the_server_read_first_gives_the_same():
    turns = [ASKED, ANSWERED, LOOK, UNKNOWN]
    assert brief(middle(ROWS, turns)) == brief(turn_by_turn(ROWS, turns))


@pytest.mark.parametrize("missing", range(2, 4))
def test_behind_a_gap_only_the_exchange_in_it_is_incomplete(missing):
    heard = behind_gap(ROWS, CONVERSATION, missing)
    whole = [item["request"]["command"] for item in heard.items if not item["error"]]
    assert whole == ["Credit-Control", "Update-Location"]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (ASKED[1], Says.CLIENT),
        (ANSWERED[1], Says.SERVER),
        (ASKED[1][:6], Says.MORE),
        (message(0xA0, 272, 1), Says.NO),
        (message(0x80, 99, 1), Says.NO),
        (b"\x01\x00\x00\x15" + bytes(20), Says.NO),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", Says.NO),
    ],
)
def test_recognised_by_content(head, says):
    assert diameter.probe(head) is says


@given(st.data())
def test_mutated_conversations_never_fail_inside(data):
    mutated(data, ROWS, CONVERSATION)


def test_a_result_longer_than_a_number():
    long = SERVER, message(0x40, 272, 9, attribute(268, b"\xff" * 40))
    [item] = turn_by_turn(ROWS, [ASKED, long]).items
    assert item["response"]["resultCode"] == 0xFFFFFFFF
