"""Streams and datagrams nobody understands: one bounded item each, counted as undissected."""

from __future__ import annotations

from kubeshark_nb.dissectors import redis
from kubeshark_nb.dissectors.dissector import StreamRow
from kubeshark_nb.dissectors.opaque import MAX_PAYLOAD
from kubeshark_nb.traffic import CLIENT, ICMP4, SCTP, SERVER, UDP
from tests.dissectors.told import datagrams, side_by_side, turn_by_turn

ROWS = (StreamRow("redis", redis.probe, redis.Redis),)
HELLO = [(CLIENT, b"\x01hello\xff" + bytes(2000)), (SERVER, b"\x02world"), (CLIENT, b"!" * 5000)]


def test_an_unknown_stream_is_one_item_with_its_beginning():
    for hear in (turn_by_turn, side_by_side):
        heard = hear(ROWS, HELLO)
        [item] = heard.items
        assert (item["protocol"]["abbr"], item["request"], item["response"]) == ("TCP", {}, {})
        assert (item["requestSize"], item["responseSize"], item["elapsedTime"]) == (7007, 6, 1)
        assert item["data"]["payload"].startswith("\x01hello\\xff\0")
        assert len(item["data"]["payload"]) <= MAX_PAYLOAD + 3
        assert item["data"]["answer"] == "\x02world"
        assert heard.stats.undissected == 1


def test_many_segments_are_counted_to_the_end():
    heard = turn_by_turn(ROWS, [(at % 2, b"\x01\x02\x03") for at in range(1000)])
    [item] = heard.items
    assert (item["requestSize"], item["responseSize"]) == (1500, 1500)


def test_an_understood_stream_has_no_such_item():
    heard = turn_by_turn(ROWS, [(CLIENT, b"*1\r\n$4\r\nPING\r\n"), (SERVER, b"+PONG\r\n")])
    assert [item["protocol"]["abbr"] for item in heard.items] == ["REDIS"]


def test_a_stream_without_a_word_has_none():
    assert turn_by_turn(ROWS, []).items == []


def test_datagrams():
    heard = datagrams((), UDP, [(CLIENT, b"a" * 10), (SERVER, b"b" * 20), *[(CLIENT, b"c")] * 50])
    [item] = heard.items
    assert (item["protocol"]["abbr"], item["requestSize"], item["responseSize"]) == ("UDP", 60, 20)
    assert item["data"]["length"] == 60
    assert heard.stats.undissected == 1


def test_other_kinds():
    assert datagrams((), SCTP, [(CLIENT, b"a")]).items[0]["protocol"]["abbr"] == "SCTP"
    assert datagrams((), ICMP4, [(CLIENT, b"a")]).items == []
