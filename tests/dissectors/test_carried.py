"""LDAP in datagrams and Diameter in SCTP packets make the items they make in streams."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers import sctp as scapy_sctp
from scapy.layers.inet import IP

from kubeshark_nb.capture import open_source
from kubeshark_nb.dissectors import carried, sctp
from kubeshark_nb.dissectors.dissector import DatagramRow, Says
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection
from kubeshark_nb.traffic import CLIENT, SCTP, SERVER, UDP, Datagram
from tests import craft
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
        (carried.probe_diameter, data(test_diameter.ASKED[1][:40], flags=1)),
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


def pieces(message, count, number=7):
    """The DATA chunks of a message in so many pieces, one by one."""
    size = -(-len(message) // count)
    cut = [message[at : at + size] for at in range(0, len(message), size)]
    for at, piece in enumerate(cut):
        flags = 2 * (at == 0) | (at == len(cut) - 1)
        head = struct.pack(">BBHIHHI", 0, flags, 16 + len(piece), (number + at) % 2**32, 0, 0, 46)
        yield head + piece + bytes(-len(piece) % 4)


ASKED, ANSWERED = test_diameter.ASKED[1], test_diameter.ANSWERED[1]
ORDERS = {
    "in order": lambda parts: parts,
    "the other way round": lambda parts: parts[::-1],
    "each twice": lambda parts: [part for part in parts for _ in "ab"],
    "in one packet": lambda parts: [b"".join(parts)],
    "with something between": lambda parts: [part for one in parts for part in (SACK, one + SACK)],
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("number", [7, 2**32 - 2])
def test_messages_in_pieces(order, number):
    asked, answered = (ORDERS[order](list(pieces(message, 3, number))) for message in (ASKED, ANSWERED))
    begin = [(CLIENT, data(test_diameter.LOOK[1])), (SERVER, data(test_diameter.UNKNOWN[1]))]
    turns = [*begin, *((CLIENT, one) for one in asked), *((SERVER, one) for one in answered)]
    heard = datagrams(DIAMETER, SCTP, turns)
    assert [test_diameter.row(item) for item in heard.items] == [test_diameter.EXPECTED[2], test_diameter.EXPECTED[0]]
    assert heard.stats.reasons == {}


def test_a_message_in_pieces_has_the_times_of_its_first_and_last_byte():
    turns = [*((CLIENT, one) for one in pieces(ASKED, 3)), (SERVER, data(ANSWERED))]
    heard = datagrams(DIAMETER, SCTP, turns)
    [item] = heard.items
    assert (item["timestamp"], item["elapsedTime"], item["requestSize"]) == (0, 3, len(ASKED))


def test_pieces_that_stay_alone_are_counted():
    first, second, third = pieces(ASKED, 3)
    heard = datagrams(DIAMETER, SCTP, [(CLIENT, data(ASKED)), (CLIENT, first), (CLIENT, third), (SERVER, second)])
    assert heard.stats.reasons == {sctp.LOST: 3}
    assert len(heard.items) == 1


def test_what_waits_for_other_pieces_is_bounded(monkeypatch):
    monkeypatch.setattr(sctp, "MAX_PARTS", 10)
    alone = [(CLIENT, next(pieces(ASKED, 3, number))) for number in range(0, 600, 3)]
    talk = datagrams(DIAMETER, SCTP, alone[:1]).scene
    one = sctp.SctpMessages(talk.stats)
    for _, packet in alone:
        assert not list(one.messages(Datagram(packet, 0, 0)))
    assert len(one._parts) == 10
    one.end()
    assert talk.stats.reasons[sctp.LOST] == 1 + len(alone)


def test_a_chunk_that_was_cut_is_counted():
    heard = datagrams(DIAMETER, SCTP, [(CLIENT, data(ASKED)), (SERVER, data(ANSWERED)[:-9]), (SERVER, data(ANSWERED))])
    assert heard.stats.reasons == {sctp.CUT: 1}
    assert [item["error"] for item in heard.items] == [None]


def test_through_a_capture(tmp_path):
    """Packets as scapy builds them, over IPv4, the answer in two chunks of one packet and one of the next."""
    ends = {"src": craft.CLIENT_IP, "dst": craft.SERVER_IP}, {"src": craft.SERVER_IP, "dst": craft.CLIENT_IP}
    ports = {"sport": 40000, "dport": 3868}, {"sport": 3868, "dport": 40000}
    third = len(ANSWERED) // 3
    cut = [ANSWERED[:third], ANSWERED[third : 2 * third], ANSWERED[2 * third :]]
    parts = [
        scapy_sctp.SCTPChunkData(data=piece, tsn=5 + at, beginning=at == 0, ending=at == 2, proto_id=46)
        for at, piece in enumerate(cut)
    ]
    frames = [
        IP(**ends[0])
        / scapy_sctp.SCTP(**ports[0])
        / scapy_sctp.SCTPChunkData(data=ASKED, tsn=1, beginning=1, ending=1, proto_id=46),
        IP(**ends[1]) / scapy_sctp.SCTP(**ports[1]) / parts[0] / parts[1],
        IP(**ends[1]) / scapy_sctp.SCTP(**ports[1]) / parts[2],
    ]
    path = tmp_path / "sctp.pcap"
    path.write_bytes(craft.pcap([craft.ethernet(bytes(frame)) for frame in frames]))
    stats = Stats()
    reading = Dissection(open_source(str(path)), NodeInfo(), NameTable(), stats)
    [item] = [json.loads(item.json) for window in reading.windows() for item in window.items]
    assert test_diameter.row(item)[:4] == test_diameter.EXPECTED[0][:4]
    assert stats.reasons == {}


def test_a_piece_in_front_of_a_message_hides_nothing():
    *_, last = pieces(ANSWERED, 3)
    assert carried.probe_diameter(last + data(ASKED)) is Says.CLIENT
    assert carried.probe_diameter(last) is Says.NO
