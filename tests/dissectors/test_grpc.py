"""gRPC: what an HTTP/2 stream carries, and Protocol Buffers without their schema."""

from __future__ import annotations

import gzip
from struct import pack

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors.grpc import answered, asked
from kubeshark_nb.dissectors.protobuf import MAX_FIELDS, fields_of
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.test_http2 import DATA, END, ROWS, Peers, frame, turn_by_turn

HELLO = b"\x0a\x03Ann"
ASKED = [
    (":method", "POST"),
    (":path", "/demo.Greeter/Hello"),
    (":authority", "greet"),
    ("content-type", "application/grpc+proto"),
]
ANSWERED = [(":status", "200"), ("content-type", "application/grpc+proto")]


def message(payload: bytes, *, compressed=False) -> bytes:
    return pack(">BL", compressed, len(payload)) + payload


def call(*answers: bytes, trailers):
    peers = Peers().headers(CLIENT, 1, ASKED, end=False).say(CLIENT, frame(DATA, END, 1, message(HELLO)))
    peers.headers(SERVER, 1, ANSWERED, end=False).say(SERVER, *[frame(DATA, 0, 1, answer) for answer in answers])
    (item,) = turn_by_turn(ROWS, peers.headers(SERVER, 1, trailers).turns).items
    return item


def test_a_call():
    item = call(message(HELLO), message(HELLO), trailers=[("grpc-status", "0")])
    assert item["protocol"]["abbr"] == "gRPC"
    assert item["dst"]["name"] == "greet"
    one = {"size": 5, "compressed": False, "fields": [{"field": 1, "type": "text", "value": "Ann"}]}
    assert item["request"]["grpc"] == {"service": "demo.Greeter", "method": "Hello", "messages": [one]}
    assert item["response"]["grpc"] == {"status": 0, "statusText": "OK", "message": "", "messages": [one, one]}
    assert item["response"]["headers"]["Grpc-Status"] == "0"
    assert item["error"] is None


def test_a_refusal():
    item = call(trailers=[("grpc-status", "7"), ("grpc-message", "not for you: 100%25")])
    answer = item["response"]["grpc"]
    assert (answer["status"], answer["statusText"], answer["message"]) == (7, "PERMISSION_DENIED", "not for you: 100%")


@pytest.mark.parametrize(("status", "shown"), [(b"", -1), (b"x", -1), (b"99", 99), (b"0", 0)])
def test_a_status_may_be_missing_or_new(status, shown):
    assert orjson.loads(answered(status, b"", b"", b""))["status"] == shown


def test_a_compressed_message():
    body = message(gzip.compress(HELLO), compressed=True)
    (one,) = orjson.loads(asked(b"/a.B/C", body, b"gzip"))["messages"]
    assert (one["compressed"], one["fields"][0]["value"]) == (True, "Ann")


def test_a_body_that_ends_early():
    assert [
        one["size"] for one in orjson.loads(asked(b"/a.B/C", message(HELLO) + message(HELLO)[:-1], b""))["messages"]
    ] == [5]


FIELDS = {
    "varint": (b"\x08\x96\x01", [(1, "varint", 150)]),
    "the highest": (b"\x08" + b"\xff" * 9 + b"\x01", [(1, "varint", 2**64 - 1)]),
    "fixed": (b"\x09" + bytes(7) + b"\x01" + b"\x15\x01\0\0\0", [(1, "fixed64", 1 << 56), (2, "fixed32", 1)]),
    "text": (b"\x12\x02hi", [(2, "text", "hi")]),
    "bytes": (b"\x12\x02\xff\xfe", [(2, "bytes", "//4=")]),
    "a message": (b"\x1a\x03\x08\x96\x01", [(3, "message", [{"field": 1, "type": "varint", "value": 150}])]),
    "empty": (b"\x12\x00", [(2, "text", "")]),
    "nothing": (b"", []),
}


@pytest.mark.parametrize("case", FIELDS)
def test_fields(case):
    data, expected = FIELDS[case]
    assert [(one["field"], one["type"], one["value"]) for one in fields_of(data)] == expected


@pytest.mark.parametrize(
    "data", [b"\x08", b"\x0b\x0c", b"\x12\x05hi", b"\x00\x01", b"\x08" + b"\xff" * 11, b"\x09\x01"]
)
def test_no_message(data):
    assert fields_of(data) is None


def test_depth_and_width_are_bounded():
    nested = b""
    for _ in range(40):
        nested = b"\x1a" + bytes([len(nested)]) + nested
    assert orjson.dumps(fields_of(nested))
    assert len(fields_of(b"\x08\x01" * 5000)) == MAX_FIELDS


@given(st.binary(max_size=200))
def test_garbage_is_a_message_or_not(data):
    assert orjson.dumps(fields_of(data))
