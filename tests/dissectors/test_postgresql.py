"""PostgreSQL: simple and extended queries, errors, encryption asked for."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import postgresql, postgresql_wire
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.dissectors.statements import command_of
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, behind_gap, brief, middle, mutated, turn_by_turn

ROWS = (StreamRow("postgresql", postgresql_wire.probe, postgresql.Postgresql),)


def message(kind: str, content: bytes = b"") -> bytes:
    return kind.encode() + struct.pack(">i", len(content) + 4) + content


def client(*messages: bytes) -> tuple[int, bytes]:
    return CLIENT, b"".join(messages)


def server(*messages: bytes) -> tuple[int, bytes]:
    return SERVER, b"".join(messages)


def startup(content: bytes, code: int = 196608) -> bytes:
    return struct.pack(">ii", len(content) + 8, code) + content


READY = message("Z", b"I")
HELLO = client(startup(b"user\0ann\0database\0shop\0\0"))
WELCOME = server(message("R", bytes(4)), message("S", b"server_version\x0015\0"), message("K", bytes(8)), READY)
SELECT = client(message("Q", b"/* all */ select *\n from orders\0"))
ROWS_OF = server(
    message("T", b"\0\1id\0" + bytes(18)),
    message("D", b"\0\1\0\0\0\x017"),
    message("D", b"\0\0"),
    message("C", b"SELECT 2\0"),
    READY,
)
BAD = client(message("Q", b"selekt 1\0"))
WRONG = server(message("E", b'SERROR\0C42601\0Msyntax error at or near "selekt"\0\0'), READY)
PREPARE = client(
    message("P", b"s1\0insert into orders values ($1, $2)\0\0\0"),
    message("B", b"\0s1\0" + struct.pack(">HHi", 0, 2, 2) + b"42" + struct.pack(">i", -1) + b"\0\0"),
    message("D", b"P\0"),
    message("E", b"\0\0\0\0\0"),
    message("S"),
)
INSERTED = server(message("1"), message("2"), message("n"), message("C", b"INSERT 0 1\0"), READY)
BYE = client(message("X"))
CONVERSATION = [HELLO, WELCOME, SELECT, ROWS_OF, BAD, WRONG, PREPARE, INSERTED, BYE]


def row(item):
    request, response = item["request"], item["response"]
    return request["command"], request["query"], response.get("success"), response.get("tag"), response.get("rows")


EXPECTED = [
    ("STARTUP", "", True, "", 0),
    ("SELECT", "/* all */ select *\n from orders", True, "SELECT 2", 2),
    ("SELEKT", "selekt 1", False, "", 0),
    ("INSERT", "insert into orders values ($1, $2)", True, "INSERT 0 1", 0),
]


@pytest.mark.parametrize("way", WAYS)
def test_reads_the_same_however_the_bytes_arrive(way):
    heard = WAYS[way](ROWS, CONVERSATION)
    assert [row(item) for item in heard.items] == EXPECTED
    assert {item["request"]["user"] + "@" + item["request"]["database"] for item in heard.items} == {"ann@shop"}
    failed, insert = heard.items[2:]
    assert (failed["response"]["errorCode"], failed["response"]["errorMessage"]) == (
        "42601",
        'syntax error at or near "selekt"',
    )
    assert insert["request"]["parameters"] == ["42", None]
    assert not heard.stats.undissected


def test_a_stream_without_its_start_and_the_server_read_first_gives_the_same():
    turns = CONVERSATION[2:]
    assert brief(middle(ROWS, turns)) == brief(turn_by_turn(ROWS, turns))


def test_an_error_on_the_way_to_a_statement_is_its_outcome():
    heard = turn_by_turn(ROWS, [HELLO, WELCOME, PREPARE, WRONG, SELECT, ROWS_OF])
    assert [(item["request"]["command"], item["response"]["success"]) for item in heard.items] == [
        ("STARTUP", True), ("INSERT", False), ("SELECT", True),
    ]  # fmt: skip


def test_refused_at_the_door():
    heard = turn_by_turn(ROWS, [HELLO, server(message("E", b"SFATAL\0C28P01\0Mno\0\0"))])
    assert [row(item) for item in heard.items] == [("STARTUP", "", False, "", 0)]


@pytest.mark.parametrize("way", WAYS)
def test_encryption_refused_goes_on_in_plain_text(way):
    heard = WAYS[way](ROWS, [client(startup(b"", postgresql_wire.SSL)), server(b"N"), *CONVERSATION])
    assert [row(item) for item in heard.items] == EXPECTED


def test_encryption_granted_is_looked_at_afresh():
    wish = client(startup(b"", postgresql_wire.SSL))
    heard = turn_by_turn(ROWS, [wish, server(b"S"), client(b"\x16\x03\x01\0\x05hello")])
    assert [item["protocol"]["abbr"] for item in heard.items] == ["TCP"]


@pytest.mark.parametrize("missing", range(2, 8))
def test_behind_a_gap_only_what_is_in_it_is_missing(missing):
    again = client(message("Q", b"select 2\0")), server(message("C", b"SELECT 1\0"), READY)
    heard = behind_gap(ROWS, [*CONVERSATION[:-1], *again], missing)
    whole = [item["request"]["query"] for item in heard.items if not item["error"]]
    assert whole[-1] == "select 2"
    assert len(whole) == 4


def test_several_statements_in_one_query():
    done = server(message("C", b"UPDATE 1\0"), message("C", b"COMMIT\0"), READY)
    [_, item] = turn_by_turn(ROWS, [HELLO, WELCOME, client(message("Q", b"update a; commit\0")), done]).items
    assert item["response"]["tag"] == "UPDATE 1; COMMIT"


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (HELLO[1], Says.CLIENT),
        (startup(b"", postgresql_wire.SSL), Says.CLIENT),
        (SELECT[1], Says.CLIENT),
        (PREPARE[1], Says.CLIENT),
        (ROWS_OF[1], Says.MORE),
        (b"QUIT\r\nhello", Says.NO),
        (b"POST / HTTP/1.1\r\n", Says.NO),
        (b"\x00\x00\x00\x20\x00\x03\x00\x01\x00\x00\x00\x05\x00\x04shop", Says.NO),
    ],
)
def test_recognised_by_content(head, says):
    assert postgresql_wire.probe(head) is says


@pytest.mark.parametrize(
    ("query", "command"),
    [("select 1", "SELECT"), ("-- why\n  UPDATE a", "UPDATE"), ("((select 1))", "SELECT"), ("", ""), ("/* a */", "")],
)
def test_command(query, command):
    assert command_of(query) == command


@given(st.data())
def test_mutated_conversations_never_fail_inside(data):
    mutated(data, ROWS, CONVERSATION)
