"""LDAP: operations, searches, filters, encryption asked for, signed and sealed messages."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import ldap
from kubeshark_nb.dissectors.ber import Element
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.dissectors.ldap_filter import filter_text
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, behind_gap, brief, middle, mutated, turn_by_turn

ROWS = (StreamRow("ldap", ldap.probe, ldap.Ldap),)


def tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    return bytes([tag, size]) + content if size < 128 else bytes([tag, 0x82]) + struct.pack(">H", size) + content


def text(value: str) -> bytes:
    return tlv(4, value.encode())


def number(value: int, tag: int = 2) -> bytes:
    return tlv(tag, bytes([value]))


def message(identifier: int, tag: int, *parts: bytes) -> bytes:
    return tlv(0x30, number(identifier), tlv(tag, *parts))


def result(identifier: int, tag: int, code: int = 0, why: str = "") -> tuple[int, bytes]:
    return SERVER, message(identifier, tag, number(code, 10), text(""), text(why))


AND = tlv(0xA0, tlv(0xA3, text("objectClass"), text("person")), tlv(0xA4, text("uid"), tlv(0x30, tlv(0x80, b"ann"))))
BIND = CLIENT, message(1, 0x60, number(3), text("cn=ann"), tlv(0x80, b"secret"))
BOUND = result(1, 0x61)
SEARCH = (
    CLIENT,
    message(2, 0x63, text("dc=shop"), number(2, 10), number(0, 10), number(0), number(0), tlv(1, b"\0"), AND,
            tlv(0x30, text("cn"), text("mail"))),
)  # fmt: skip
ENTRY = message(2, 0x64, text("cn=ann,dc=shop"), tlv(0x30))
FOUND = SERVER, ENTRY + message(2, 0x73, text("ldap://b")) + ENTRY + result(2, 0x65)[1]
DELETE = CLIENT, message(3, 0x4A, b"cn=bob,dc=shop")
REFUSED = result(3, 0x6B, 50, "not you")
UNBIND = CLIENT, message(4, 0x42)
CONVERSATION = [BIND, BOUND, SEARCH, FOUND, DELETE, REFUSED, UNBIND]


def row(item):
    request, response = item["request"], item["response"]
    return request.get("type"), request.get("dn"), response.get("result")


@pytest.mark.parametrize("way", WAYS)
def test_reads_the_same_however_the_bytes_arrive(way):
    heard = WAYS[way](ROWS, CONVERSATION)
    bind, search, delete, unbind = sorted(heard.items, key=lambda item: item["timestamp"])
    assert (row(bind), bind["request"]["authentication"]) == (("Bind Request", "cn=ann", "success"), "simple")
    assert "secret" not in str(heard.items)
    assert row(search) == ("Search Request", "dc=shop", "success")
    assert search["request"]["filter"] == "(&(objectClass=person)(uid=ann*))"
    assert (search["request"]["scope"], search["request"]["attributes"]) == ("sub", ["cn", "mail"])
    assert (search["response"]["entries"], search["response"]["references"]) == (2, 1)
    assert search["response"]["names"] == ["cn=ann,dc=shop"] * 2
    assert search["responseSize"] == len(FOUND[1])
    assert (row(delete), delete["response"]["message"]) == (
        ("Delete Request", "cn=bob,dc=shop", "insufficientAccessRights"), "not you",
    )  # fmt: skip
    assert (row(unbind), unbind["error"]) == (("Unbind Request", "", None), None)


def test_a_stream_without_its_start_and_the_server_read_first_gives_the_same():
    assert brief(middle(ROWS, CONVERSATION)) == brief(turn_by_turn(ROWS, CONVERSATION))


@pytest.mark.parametrize("missing", range(2, 5))
def test_behind_a_gap_the_rest_is_read(missing):
    heard = behind_gap(ROWS, CONVERSATION, missing)
    assert ("Unbind Request", "", None) in [row(item) for item in heard.items]


@pytest.mark.parametrize("way", WAYS)
def test_encryption_is_looked_at_afresh(way):
    wish = CLIENT, message(1, 0x77, tlv(0x80, ldap.START_TLS.encode()))
    turns = [wish, result(1, 0x78), (CLIENT, b"\x16\x03\x01\0\x05hello"), (SERVER, b"\x16\x03\x03hi")]
    heard = WAYS[way](ROWS, turns)
    assert row(heard.items[0]) == ("Extended Request", "", "success")
    assert not [reason for reason in heard.stats.reasons if "LDAP" in reason]


def wrapped(token: bytes) -> bytes:
    return struct.pack(">I", len(token)) + token


def test_signed_messages_are_read_and_sealed_ones_counted():
    body = DELETE[1]
    checksum = bytes(12)
    rotated = checksum[-5:] + body + checksum[:-5]
    signed = b"\x05\x04\x00\xff" + struct.pack(">HHQ", 12, 5, 1) + rotated
    ntlm = b"\x01\0\0\0" + bytes(12) + REFUSED[1]
    sealed = b"\x05\x04\x02\xff" + struct.pack(">HHQ", 12, 5, 2) + bytes(40)
    heard = turn_by_turn(
        ROWS, [BIND, BOUND, (CLIENT, wrapped(signed)), (SERVER, wrapped(ntlm)), (CLIENT, wrapped(sealed))]
    )
    assert row(heard.items[1]) == ("Delete Request", "cn=bob,dc=shop", "insufficientAccessRights")
    assert heard.stats.reasons == {"LDAP messages that are encrypted": 1}


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (tlv(0xA2, tlv(0x87, b"mail")), "(!(mail=*))"),
        (tlv(0xA4, text("cn"), tlv(0x30, tlv(0x81, b"a"), tlv(0x82, b"b"))), "(cn=*a*b)"),
        (tlv(0xA5, text("n"), text("5")), "(n>=5)"),
        (tlv(0xA3, text("n"), text("a*(b)")), "(n=a\\2a\\28b\\29)"),
        (tlv(0xA9, tlv(0x81, b"1.2"), tlv(0x82, b"f"), tlv(0x83, b"2")), "(f:1.2:=2)"),
    ],
)
def test_filters(wire, expected):
    assert filter_text(Element(wire[0], wire[2:])) == expected


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (BIND[1], Says.CLIENT),
        (BOUND[1], Says.SERVER),
        (BIND[1][:3], Says.MORE),
        (tlv(0x30, number(0), text("public"), tlv(0xA0, number(1))), Says.NO),
        (b"0 hello world, this is text", Says.NO),
        (b"\x16\x03\x01\x00\xf4", Says.NO),
    ],
)
def test_recognised_by_content(head, says):
    assert ldap.probe(head) is says


@given(st.data())
def test_mutated_conversations_never_fail_inside(data):
    mutated(data, ROWS, CONVERSATION)
