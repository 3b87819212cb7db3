"""DNS: every record Kubeshark shows, pairing, multicast, TCP; cut and hostile messages."""

from __future__ import annotations

import struct
from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import dns
from kubeshark_nb.dissectors.datagrams import Datagrams
from kubeshark_nb.dissectors.dissector import DatagramRow, Says, StreamRow
from kubeshark_nb.dissectors.dns_message import parse_message
from kubeshark_nb.dissectors.dns_records import Malformed
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.traffic import CLIENT, SERVER, UDP, Datagram, Endpoint
from tests.dissectors.told import ENDS, MS, WAYS, Heard, datagrams, turn_by_turn

ROWS = (DatagramRow("dns", UDP, dns.probe_datagram, dns.DnsDatagrams),)
STREAM = (StreamRow("dns", dns.probe_stream, dns.DnsStream),)
POINTER = b"\xc0\x0c"


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def record(kind, data, owner=POINTER, ttl=30, klass=1):
    return owner + struct.pack(">HHIH", kind, klass, ttl, len(data)) + data


def message(*answers, ident=7, flags=0x8180, asked="orders.shop.svc.cluster.local", kind=1, more=()):
    counts = (1, len(answers), 0, len(more))
    return (
        struct.pack(">HH", ident, flags) + struct.pack(">HHHH", *counts) + name(asked) + struct.pack(">HH", kind, 1)
        + b"".join(answers) + b"".join(more)
    )  # fmt: skip


QUERY = message(flags=0x0100)
ADDRESS = message(record(1, ip_address("10.0.0.9").packed))
RECORDS = {
    "a": (1, b"\x0a\0\0\x09", "A", "ip", "10.0.0.9"),
    "aaaa": (28, ip_address("fd00::9").packed, "AAAA", "ip", "fd00::9"),
    "ns": (2, name("ns.x"), "NS", "ns", "ns.x"),
    "cname": (5, name("other.x"), "CNAME", "cname", "other.x"),
    "cname by pointer": (5, b"\3www" + POINTER, "CNAME", "cname", "www.orders.shop.svc.cluster.local"),
    "ptr": (12, name("host.x"), "PTR", "ptr", "host.x"),
    "mx": (15, b"\0\x0a" + name("mail.x"), "MX", "mx", "10 mail.x"),
    "txt": (16, b"\5hello\3you", "TXT", "txts", "hello,you"),
    "srv": (33, struct.pack(">HHH", 1, 2, 8080) + name("s.x"), "SRV", "srv", "1 2 8080 s.x"),
    "soa": (
        6,
        name("ns.x") + name("root.x") + struct.pack(">5I", 1, 2, 3, 4, 5),
        "SOA",
        "soa",
        "ns.x root.x 1 2 3 4 5",
    ),
    "uri": (256, struct.pack(">HH", 1, 2) + b"http://x/", "URI", "uri", "1 2 http://x/"),
    "unknown": (65280, b"??", "TYPE65280", "ip", ""),
    "address of the wrong size": (1, b"\1\2\3", "A", "ip", ""),
}
FIELDS = ["name", "type", "ttl", "ip", "ns", "cname", "ptr", "txts", "soa", "srv", "mx", "opt", "uri", "class"]


@pytest.mark.parametrize("case", RECORDS)
def test_records(case):
    kind, data, shown, field, value = RECORDS[case]
    (item,) = datagrams(ROWS, UDP, [(CLIENT, QUERY), (SERVER, message(record(kind, data)))]).items
    (answer,) = item["response"]["answers"]
    assert list(answer) == FIELDS
    assert (answer["name"], answer["type"], answer["ttl"], answer["class"]) == (
        "orders.shop.svc.cluster.local",
        shown,
        30,
        "IN",
    )
    assert answer[field] == value
    assert all(answer[other] == "" for other in FIELDS[3:13] if other != field)


def test_an_answer_is_one_item_with_its_question():
    (item,) = datagrams(ROWS, UDP, [(CLIENT, QUERY), (SERVER, ADDRESS)]).items
    assert item["request"] == {
        "opCode": "Query", "questions": [{"name": "orders.shop.svc.cluster.local", "type": "A", "class": "IN"}],
    }  # fmt: skip
    assert item["response"]["code"] == "No Error"
    assert item["response"]["authorities"] == item["response"]["additionals"] == []
    assert item["requestSize"] == item["responseSize"] == len(ADDRESS) + 42
    assert (item["timestamp"], item["elapsedTime"], item["error"]) == (0, 1, None)
    assert item["protocol"]["abbr"] == "DNS"


def test_an_answer_alone_tells_who_asked():
    heard = Heard((), datagrams=ROWS)
    heard.talk = Datagrams(
        heard.scene, UDP, "000000000001_udp.pcap", (Endpoint("10.0.0.9", 53), Endpoint("10.0.0.5", 4))
    )
    heard.talk.datagram(0, Datagram(ADDRESS, 5 * MS, 77))
    (item,) = heard.items
    assert (item["src"]["ip"], item["dst"]["ip"]) == ("10.0.0.5", "10.0.0.9")
    assert item["elapsedTime"] == 0


def test_a_question_without_an_answer_is_a_half_pair():
    (item,) = datagrams(ROWS, UDP, [(CLIENT, QUERY)]).items
    assert item["response"] == {}
    assert item["error"]["type"] == "pair-not-found"


def test_a_question_asked_again_is_two_items():
    first, second = datagrams(ROWS, UDP, [(CLIENT, QUERY), (CLIENT, QUERY), (SERVER, ADDRESS)]).items
    assert first["error"]["type"] == "timeout"
    assert (second["timestamp"], second["error"]) == (1, None)


def test_a_question_to_everyone_needs_no_answer():
    heard = Heard((), datagrams=ROWS)
    ends = (Endpoint("10.0.0.5", 5353), Endpoint("224.0.0.251", 5353))
    heard.talk = Datagrams(heard.scene, UDP, "000000000001_udp.pcap", ends)
    heard.talk.datagram(0, Datagram(message(flags=0), 1, 77))
    heard.talk.datagram(0, Datagram(ADDRESS, 2, 77))  # the same host announces something
    asked, announced = heard.items
    assert asked["error"] is None
    assert (asked["src"]["ip"], asked["dst"]["ip"]) == ("10.0.0.5", "224.0.0.251")
    assert (announced["src"]["ip"], announced["dst"]["ip"]) == ("224.0.0.251", "10.0.0.5")


def test_codes_have_their_names():
    codes = {
        0: "No Error",
        1: "Format Error",
        2: "Server Failure",
        3: "Non-Existent Domain",
        5: "Query Refused",
        13: "Code 13",
    }
    for code, words in codes.items():
        (item,) = datagrams(ROWS, UDP, [(SERVER, message(flags=0x8180 | code))]).items
        assert item["response"]["code"] == words


def test_the_upper_bits_of_a_code_are_in_the_options():
    options = record(41, b"\0\x0a\0\2ab", owner=b"\0", ttl=1 << 24, klass=1232)
    (item,) = datagrams(ROWS, UDP, [(SERVER, message(more=[options]))]).items
    (additional,) = item["response"]["additionals"]
    assert (additional["type"], additional["opt"], additional["class"]) == ("OPT", "10=6162", "1232")
    assert item["response"]["code"] == "Code 16"


def test_answers_give_names_to_addresses():
    names = NameTable()
    dns.learn_datagram(names, ADDRESS, 5)
    assert names.lookup("10.0.0.9", 80, 5)[:2] == ("orders.shop", "shop")
    assert names.lookup("10.0.0.9", 80, 4).name == ""  # not known before the answer


def test_answers_over_tcp_give_names_to_addresses():
    heard = turn_by_turn(
        STREAM, [(side, struct.pack(">H", len(said)) + said) for side, said in ((CLIENT, QUERY), (SERVER, ADDRESS))]
    )
    assert heard.scene.names.lookup("10.0.0.9", 80, 10**18).name == "orders.shop"


def test_an_answer_over_tcp_that_names_its_own_server_is_an_item_with_that_name():
    """As over UDP, where all answers of a window are heard before items are made of them."""
    answer = message(record(1, ip_address(ENDS[SERVER].ip).packed))
    heard = turn_by_turn(STREAM, [(SERVER, struct.pack(">H", len(answer)) + answer)])
    (item,) = heard.items
    assert item["dst"]["name"] == "orders.shop"


@pytest.mark.parametrize("flags", [0x81C0, 0x8180])
def test_what_a_first_datagram_could_not_be_teaches_all_the_same(flags):
    """A reserved bit is set, a type that nobody has heard of is asked for: within DNS that happens."""
    names = NameTable()
    dns.learn_datagram(names, message(record(1, b"\x0a\0\0\x09"), flags=flags, kind=64_000), 5)
    assert names.lookup("10.0.0.9", 80, 5).name == "orders.shop"


def test_what_was_captured_of_an_answer_teaches():
    names = NameTable()
    dns.learn_datagram(names, message(record(1, b"\x0a\0\0\x09"), record(1, b"\x0a\0\0\x0a"))[:-3], 5)
    assert names.lookup("10.0.0.9", 80, 5).name == "orders.shop"
    assert names.lookup("10.0.0.10", 80, 5).name == ""


def test_an_answer_our_parser_fails_at_stops_nothing(monkeypatch):
    monkeypatch.setattr(dns, "MESSAGES", {})
    dns.learn_datagram(NameTable(), ADDRESS, 5)
    heard = datagrams(ROWS, UDP, [(CLIENT, QUERY), (SERVER, ADDRESS)])
    assert [item["protocol"]["name"] for item in heard.items] == ["udp"]
    assert heard.stats.reasons == {"streams left undissected: telling the protocol failed (KeyError)": 1}


def test_a_stream_our_parser_fails_at_stops_nothing(monkeypatch):
    monkeypatch.setattr(dns, "MESSAGES", {})
    heard = turn_by_turn(STREAM, [(CLIENT, struct.pack(">H", len(QUERY)) + QUERY)])
    assert heard.stats.reasons == {"streams left undissected: telling the protocol failed (KeyError)": 1}


@pytest.mark.parametrize("data", [b"", b"\0", QUERY, ADDRESS[:11], ADDRESS[:30], b"\xff" * 60, bytes(60)])
def test_what_is_no_answer_teaches_nothing(data):
    names = NameTable()
    dns.learn_datagram(names, data, 5)
    assert names.history() == {}


def test_names_outside_the_cluster_stay_whole():
    assert dns.cluster_name("example.com") == ("example.com", "", "", "")
    assert dns.cluster_name("db.prod.svc") == ("db.prod", "prod", "", "")


TURNS = [(CLIENT, QUERY), (SERVER, ADDRESS), (CLIENT, message(flags=0x0100, ident=8)), (SERVER, message(ident=8))]


@pytest.mark.parametrize("way", WAYS)
def test_over_tcp(way):
    turns = [(side, struct.pack(">H", len(data)) + data) for side, data in TURNS]
    heard = WAYS[way](STREAM, turns)
    assert [len(item["response"]["answers"]) for item in heard.items] == [1, 0]
    assert all(item["error"] is None for item in heard.items)


def test_a_damaged_answer_is_an_item_that_says_so():
    cut = message(record(1, b"\x0a\0\0\x09"), record(1, b"\x0a\0\0\x0a"))[:-3]
    (item,) = datagrams(ROWS, UDP, [(CLIENT, QUERY), (SERVER, cut)]).items
    assert [answer["ip"] for answer in item["response"]["answers"]] == ["10.0.0.9"]
    assert item["error"]["type"] == "dissection"


NOT_DNS = {
    "empty": b"",
    "short": b"\0\1\1\0",
    "noise": bytes(range(60)),
    "zeros": bytes(40),
    "pointer to itself": struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1",
    "netbios": message(flags=0x0100, asked="FHFAEBEECACACACACACACACACACACAAA", kind=32),
}


@pytest.mark.parametrize("case", NOT_DNS)
def test_what_is_not_dns(case):
    assert dns.probe_datagram(NOT_DNS[case]) is Says.NO
    heard = datagrams(ROWS, UDP, [(CLIENT, NOT_DNS[case])])
    assert [item for item in heard.items if item["protocol"]["abbr"] == "DNS"] == []
    assert heard.stats.undissected == 1


@given(st.binary(max_size=200))
def test_garbage_raises_only_malformed(data):
    with suppress(Malformed):
        parse_message(data)
    assert dns.probe_datagram(data) in Says
    assert dns.probe_stream(data) in Says


@given(
    st.sampled_from([QUERY, ADDRESS, *(message(record(kind, data)) for kind, data, *_ in RECORDS.values())]), st.data()
)
def test_mutated_messages_never_fail(wire, data):
    changed = bytearray(wire)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    heard = datagrams(ROWS, UDP, [(CLIENT, QUERY), (SERVER, bytes(changed))])
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]


@given(st.lists(st.tuples(st.sampled_from([CLIENT, SERVER]), st.binary(max_size=60)), max_size=6))
def test_garbage_behind_a_message_over_tcp_never_fails(rest):
    first = struct.pack(">H", len(QUERY)) + QUERY
    heard = turn_by_turn(STREAM, [(CLIENT, first), *((side, said) for side, said in rest if said)])
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]


def test_in_a_datagram_any_opcode_will_do_and_an_inverse_query_needs_no_question():
    inverse = struct.pack(">HHHHHH", 1, 0x0800, 0, 1, 0, 0) + b"\0" + struct.pack(">HHIH", 1, 1, 0, 4) + b"\x0a\0\0\x09"
    assert dns.probe_datagram(inverse) is Says.CLIENT
    assert dns.probe_datagram(message(flags=0x4800)) is Says.CLIENT  # opcode 9
    assert dns.probe_stream(b"\0\x2f" + message(flags=0x4800)) is Says.NO
