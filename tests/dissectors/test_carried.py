"""LDAP in datagrams and Diameter in SCTP packets make the items they make in streams."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import carried
from kubeshark_nb.dissectors.dissector import DatagramRow, Says
from kubeshark_nb.traffic import CLIENT, SCTP, SERVER, UDP
from tests.dissectors import test_diameter, test_ldap
from tests.dissectors.told import datagrams

LDAP = (DatagramRow("ldap", UDP, carried.probe_ldap, carried.ldap_datagrams),)
DIAMETER = (DatagramRow("diameter", SCTP, carried.probe_diameter, carried.diameter_packets),)
SACK = struct.pack(">BBHIIHH", 3, 0, 16, 1, 65535, 0, 0)
INIT = struct.pack(">BBHIIHHI", 1, 0, 20, 7, 65535, 1, 1, 1)


def data(*messages, flags=3):
    """DATA chunks, each padded to four bytes."""
    chunks = b""
    for number, message in enumerate(messages):
        chunk = struct.pack(">BBHIHHI", 0, flags, 16 + len(message), number, 0, number, 46) + message
        chunks += chunk + bytes(-len(chunk) % 4)
    return chunks


def test_a_search_in_datagrams():
    heard = datagrams(LDAP, UDP, [test_ldap.SEARCH, test_ldap.FOUND, test_ldap.DELETE])
    first, second = heard.items
    assert (first["request"]["type"], first["response"]["entries"], first["error"]) == ("Search Request", 2, None)
    assert second["error"]["type"] == "pair-not-found"
    assert heard.stats.reasons == {}


def test_diameter_in_sctp_packets():
    (_, asked), (_, answered) = test_diameter.ASKED, test_diameter.ANSWERED
    turns = [
        (CLIENT, INIT),
        (CLIENT, SACK + data(asked)),
        (SERVER, data(answered) + SACK),
        (CLIENT, data(asked)),
    ]
    heard = datagrams(DIAMETER, SCTP, turns)
    assert test_diameter.row(heard.items[0]) == test_diameter.EXPECTED[0]
    assert len(heard.items) == 2


@pytest.mark.parametrize(
    ("probe", "head"),
    [
        (carried.probe_ldap, b""),
        (carried.probe_ldap, test_ldap.SEARCH[1] + b"x"),
        (carried.probe_ldap, test_ldap.SEARCH[1][:-1]),
        (carried.probe_diameter, SACK),
        (carried.probe_diameter, data(test_diameter.ASKED[1], flags=2)),
        (carried.probe_diameter, data(test_diameter.ASKED[1])[:-8]),
    ],
)
def test_what_is_neither(probe, head):
    assert probe(head) is Says.NO


def test_a_message_that_is_not_whole_is_counted():
    heard = datagrams(LDAP, UDP, [test_ldap.SEARCH, (SERVER, test_ldap.FOUND[1][:-3]), test_ldap.FOUND])
    assert heard.stats.reasons == {carried.CUT: 1}
    assert heard.items[0]["error"] is None


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_garbage_is_only_counted(body, rest):
    for rows, kind, begin in ((LDAP, UDP, test_ldap.SEARCH[1]), (DIAMETER, SCTP, data(test_diameter.ASKED[1]))):
        heard = datagrams(rows, kind, [(CLIENT, begin), (SERVER, body), (SERVER, data(body)), (CLIENT, begin + rest)])
        assert not [reason for reason in heard.stats.reasons if "failed" in reason], heard.stats.reasons
