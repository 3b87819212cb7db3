"""WebSocket: messages of both sides, fragments, compression, gaps, and bytes that are none of it."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeshark_nb.dissectors import http1, http1_message
from kubeshark_nb.dissectors.dissector import StreamRow
from kubeshark_nb.dissectors.permessage_deflate import Inflater, inflaters
from kubeshark_nb.dissectors.websocket_frames import Lost, parse_header, unmasked
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, Heard, behind_gap, brief, byte_by_byte, side_by_side, turn_by_turn

ROWS = (StreamRow("http", http1_message.probe, http1.Http1),)
MASK = bytes.fromhex("a1b2c3d4")
ASK = b"GET /chat HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n%b\r\n"
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate; %b\r\n"
SHAKE = [(CLIENT, ASK), (SERVER, SWITCH % b"")]
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(side, opcode: int, payload: bytes = b"", *, last=True, packed=False) -> tuple[int, bytes]:
    length, masked = len(payload), 0x80 if side == CLIENT else 0
    if length < 126:
        size = bytes([masked | length])
    elif length < 1 << 16:
        size = bytes([masked | 126]) + length.to_bytes(2, "big")
    else:
        size = bytes([masked | 127]) + length.to_bytes(8, "big")
    head = bytes([last << 7 | packed << 6 | opcode]) + size
    if side == SERVER:
        return side, head + payload
    return side, head + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))


class Deflater:
    """A sender that compresses with what came before in mind."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(wbits=-15)

    def __call__(self, text: bytes) -> bytes:
        return (self._stream.compress(text) + self._stream.flush(zlib.Z_SYNC_FLUSH))[:-4]


def packed(*texts: bytes, parameters: bytes = b""):
    deflate = Deflater()
    turns = [(CLIENT, ASK), (SERVER, SWITCH % (DEFLATE % parameters))]
    return turns + [frame(SERVER, TEXT, deflate(text), packed=True) for text in texts]


def row(item):
    member = item["request"] or item["response"]
    data = member["payloadData"]
    shown = base64.b64decode(data) if "encoding" in member else data
    return ("client" if item["request"] else "server", member["opcode"], shown, item["error"] and item["error"]["type"])


CASES = {
    "text both ways": (
        [*SHAKE, frame(CLIENT, TEXT, "grüße".encode()), frame(SERVER, TEXT, b"hi")],
        [("client", "text", "grüße", None), ("server", "text", "hi", None)],
    ),
    "binary": ([*SHAKE, frame(SERVER, BINARY, b"\0\xff")], [("server", "binary", b"\0\xff", None)]),
    "empty": (
        [*SHAKE, frame(CLIENT, TEXT), frame(CLIENT, BINARY), frame(SERVER, PONG)],
        [("client", "text", "", None), ("client", "binary", b"", None), ("server", "pong", "", None)],
    ),
    "all lengths": (
        [*SHAKE, *[frame(CLIENT, TEXT, b"x" * size) for size in (125, 126, 65_535, 65_536)]],
        [("client", "text", "x" * size, None) for size in (125, 126, 65_535, 65_536)],
    ),
    "fragments with a ping between": (
        [*SHAKE, frame(CLIENT, TEXT, b"a", last=False), frame(CLIENT, PING, b"?"), frame(CLIENT, 0, b"b")],
        [("client", "ping", "?", None), ("client", "text", "ab", None)],
    ),
    "close": (
        [*SHAKE, frame(CLIENT, CLOSE, b"\x03\xe9bye"), frame(SERVER, CLOSE)],
        [("client", "close", "bye", None), ("server", "close", "", None)],
    ),
    "behind the answer at once": (
        [SHAKE[0], (SERVER, SHAKE[1][1] + frame(SERVER, TEXT, b"hello")[1])],
        [("server", "text", "hello", None)],
    ),
    "a fragment too few": (
        [*SHAKE, frame(SERVER, TEXT, b"a", last=False)],
        [("server", "text", "a", "connection")],
    ),
    "compressed with context takeover": (
        packed(b"the same words", b"the same words", b"the same words"),
        [("server", "text", "the same words", None)] * 3,
    ),
    "compression not used for one": (
        [*packed(b"words"), frame(SERVER, TEXT, b"plain")],
        [("server", "text", "words", None), ("server", "text", "plain", None)],
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES)
def test_items(case, way):
    turns, expected = CASES[case]
    heard = WAYS[way](ROWS, turns)
    assert heard.items[0]["response"]["status"] == 101
    assert sorted(map(repr, map(row, heard.items[1:]))) == sorted(map(repr, expected))
    assert not heard.stats.undissected


@pytest.mark.parametrize("case", CASES)
def test_sizes_and_times_do_not_depend_on_how_the_bytes_arrive(case):
    turns, _ = CASES[case]
    assert brief(byte_by_byte(ROWS, turns)) == brief(turn_by_turn(ROWS, turns)) == brief(side_by_side(ROWS, turns))


def test_the_item_in_full():
    *_, item = turn_by_turn(ROWS, [*SHAKE, frame(CLIENT, CLOSE, b"\x03\xe9bye")]).items
    assert item["protocol"]["abbr"] == "WS"
    assert item["request"] == {
        "opcode": "close",
        "url": "/chat",
        "fragments": 1,
        "compressed": False,
        "payloadLength": 5,
        "code": 1001,
        "payloadData": "bye",
    }
    assert (item["response"], item["requestSize"], item["timestamp"]) == ({}, 11, 2)


def test_without_context_takeover_every_message_stands_alone():
    turns = packed(parameters=b"server_no_context_takeover")
    turns += [frame(SERVER, TEXT, Deflater()(b"words"), packed=True) for _ in range(3)]
    heard = behind_gap(ROWS, turns, missing=3)
    assert [row(item)[2] for item in heard.items[1:]] == ["words", "words"]


def test_behind_a_gap_compressed_messages_are_given_as_they_are():
    heard = behind_gap(ROWS, packed(b"one", b"two words", b"two words"), missing=3)
    first, second = heard.items[1:]
    assert row(first) == ("server", "text", "one", None)
    assert (second["error"]["type"], second["response"]["encoding"]) == ("dissection", "base64")


def test_behind_a_gap_the_next_message_is_found():
    turns = [*SHAKE, frame(CLIENT, TEXT, b"one"), frame(CLIENT, TEXT, b"two"), frame(CLIENT, TEXT, b"three")]
    assert [row(item)[2] for item in behind_gap(ROWS, turns, missing=3).items[1:]] == ["one", "three"]


def test_a_gap_inside_a_payload_is_only_missing_content():
    side, wire = frame(CLIENT, TEXT, b"abcdefghij")
    turns = [*SHAKE, (side, wire[:8]), (side, wire[8:11]), (side, wire[11:]), frame(CLIENT, TEXT, b"next")]
    first, second = behind_gap(ROWS, turns, missing=3).items[1:]
    assert row(first) == ("client", "text", "abfghij", "dissection")
    assert row(second) == ("client", "text", "next", None)


def test_a_message_of_any_size_is_capped(monkeypatch):
    monkeypatch.setattr("kubeshark_nb.dissectors.websocket.MAX_CONTENT", 1000)
    turns = [*SHAKE, frame(SERVER, TEXT, b"x" * 600, last=False), frame(SERVER, 0, b"y" * 600)]
    heard = turn_by_turn(ROWS, turns)
    assert heard.items[1]["response"]["payloadLength"] == 1000
    assert heard.stats.truncated == 1


STRANGE = {
    "reserved bits": b"\x91\x00",
    "opcode 3": b"\x83\x00",
    "a ping in fragments": b"\x09\x00",
    "a long ping": b"\x89\x7e\x00\x80",
    "a length longer than needed": b"\x82\x7e\x00\x05",
    "a length beyond all": b"\x82\x7f" + b"\xff" * 8,
}


@pytest.mark.parametrize("case", STRANGE)
def test_no_frame_begins_like_this(case):
    with pytest.raises(Lost):
        parse_header(STRANGE[case], 0)


def test_strange_frames_are_counted():
    heard = turn_by_turn(ROWS, [*SHAKE, (CLIENT, b"\x83\x00"), frame(CLIENT, TEXT, b"after")])
    assert heard.stats.reasons == {"WebSocket frames that make no sense": 1}
    assert [row(item)[2] for item in heard.items[1:]] == ["after"]


@given(st.binary(max_size=50), st.binary(min_size=4, max_size=4), st.integers(0, 9))
def test_unmasking_is_a_xor(payload, mask, offset):
    assert unmasked(payload, mask, offset) == bytes(byte ^ mask[(at + offset) % 4] for at, byte in enumerate(payload))


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_inflates_what_zlib_deflates(texts):
    deflate, inflater = Deflater(), Inflater(keeps=True)
    assert [inflater.message(deflate(text)) for text in texts] == texts


def test_extensions():
    assert inflaters("") is None
    assert inflaters("x-webkit-deflate-frame") is None
    client, server = inflaters("permessage-deflate; client_no_context_takeover; server_max_window_bits=10")
    for inflater in (client, server):
        inflater.lose()
    assert (client.message(Deflater()(b"a")), server.message(Deflater()(b"a"))) == (b"a", None)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutations_never_escape(data):
    turns = CASES["fragments with a ping between"][0][2:] + CASES["compressed with context takeover"][0][2:]
    heard = Heard(ROWS)
    for side, said in packed():
        heard.say(side, [(said, 0)])
    for side, said in turns:
        wire = bytearray(said)
        wire[data.draw(st.integers(0, len(wire) - 1))] ^= data.draw(st.integers(0, 255))
        heard.say(side, [(bytes(wire), 1)], gap=data.draw(st.sampled_from((0, 0, 5))))
    heard.end()
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]
