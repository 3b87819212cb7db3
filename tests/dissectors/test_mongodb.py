"""MongoDB: messages of today and of old, compressed, unanswered, streamed; BSON."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import bson, mongodb
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, behind_gap, brief, middle, mutated, turn_by_turn

ROWS = (StreamRow("mongodb", mongodb.probe, mongodb.Mongodb),)


def encode(document) -> bytes:
    body = b""
    for name, value in document.items():
        key = name.encode() + b"\0"
        match value:
            case bool():
                body += b"\x08" + key + bytes([value])
            case int():
                body += b"\x10" + key + struct.pack("<i", value)
            case float():
                body += b"\x01" + key + struct.pack("<d", value)
            case str():
                body += b"\x02" + key + struct.pack("<i", len(value.encode()) + 1) + value.encode() + b"\0"
            case list():
                body += b"\x04" + key + encode({str(at): one for at, one in enumerate(value)})
            case dict():
                body += b"\x03" + key + encode(value)
            case None:
                body += b"\x0a" + key
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def message(opcode, number, answered, body) -> bytes:
    return struct.pack("<iiii", len(body) + 16, number, answered, opcode) + body


def asked(number, document, flags=0, beside=b"") -> tuple[int, bytes]:
    return CLIENT, message(2013, number, 0, struct.pack("<I", flags) + b"\0" + encode(document) + beside)


def answered(number, to, document, flags=0) -> tuple[int, bytes]:
    return SERVER, message(2013, number, to, struct.pack("<I", flags) + b"\0" + encode(document))


def sequence(name, *documents) -> bytes:
    body = name.encode() + b"\0" + b"".join(map(encode, documents))
    return b"\1" + struct.pack("<i", len(body) + 4) + body


HELLO = CLIENT, message(2004, 1, 0, bytes(4) + b"admin.$cmd\0" + bytes(8) + encode({"isMaster": 1}))
WELCOME = SERVER, message(1, 9, 1, struct.pack("<iqii", 8, 0, 0, 1) + encode({"ok": 1.0, "ismaster": True}))
INSERT = asked(2, {"insert": "orders", "$db": "shop"}, beside=sequence("documents", {"a": 1}, {"a": [True, None]}))
INSERTED = answered(10, 2, {"n": 2, "ok": 1.0})
FIND = asked(3, {"find": "nothing", "$db": "shop"})
FAILED = answered(11, 3, {"ok": 0.0, "errmsg": "no", "code": 13, "codeName": "Unauthorized"})
PACKED = struct.pack("<I", 0) + b"\0" + encode({"count": "orders", "$db": "shop"})
COUNT = CLIENT, message(2012, 4, 0, struct.pack("<iiB", 2013, len(PACKED), 2) + zlib.compress(PACKED))
COUNTED = answered(12, 4, {"n": 7, "ok": 1.0})
CONVERSATION = [HELLO, WELCOME, INSERT, INSERTED, FIND, FAILED, COUNT, COUNTED]


def row(item):
    request, response = item["request"], item["response"]
    return request["opcode"], request["command"], request["database"], request["collection"], response.get("success")


@pytest.mark.parametrize("way", WAYS)
def test_reads_the_same_however_the_bytes_arrive(way):
    heard = WAYS[way](ROWS, CONVERSATION)
    assert [row(item) for item in heard.items] == [
        ("OP_QUERY", "isMaster", "admin", "", True),
        ("OP_MSG", "insert", "shop", "orders", True),
        ("OP_MSG", "find", "shop", "nothing", False),
        ("OP_MSG", "count", "shop", "orders", True),
    ]
    assert heard.items[1]["request"]["document"]["documents"] == [{"a": 1}, {"a": [True, None]}]
    failed = heard.items[2]["response"]
    assert (failed["errorCode"], failed["errorCodeName"], failed["errorMessage"]) == (13, "Unauthorized", "no")


def test_a_stream_without_its_start_and_the_server_read_first_gives_the_same():
    assert brief(middle(ROWS, CONVERSATION)) == brief(turn_by_turn(ROWS, CONVERSATION))


def test_an_error_of_a_write_is_one_of_the_command():
    wrong = answered(10, 2, {"n": 0, "ok": 1.0, "writeErrors": [{"index": 0, "code": 11000, "errmsg": "dup"}]})
    [item] = turn_by_turn(ROWS, [INSERT, wrong]).items
    assert (item["response"]["success"], item["response"]["errorCode"], item["response"]["errorMessage"]) == (
        False, 11000, "dup",
    )  # fmt: skip


def test_nobody_waits_for_an_answer_that_is_not_wanted():
    [item] = turn_by_turn(ROWS, [asked(2, {"insert": "orders", "$db": "shop"}, flags=2)]).items
    assert item["error"] is None


def test_answers_that_go_on_come_from_the_server():
    turns = [
        asked(1, {"hello": 1, "$db": "admin"}, flags=1 << 16),
        answered(5, 1, {"ok": 1.0}, flags=2),
        answered(6, 5, {"ok": 1.0}),
    ]
    heard = turn_by_turn(ROWS, turns)
    assert [(item["src"]["port"], item["error"]) for item in heard.items] == [("50000", None), ("1234", None)]


@pytest.mark.parametrize("missing", range(2, 6))
def test_behind_a_gap_only_the_exchange_in_it_is_incomplete(missing):
    heard = behind_gap(ROWS, CONVERSATION, missing)
    whole = [item["request"]["command"] for item in heard.items if not item["error"]]
    assert whole == [name for at, name in enumerate(("isMaster", "insert", "find", "count")) if at != missing // 2]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (HELLO[1], Says.CLIENT),
        (INSERT[1], Says.CLIENT),
        (WELCOME[1], Says.SERVER),
        (INSERTED[1], Says.SERVER),
        (INSERT[1][:6], Says.MORE),
        (b"GET / HTTP/1.1\r\n\r\n", Says.NO),
        (bytes(20), Says.NO),
    ],
)
def test_recognised_by_content(head, says):
    assert mongodb.probe(head) is says


def test_every_kind_of_value():
    elements = (
        b"\x07i\0" + bytes(range(12)) + b"\x09d\0" + struct.pack("<q", 1500) + b"\x0br\0a+\0i\0"
        + b"\x05b\0" + struct.pack("<iB", 2, 0) + b"hi" + b"\x12l\0" + struct.pack("<q", 1 << 40) + b"\x11t\0"
        + struct.pack("<Q", 7) + b"\x13n\0" + bytes(16) + b"\x7fM\0\xffm\0"
    )  # fmt: skip
    found, _ = bson.document(struct.pack("<i", len(elements) + 5) + elements + b"\0", 0)
    assert found == {
        "i": "000102030405060708090a0b",
        "d": "1970-01-01T00:00:01.500000Z",
        "r": "/a+/i",
        "b": "aGk=",
        "l": 1 << 40,
        "t": 7,
        "n": "0" * 32,
        "M": "MaxKey",
        "m": "MinKey",
    }


@given(
    st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=5).filter(lambda text: "\0" not in text)
        ),
        lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=4),
    )
)
def test_documents_survive(value):
    assert bson.document(encode({"v": value}), 0)[0] == {"v": value}


@given(st.binary(max_size=100))
def test_garbage_is_malformed(data):
    with suppress(bson.Malformed):
        bson.document(data, 0)


@given(st.data())
def test_mutated_conversations_never_fail_inside(data):
    mutated(data, ROWS, CONVERSATION)
