"""RADIUS: requests with their answer, attributes, what is none of it."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import radius
from kubeshark_nb.dissectors.dissector import DatagramRow, Says
from kubeshark_nb.traffic import CLIENT, SERVER, UDP
from tests.dissectors.told import datagrams

ROWS = (DatagramRow("radius", UDP, radius.probe, radius.Radius),)


def message(code, identifier, *attributes: tuple[int, bytes]) -> bytes:
    body = b"".join(bytes([kind, len(value) + 2]) + value for kind, value in attributes)
    return struct.pack(">BBH", code, identifier, len(body) + 20) + b"\xab" * 16 + body


ASKED = message(1, 7, (1, b"ann"), (4, bytes([10, 0, 0, 1])), (5, b"\0\0\0\x09"), (2, b"\x01\x02"), (200, b"\xff"))
ACCEPTED = message(2, 7, (18, b"welcome"))


def test_a_request_and_its_answer():
    heard = datagrams(ROWS, UDP, [(CLIENT, ASKED), (SERVER, ACCEPTED)])
    [item] = heard.items
    assert item["request"] == {
        "code": 1,
        "codeName": "Access-Request",
        "identifier": 7,
        "authenticator": "ab" * 16,
        "userName": "ann",
        "attributes": [
            {"name": "User-Name", "value": "ann"},
            {"name": "NAS-IP-Address", "value": "10.0.0.1"},
            {"name": "NAS-Port", "value": "9"},
            {"name": "User-Password", "value": "0102"},
            {"name": "Attribute-200", "value": "ff"},
        ],
    }
    assert item["response"]["codeName"] == "Access-Accept"
    assert (item["requestSize"], item["responseSize"]) == (len(ASKED), len(ACCEPTED))
    assert (heard.rows[0].method, heard.rows[0].path) == ("Access-Request", "ann")


def test_what_is_not_answered_says_so():
    [item] = datagrams(ROWS, UDP, [(CLIENT, ASKED)]).items
    assert item["error"]["type"] == "pair-not-found"


def test_an_answer_seen_first_makes_its_sender_the_server():
    heard = datagrams(ROWS, UDP, [(CLIENT, ACCEPTED), (SERVER, ASKED)])
    assert [(item["src"]["ip"], bool(item["request"])) for item in heard.items] == [
        ("10.0.0.2", False),
        ("10.0.0.2", True),
    ]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (ASKED, Says.CLIENT),
        (ACCEPTED, Says.SERVER),
        (ASKED + bytes(4), Says.CLIENT),
        (ASKED[:-1], Says.NO),
        (b"\x63" + ASKED[1:], Says.NO),
        (ASKED[:21] + b"\x01" + ASKED[22:], Says.NO),
        (bytes(40), Says.NO),
    ],
)
def test_recognised_by_content(head, says):
    assert radius.probe(head) is says


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_garbage(messages):
    heard = datagrams(ROWS, UDP, [(CLIENT, ASKED), *((SERVER, one) for one in messages)])
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]
