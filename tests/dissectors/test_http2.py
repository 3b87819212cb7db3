"""HTTP/2: streams, header blocks in pieces, padding, resets, gaps, late starts, upgrades, and garbage."""

from __future__ import annotations

import base64
import gzip
from struct import pack

import pytest
from hpack import Encoder
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeshark_nb.dissectors import http1, http1_message, http2, http2_half, http2_probe, http2_streams
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.dissectors.http2_frames import PREFACE
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, Heard, behind_gap, brief, byte_by_byte, middle, side_by_side, turn_by_turn

ROWS = (
    StreamRow("http", http1_message.probe, http1.Http1),
    StreamRow("http2", http2_probe.probe, http2.Http2),
)
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END, WHOLE, PADDED, PRIORITISED = 1, 4, 8, 0x20
GET = [(":method", "GET"), (":scheme", "http"), (":path", "/cart?id=7"), (":authority", "shop.test")]
POST = [(":method", "POST"), (":scheme", "http"), (":path", "/cart"), (":authority", "shop.test")]
OK = [(":status", "200"), ("content-type", "application/json")]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return pack(">BHBBL", len(payload) >> 16, len(payload) & 0xFFFF, kind, flags, stream) + payload


class Peers:
    """Writes what both ends say; each has its own header compression."""

    def __init__(self) -> None:
        self.encoders = (Encoder(), Encoder())
        hello = frame(SETTINGS, 0, 0)
        self.turns = [(CLIENT, PREFACE + hello), (SERVER, hello + frame(SETTINGS, 1, 0))]

    def block(self, side, fields) -> bytes:
        return self.encoders[side].encode(fields)

    def say(self, side, *frames: bytes) -> Peers:
        self.turns.append((side, b"".join(frames)))
        return self

    def headers(self, side, stream, fields, *, end=True) -> Peers:
        return self.say(side, frame(HEADERS, WHOLE | end, stream, self.block(side, fields)))

    def exchange(self, stream, path="/cart", body=b"{}") -> Peers:
        asked = [(name, path if name == ":path" else value) for name, value in GET]
        self.headers(CLIENT, stream, asked)
        self.headers(SERVER, stream, OK, end=False)
        return self.say(SERVER, frame(DATA, END, stream, body))


def parallel():
    peers = Peers().headers(CLIENT, 1, GET).headers(CLIENT, 3, POST, end=False)
    peers.headers(SERVER, 1, OK, end=False).say(CLIENT, frame(DATA, END, 3, b"a=1"))
    peers.headers(SERVER, 3, [(":status", "404")])
    return peers.say(SERVER, frame(DATA, 0, 1, b'{"a":'), frame(DATA, END, 1, b"1}")).turns


def in_pieces():
    peers = Peers()
    block = peers.block(CLIENT, [*GET, ("x-long", "y" * 500)])
    first = bytes([3]) + pack(">LB", 0, 15) + block[:100] + bytes(3)
    pieces = frame(HEADERS, END | PADDED | PRIORITISED, 1, first)
    rest = frame(CONTINUATION, 0, 1, block[100:200]), frame(CONTINUATION, WHOLE, 1, block[200:])
    peers.say(CLIENT, pieces).say(CLIENT, *rest).headers(SERVER, 1, OK, end=False)
    return peers.say(SERVER, frame(DATA, END | PADDED, 1, bytes([5]) + b"{}" + bytes(5))).turns


def trailers():
    peers = Peers().headers(CLIENT, 1, GET).headers(SERVER, 1, [(":status", "103"), ("link", "</a.css>")], end=False)
    peers.headers(SERVER, 1, [(":status", "200")], end=False).say(SERVER, frame(DATA, 0, 1, b"hi"))
    return peers.headers(SERVER, 1, [("x-checked", "yes")]).turns


def packed():
    peers = Peers().headers(CLIENT, 1, GET).headers(SERVER, 1, [*OK, ("content-encoding", "gzip")], end=False)
    return peers.say(SERVER, frame(DATA, END, 1, gzip.compress(b"words " * 100, mtime=0))).turns


def pushed():
    peers = Peers().headers(CLIENT, 1, GET)
    promise = pack(">L", 2) + peers.block(SERVER, [*GET[:2], (":path", "/style.css"), GET[3]])
    peers.say(SERVER, frame(PUSH, WHOLE, 1, promise)).headers(SERVER, 1, [(":status", "200")])
    return peers.headers(SERVER, 2, [(":status", "200")]).turns


def row(item):
    request, response = item["request"], item["response"]
    body = base64.b64decode(response.get("content", {}).get("text", ""))
    return (
        request.get("method"),
        request.get("url"),
        response.get("status"),
        body,
        item["error"] and item["error"]["type"],
    )


CASES = {
    "a request": (Peers().exchange(1).turns, [("GET", "/cart", 200, b"{}", None)]),
    "streams in parallel": (
        parallel(),
        [("POST", "/cart", 404, b"", None), ("GET", "/cart?id=7", 200, b'{"a":1}', None)],
    ),
    "headers in pieces, padding, priority": (in_pieces(), [("GET", "/cart?id=7", 200, b"{}", None)]),
    "early hints and trailers": (trailers(), [("GET", "/cart?id=7", 200, b"hi", None)]),
    "a compressed body": (packed(), [("GET", "/cart?id=7", 200, b"words " * 100, None)]),
    "a push": (pushed(), [("GET", "/cart?id=7", 200, b"", None), ("GET", "/style.css", 200, b"", None)]),
    "one after the other": (
        Peers().exchange(1, "/a").exchange(3, "/b").turns,
        [("GET", "/a", 200, b"{}", None), ("GET", "/b", 200, b"{}", None)],
    ),
    "reset by the client": (
        Peers().headers(CLIENT, 1, GET).say(CLIENT, frame(RST, 0, 1, pack(">L", 8))).exchange(3).turns,
        [("GET", "/cart?id=7", None, b"", "connection"), ("GET", "/cart", 200, b"{}", None)],
    ),
    "reset by the server": (
        Peers()
        .headers(CLIENT, 1, GET)
        .headers(SERVER, 1, OK, end=False)
        .say(SERVER, frame(RST, 0, 1, pack(">L", 2)))
        .turns,
        [("GET", "/cart?id=7", 200, b"", "connection")],
    ),
    "answered before the request was whole, then reset": (
        Peers()
        .headers(CLIENT, 1, POST, end=False)
        .headers(SERVER, 1, OK)
        .say(SERVER, frame(RST, 0, 1, bytes(4)))
        .turns,
        [("POST", "/cart", 200, b"", None)],
    ),
    "refused by GOAWAY": (
        Peers()
        .headers(CLIENT, 1, GET)
        .headers(CLIENT, 3, POST)
        .headers(SERVER, 1, OK)
        .say(SERVER, frame(GOAWAY, 0, 0, pack(">LL", 1, 0)))
        .turns,
        [("GET", "/cart?id=7", 200, b"", None), ("POST", "/cart", None, b"", "connection")],
    ),
    "never answered": (Peers().headers(CLIENT, 1, GET).turns, [("GET", "/cart?id=7", None, b"", "connection")]),
    "frames of types nobody knows": (
        Peers().say(CLIENT, frame(0x0C, 0, 0, b"origin"), frame(0xFA, 3, 9, b"grease" * 9)).exchange(1).turns,
        [("GET", "/cart", 200, b"{}", None)],
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES)
def test_items(case, way):
    turns, expected = CASES[case]
    heard = WAYS[way](ROWS, turns)
    assert sorted(map(repr, map(row, heard.items))) == sorted(map(repr, expected))
    assert not heard.stats.undissected


@pytest.mark.parametrize("case", CASES)
def test_sizes_and_times_do_not_depend_on_how_the_bytes_arrive(case):
    turns, _ = CASES[case]
    assert brief(byte_by_byte(ROWS, turns)) == brief(turn_by_turn(ROWS, turns)) == brief(side_by_side(ROWS, turns))


def test_the_item_in_full():
    peers = Peers().headers(
        CLIENT, 1, [*POST, ("cookie", "a=1"), ("cookie", "b=2"), ("content-type", "text/plain; x=y")], end=False
    )
    peers.say(CLIENT, frame(DATA, END, 1, b"body")).headers(SERVER, 1, [(":status", "302"), ("location", "/b")])
    (item,) = turn_by_turn(ROWS, peers.turns).items
    assert item["protocol"]["abbr"] == "HTTP/2"
    assert item["dst"]["name"] == "shop.test"
    request = item["request"]
    assert request["headers"] == {
        ":method": "POST", ":scheme": "http", ":path": "/cart", ":authority": "shop.test",
        "Content-Type": "text/plain; x=y", "Cookie": "a=1; b=2",
    }  # fmt: skip
    assert request["cookies"] == {"a": "1", "b": "2"}
    assert (request["httpVersion"], request["pathSegments"], request["bodySize"]) == ("HTTP/2.0", ["cart"], 4)
    assert request["postData"] == {"mimeType": "text/plain", "params": [], "text": "Ym9keQ==", "encoding": "base64"}
    assert (item["response"]["statusText"], item["response"]["redirectURL"]) == ("Found", "/b")
    assert (item["timestamp"], item["elapsedTime"]) == (2, 2)
    assert item["requestSize"] == len(peers.turns[2][1]) + len(peers.turns[3][1])


def test_upgrade_answers_on_stream_one():
    peers = Peers()
    asks = b"GET /cart HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"
    switches = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    answer = frame(SETTINGS, 0, 0) + frame(HEADERS, WHOLE | END, 1, peers.block(SERVER, OK))
    turns = [(CLIENT, asks), (SERVER, switches + answer), (CLIENT, PREFACE + frame(SETTINGS, 0, 0))]
    turns += Peers().exchange(3, "/b").turns[2:]
    for hear in WAYS.values():
        heard = hear(ROWS, turns)
        assert [row(item)[:3] for item in heard.items] == [
            ("GET", "/cart", 101),
            ("GET", "/cart", 200),
            ("GET", "/b", 200),
        ]
        assert "Upgrade" not in heard.items[1]["request"]["headers"]
        assert heard.items[1]["request"]["headers"]["Host"] == "shop.test"


def test_an_end_that_is_said_twice():
    peers = Peers().headers(SERVER, 1, OK, end=False).say(SERVER, frame(DATA, END, 1, b"a"), frame(DATA, END, 1, b"b"))
    heard = turn_by_turn(ROWS, peers.turns)
    assert [row(item)[2:] for item in heard.items] == [(200, b"ab", "pair-not-found")]


def test_a_request_that_was_not_captured():
    peers = Peers().exchange(1, "/a")
    (item,) = middle(ROWS, [turn for turn in peers.turns if turn[0] == SERVER]).items
    assert row(item) == (None, None, 200, b"{}", "pair-not-found")
    assert item["src"]["port"] == "50000"


def test_a_late_start_leaves_out_the_fields_it_cannot_know():
    peers = Peers()
    for number in range(1, 8, 2):
        peers.headers(CLIENT, number, [*GET, ("x-token", "secret"), ("x-number", str(number))]).headers(
            SERVER, number, OK
        )
    heard = middle(ROWS, peers.turns[-2:])
    (item,) = heard.items
    assert row(item)[:3] == ("GET", "", 200)
    assert item["request"]["headers"] == {":method": "GET", ":scheme": "http"}
    assert heard.stats.reasons["HTTP/2 header fields that refer to what was not captured"] > 0


def test_behind_a_gap_the_next_frame_is_found_and_old_indexes_are_forgotten():
    peers = Peers()
    for number in (1, 3, 5):
        peers.exchange(number, f"/{number}", b"x" * 50)
    heard = behind_gap(ROWS, peers.turns, missing=5)  # the second request
    assert [row(item)[:3] for item in heard.items] == [("GET", "/1", 200), (None, None, 200), ("GET", "/5", 200)]
    assert heard.items[1]["error"]["type"] == "pair-not-found"
    assert heard.stats.reasons["HTTP/2 header fields that refer to what was not captured"] > 0


def test_a_gap_inside_data_is_only_missing_content():
    peers = Peers().headers(CLIENT, 1, GET).headers(SERVER, 1, OK, end=False)
    body = frame(DATA, END, 1, b"abcdefghij")
    for part in (body[:12], body[12:15], body[15:]):
        peers.say(SERVER, part)
    peers.exchange(3)
    heard = behind_gap(ROWS, peers.turns, missing=5)
    assert [row(item) for item in heard.items] == [
        ("GET", "/cart?id=7", 200, b"abcghij", None),
        ("GET", "/cart", 200, b"{}", None),
    ]
    assert heard.items[0]["response"]["bodySize"] == 10
    assert heard.stats.truncated == 1


def test_header_blocks_are_not_mixed_up_by_the_cache():
    """The same bytes mean another field once the table has changed."""
    peers = Peers().headers(CLIENT, 1, [*GET, ("x-first", "1")])
    again = peers.encoders[CLIENT].encode([*GET, ("x-first", "1")])
    peers.say(CLIENT, frame(HEADERS, WHOLE | END, 3, again)).say(CLIENT, frame(HEADERS, WHOLE | END, 5, again))
    peers.headers(CLIENT, 7, [*GET, ("x-second", "2")])
    peers.say(CLIENT, frame(HEADERS, WHOLE | END, 9, again))
    names = [
        [name for name in item["request"]["headers"] if name[0] == "X"]
        for item in turn_by_turn(ROWS, peers.turns).items
    ]
    assert names == [["X-First"], ["X-First"], ["X-First"], ["X-Second"], ["X-First", "X-Second"]]


def test_too_many_streams_give_up_the_oldest():
    peers = Peers()
    count = http2_streams.MAX_STREAMS + 3
    frames = [frame(HEADERS, WHOLE | END, 2 * number + 1, peers.block(CLIENT, GET)) for number in range(count)]
    heard = Heard(ROWS)
    heard.say(CLIENT, [(peers.turns[0][1] + b"".join(frames), 0)])
    assert [item["error"]["type"] for item in heard.items] == ["timeout"] * 3


def test_a_body_of_any_size_is_capped(monkeypatch):
    monkeypatch.setattr("kubeshark_nb.dissectors.http2_message.MAX_CONTENT", 1000)
    peers = Peers().headers(CLIENT, 1, GET).headers(SERVER, 1, OK, end=False)
    peers.say(SERVER, *[frame(DATA, 0, 1, b"x" * 600)] * 4, frame(DATA, END, 1))
    heard = turn_by_turn(ROWS, peers.turns)
    (item,) = heard.items
    assert (item["response"]["bodySize"], item["response"]["content"]["size"]) == (2400, 1000)
    assert heard.stats.truncated == 1


PROBES = {
    "the preface": (PREFACE, Says.CLIENT),
    "some of the preface": (PREFACE[:9], Says.MORE),
    "a server's settings": (frame(SETTINGS, 0, 0, pack(">HL", 3, 100)), Says.SERVER),
    "settings of nobody": (frame(SETTINGS, 0, 0, pack(">HL", 999, 1)), Says.MORE),
    "a window update": (frame(WINDOW, 0, 1, bytes(4)), Says.MORE),
    "headers of a request": (frame(WINDOW, 0, 1, bytes(4)) + frame(HEADERS, WHOLE, 1, b"\x82\x86"), Says.CLIENT),
    "headers of a response": (frame(PING, 1, 0, bytes(8)) + frame(HEADERS, WHOLE, 1, b"\x88"), Says.SERVER),
    "a window update of a strange size": (frame(WINDOW, 0, 1, bytes(5)), Says.NO),
    "data of no stream": (frame(DATA, 0, 0, b"x"), Says.NO),
    "zeros": (bytes(64), Says.NO),
    "HTTP/1": (b"GET / HTTP/1.1\r\n", Says.NO),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Says.NO),
    "DNS over TCP": (b"\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www", Says.NO),
}


@pytest.mark.parametrize("case", PROBES)
def test_probe(case):
    head, says = PROBES[case]
    assert http2_probe.probe(head) is says


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutations_never_escape(data):
    turns = [
        turn
        for case in ("streams in parallel", "headers in pieces, padding, priority", "a push")
        for turn in CASES[case][0]
    ]
    wire = [bytearray(b"".join(said for who, said in turns if who == side)) for side in (CLIENT, SERVER)]
    for _ in range(data.draw(st.integers(1, 8))):
        side = data.draw(st.sampled_from((CLIENT, SERVER)))
        wire[side][data.draw(st.integers(24, len(wire[side]) - 1))] = data.draw(st.integers(0, 255))
    heard = Heard(ROWS)
    for side in (CLIENT, SERVER):
        cut = data.draw(st.integers(1, len(wire[side]) - 1))
        heard.say(side, [(bytes(wire[side][:cut]), 0)])
        heard.say(side, [(bytes(wire[side][cut:]), 1)], gap=data.draw(st.sampled_from((0, 7))))
    heard.end()
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=6))
def test_garbage_behind_a_preface_never_escapes(pieces):
    heard = Heard(ROWS)
    heard.say(CLIENT, [(PREFACE, 0)])
    for number, piece in enumerate(pieces):
        heard.say((CLIENT, SERVER)[number % 2], [(piece, number)])
    heard.end()
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]


def test_a_flood_of_resets_stays_bounded():
    """CVE-2023-44487: streams opened and reset at once, by the thousand."""
    peers = Peers()
    count = 5 * http2_streams.MAX_STREAMS
    flood = b"".join(
        frame(HEADERS, WHOLE | END, number, peers.block(CLIENT, GET)) + frame(RST, 0, number, pack(">L", 8))
        for number in range(1, 2 * count, 2)
    )
    heard = Heard(ROWS)
    heard.say(CLIENT, [(peers.turns[0][1] + flood, 0)])
    assert {item["error"]["type"] for item in heard.items} == {"connection"}
    assert len(heard.items) == count - http2_streams.MAX_STREAMS
    assert len(heard.end().items) == count


def test_a_flood_of_continuations_stays_bounded():
    """CVE-2024-27316: a header block that never ends."""
    peers = Peers()
    heard = Heard(ROWS)
    heard.say(CLIENT, [(peers.turns[0][1] + frame(HEADERS, 0, 1, b"\x82"), 0)])
    heard.say(CLIENT, [(frame(CONTINUATION, 0, 1, b"\x82") * (http2_half.MAX_BLOCK // 10 + 1), 1)])
    assert heard.stats.reasons["HTTP/2 frames that make no sense"] == 1
