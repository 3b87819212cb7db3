"""MySQL: login, queries, results with and without end markers, prepared statements, errors, encryption."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import mysql, mysql_probe
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.dissectors.mysql_words import without_attributes
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, Heard, behind_gap, brief, middle, mutated, turn_by_turn

ROWS = (StreamRow("mysql", mysql_probe.probe, mysql.Mysql),)
FLAGS = 0x200 | 0x8000 | 0x8  # protocol 4.1, secure connection, with a database
OK = b"\0\0\0\2\0\0\0"
EOF = b"\xfe\0\0\2\0"


def packets(side, *payloads: bytes, first=1):
    framed = [struct.pack("<I", len(one))[:3] + bytes([first + at]) + one for at, one in enumerate(payloads)]
    return side, b"".join(framed)


def command(code: int, rest: bytes = b""):
    return packets(CLIENT, bytes([code]) + rest, first=0)


def answer(*payloads: bytes):
    return packets(SERVER, *payloads)


def login(flags: int) -> tuple[int, bytes]:
    return packets(CLIENT, struct.pack("<IIB", flags, 1 << 24, 45) + bytes(23) + b"ann\0\x03abcshop\0")


GREETING = packets(SERVER, b"\x0a8.0.36\0" + bytes(60), first=0)
COLUMN = b"\x03def\0\0\0\x011\0\x0c" + bytes(12)
SELECT = command(3, b"select * from orders")
TWO_ROWS = answer(b"\1", COLUMN, EOF, b"\x011", b"\x012", EOF)
BAD = command(3, b"selekt")
WRONG = answer(b"\xff\x28\x04#42000You have an error")
PREPARE = command(22, b"update orders set a = ?")
PREPARED = answer(b"\0\7\0\0\0\0\0\1\0\0\0\0", COLUMN, EOF)
EXECUTE = command(23, b"\7\0\0\0\0\1\0\0\0\0\1\3\0")
DONE = answer(b"\0\5\0\2\0\0\0")
CLOSE = command(25, b"\7\0\0\0")
PING = command(14)
CONVERSATION = [
    GREETING, login(FLAGS), answer(OK), SELECT, TWO_ROWS, BAD, WRONG, PREPARE, PREPARED, EXECUTE, DONE, CLOSE, PING,
    answer(OK),
]  # fmt: skip


def row(item):
    request, response = item["request"], item["response"]
    return (
        request["command"],
        request["query"],
        response.get("success"),
        response.get("rows"),
        response.get("affectedRows"),
    )


EXPECTED = [
    ("CONNECT", "", True, 0, 0),
    ("COM_QUERY", "select * from orders", True, 2, 0),
    ("COM_QUERY", "selekt", False, 0, 0),
    ("COM_STMT_PREPARE", "update orders set a = ?", True, 0, 0),
    ("COM_STMT_EXECUTE", "update orders set a = ?", True, 0, 5),
    ("COM_PING", "", True, 0, 0),
]


@pytest.mark.parametrize("way", WAYS)
def test_reads_the_same_however_the_bytes_arrive(way):
    heard = WAYS[way](ROWS, CONVERSATION)
    items = [item for item in heard.items if item["request"]["command"] != "COM_STMT_CLOSE"]
    assert [row(item) for item in items] == EXPECTED
    assert len(heard.items) == len(items) + 1
    assert {item["request"]["user"] + "@" + item["request"]["database"] for item in items} == {"ann@shop"}
    assert (items[2]["response"]["errorCode"], items[2]["response"]["errorMessage"]) == (1064, "You have an error")
    assert items[4]["request"]["statementId"] == 7
    assert brief(heard) == brief(turn_by_turn(ROWS, CONVERSATION))


def test_a_stream_without_its_start_and_the_server_read_first_gives_the_same():
    turns = CONVERSATION[3:7]
    assert brief(middle(ROWS, turns)) == brief(turn_by_turn(ROWS, turns))


def test_rows_without_end_markers():
    rows = answer(b"\1", COLUMN, b"\x011", b"\x012", b"\xfe\0\0\2\0\0\0")
    heard = turn_by_turn(ROWS, [GREETING, login(FLAGS | 0x1000000), answer(OK), SELECT, rows, PING, answer(OK)])
    assert [item["response"]["rows"] for item in heard.items] == [0, 2, 0]


def test_more_than_one_result():
    many = answer(b"\1", COLUMN, EOF, b"\x011", b"\xfe\0\0\x0a\0", b"\0\3\0\2\0\0\0")
    [item] = turn_by_turn(ROWS, [SELECT, many]).items
    assert (item["response"]["rows"], item["response"]["affectedRows"]) == (1, 3)


@pytest.mark.parametrize("way", WAYS)
def test_encryption_is_looked_at_afresh(way):
    wish = packets(CLIENT, struct.pack("<IIB", FLAGS | 0x800, 1 << 24, 45) + bytes(23))
    heard = WAYS[way](ROWS, [GREETING, wish, (CLIENT, b"\x16\x03\x01\0\x05hello"), (SERVER, b"\x16\x03\x03hi")])
    assert [item["protocol"]["abbr"] for item in heard.items] == ["TCP"]
    assert not [reason for reason in heard.stats.reasons if "MySQL" in reason]


@pytest.mark.parametrize("missing", range(3, 8))
def test_behind_a_gap_only_what_is_in_it_is_missing(missing):
    heard = behind_gap(ROWS, CONVERSATION, missing)
    assert [item["request"]["command"] for item in heard.items if not item["error"]][-1] == "COM_PING"
    assert not heard.stats.undissected


def test_what_waits_for_a_statement_to_be_prepared_is_bounded(monkeypatch):
    monkeypatch.setattr(mysql, "MAX_LATE", 5)
    heard = Heard(ROWS)
    for number, (side, data) in enumerate([PREPARE, *[CLOSE] * 8]):
        heard.say(side, [(data, number)])
    assert len(heard.items) == 8
    assert [item["request"]["command"] for item in heard.end().items][-1] == "COM_STMT_PREPARE"


def test_query_attributes():
    assert without_attributes(b"\3\0\1select 1") == b"select 1"
    attributes = b"\2\1\0\1" + b"\x0f\0\1n" + b"\3\0\1m" + b"\2ab" + bytes(4)
    assert without_attributes(b"\3" + attributes + b"select 2") == b"select 2"


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (GREETING[1], Says.SERVER),
        (login(FLAGS)[1], Says.CLIENT),
        (login(FLAGS)[1].replace(b"\1", b"\2", 1), Says.CLIENT),
        (SELECT[1], Says.CLIENT),
        (PING[1], Says.CLIENT),
        (PING[1] + SELECT[1], Says.CLIENT),
        (TWO_ROWS[1], Says.MORE),
        (b"\x05\0\0\0\x03\0\0\0\0", Says.NO),
        (b"GET / HTTP/1.1\r\n\r\n", Says.NO),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Says.NO),
        (b"\x00\x00\x00\x1f\x00\x12\x00\x03\x00\x00\x00\x01\x00\x04shop", Says.NO),
    ],
)
def test_recognised_by_content(head, says):
    assert mysql_probe.probe(head) is says


@given(st.binary(max_size=60))
def test_garbage_in_attributes(data):
    without_attributes(data)


@given(st.data())
def test_mutated_conversations_never_fail_inside(data):
    mutated(data, ROWS, CONVERSATION)
