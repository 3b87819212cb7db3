"""HTTP/1: framing, pairing, bodies, gaps; whole, in pieces, and bytes that are none of it."""

from __future__ import annotations

import base64
import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import http1, http1_message, http_content
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, Heard, behind_gap, brief, mutated, side_by_side, turn_by_turn

ROWS = (StreamRow("http", http1_message.probe, http1.Http1),)
C, S = CLIENT, SERVER
GET = (C, b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
OK = (S, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
TEXT = b"some text, " * 50


def deflated(data):
    raw = zlib.compressobj(wbits=-15)
    return raw.compress(data) + raw.flush()


def answer(body, *lines, status="200 OK"):
    head = "".join(line + "\r\n" for line in (f"HTTP/1.1 {status}", *lines))
    return S, head.encode() + b"\r\n" + body


def coded(body, coding):
    return answer(body, f"Content-Encoding: {coding}", f"Content-Length: {len(body)}")


def row(item):
    request, response = item["request"], item["response"]
    content = base64.b64decode(response.get("content", {}).get("text", ""))
    return (
        request.get("method"),
        request.get("url"),
        response.get("status"),
        content,
        (item["error"] or {}).get("type"),
    )


CASES = {
    "one exchange": ([GET, OK], [("GET", "/a", 200, b"ok", None)]),
    "keep-alive": ([GET, OK] * 3, [("GET", "/a", 200, b"ok", None)] * 3),
    "pipelined": ([(C, GET[1] * 3), (S, OK[1] * 3)], [("GET", "/a", 200, b"ok", None)] * 3),
    "answer to HEAD": (
        [(C, b"HEAD /a HTTP/1.1\r\n\r\n" + GET[1]), answer(b"", "Content-Length: 99"), OK],
        [("HEAD", "/a", 200, b"", None), ("GET", "/a", 200, b"ok", None)],
    ),
    "no content": ([GET, answer(b"", status="204 No Content"), GET, OK],
                   [("GET", "/a", 204, b"", None), ("GET", "/a", 200, b"ok", None)]),
    "not modified with a length": (
        [GET, answer(b"", "Content-Length: 99", status="304 Not Modified"), GET, OK],
        [("GET", "/a", 304, b"", None), ("GET", "/a", 200, b"ok", None)],
    ),
    "chunked": (
        [GET, answer(b"4\r\nWiki\r\nA;x=1\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n", "Transfer-Encoding: chunked"), GET, OK],  # noqa: E501 - told in one line
        [("GET", "/a", 200, b"Wiki0123456789", None), ("GET", "/a", 200, b"ok", None)],
    ),
    "chunks announced, none sent": ([GET, answer(b"plain <html>\n", "Transfer-Encoding: chunked")],
                                    [("GET", "/a", 200, b"plain <html>\n", None)]),
    "chunks announced, a word sent": ([GET, answer(b"XYZ", "Transfer-Encoding: chunked", "Content-Length: 3"), GET, OK],
                                      [("GET", "/a", 200, b"XYZ", None), ("GET", "/a", 200, b"ok", None)]),
    "until close": ([GET, answer(b"all of it")], [("GET", "/a", 200, b"all of it", None)]),
    "continue": (
        [(C, b"POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"), (S, b"HTTP/1.1 100 Continue\r\n\r\n"),  # noqa: E501 - told in one line
         (C, b"abc"), OK],
        [("POST", "/p", 200, b"ok", None)],
    ),
    "answer before the request is complete": (
        [(C, b"POST /p HTTP/1.1\r\nContent-Length: 3\r\n\r\na"), answer(b"", "Content-Length: 0", status="413 No"), (C, b"bc")],  # noqa: E501 - told in one line
        [("POST", "/p", 413, b"", None)],
    ),
    "gzip": ([GET, coded(gzip.compress(TEXT), "gzip")], [("GET", "/a", 200, TEXT, None)]),
    "deflate": ([GET, coded(zlib.compress(TEXT), "deflate")], [("GET", "/a", 200, TEXT, None)]),
    "raw deflate": ([GET, coded(deflated(TEXT), "deflate")], [("GET", "/a", 200, TEXT, None)]),
    "brotli": ([GET, coded(brotli.compress(TEXT), "br")], [("GET", "/a", 200, TEXT, None)]),
    "zstd": ([GET, coded(zstandard.compress(TEXT), "zstd")], [("GET", "/a", 200, TEXT, None)]),
    "two codings": ([GET, coded(brotli.compress(gzip.compress(TEXT)), "gzip, br")], [("GET", "/a", 200, TEXT, None)]),
    "not what its coding says": ([GET, coded(b"plain", "gzip")], [("GET", "/a", 200, b"plain", None)]),
    "bare line feeds": ([(C, b"GET /lf HTTP/1.0\nHost: x\n\n"), (S, b"HTTP/1.0 200 OK\nContent-Length: 2\n\nok")],
                        [("GET", "/lf", 200, b"ok", None)]),
    "bare line feeds but for the empty line": (
        [(C, b"GET /lf HTTP/1.1\nHost: x\n\r\n" * 2), (S, b"HTTP/1.1 200 OK\nContent-Length: 4\n\r\n\n\nok" * 2)],
        [("GET", "/lf", 200, b"\n\nok", None)] * 2,
    ),
    "an answer that claims another version": ([GET, (S, OK[1].replace(b"1.1", b"2.0")), GET, OK],
                                              [("GET", "/a", 200, b"ok", None)] * 2),
    "a client that does not speak HTTP": (
        [(C, b"POST abcd12345\n"), (S, b"HTTP/1.1 400 Bad Request\nServer: nginx\n\r\n"), (C, b"USER zz l6e13\n")],
        [(None, None, 400, b"", "pair-not-found")],
    ),
    "empty lines between": ([(C, b"\r\n" + GET[1]), OK], [("GET", "/a", 200, b"ok", None)]),
    "no answer": ([GET], [("GET", "/a", None, b"", "connection")]),
    "unusual method": ([(C, b"BREW /pot HTTP/1.1\r\n\r\n"), OK], [("BREW", "/pot", 200, b"ok", None)]),
    "lengths that are none": ([GET, answer(b"x", "Content-Length: -5")], [("GET", "/a", 200, b"x", None)]),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES)
def test_exchanges_come_out_however_the_bytes_arrive(case, way):
    turns, items = CASES[case]
    heard = WAYS[way](ROWS, turns)
    assert [row(item) for item in heard.items] == items
    assert [item["index"] for item in heard.items] == list(range(len(items)))
    assert not heard.stats.undissected


@pytest.mark.parametrize("case", CASES)
def test_every_way_gives_the_same_items(case):
    turns, _ = CASES[case]
    assert brief(turn_by_turn(ROWS, turns)) == brief(side_by_side(ROWS, turns))


def test_the_content_tells_who_is_the_client():
    (item,) = side_by_side(ROWS, [GET, OK], caller=None).items
    assert item["src"] == {"ip": "10.0.0.1", "port": "50000", "name": "", "namespace": ""}
    assert row(item) == ("GET", "/a", 200, b"ok", None)


def test_a_response_alone_is_a_half_pair():
    (item,) = turn_by_turn(ROWS, [OK], caller=None).items
    assert item["request"] == {}
    assert item["error"]["type"] == "pair-not-found"
    assert item["dst"]["port"] == "1234"  # who answers is the server


def test_behind_an_answer_to_something_earlier_the_rest_is_paired():
    heard = Heard(ROWS, caller=None)
    heard.say(S, [(OK[1], 1)])
    heard.say(C, [(GET[1], 2)])
    heard.say(S, [(OK[1], 3)])
    assert [row(item)[0] for item in heard.items] == [None, "GET"]


def test_times_and_sizes_are_of_the_first_and_last_byte():
    heard = Heard(ROWS)
    heard.say(C, [(GET[1][:5], 3), (GET[1][5:], 4)])
    heard.say(S, [(OK[1][:9], 20), (OK[1][9:], 25)])
    (item,) = heard.items
    assert (item["timestamp"], item["elapsedTime"]) == (3, 22)
    assert (item["requestSize"], item["responseSize"]) == (len(GET[1]), len(OK[1]))
    assert heard.rows[0].ready_ns == 25_000_000


def test_a_gap_in_a_body_keeps_the_exchange_and_the_next():
    turns = [GET, (S, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012"), (S, b"345"), (S, b"6789"), GET, OK]
    heard = behind_gap(ROWS, turns, missing=2)
    assert [row(item)[2:] for item in heard.items] == [(200, b"0126789", None), (200, b"ok", None)]
    assert heard.items[0]["response"]["bodySize"] == 10
    assert heard.stats.truncated == 1


@pytest.mark.parametrize("missing", range(6))
def test_behind_a_lost_message_the_others_find_their_partners(missing):
    turns = []
    for number in range(3):
        turns += [(C, b"GET /%d HTTP/1.1\r\n\r\n" % number), answer(b"%d" % number, "Content-Length: 1")]
    heard = behind_gap(ROWS, turns, missing)
    whole = [row(item) for item in heard.items if item["error"] is None]
    assert all(url == f"/{content.decode()}" for _, url, _, content, _ in whole)
    assert len(whole) == 2
    assert [item["error"]["type"] for item in heard.items if item["error"]]


def test_a_head_cut_by_a_gap_is_an_item_all_the_same():
    heard = behind_gap(
        ROWS, [(C, b"GET /a HTTP/1.1\r\nHost: x\r\nCoo"), (C, b"kie: a=b\r\n\r\n"), (C, GET[1]), OK], missing=1
    )
    assert [row(item)[1] for item in heard.items] == ["/a", "/a"]
    assert heard.items[0]["request"]["headers"] == {"Host": "x"}


def test_a_head_that_the_stream_ends_in_is_an_item_all_the_same():
    heard = turn_by_turn(ROWS, [GET, OK, (C, b"GET /b HTTP/1.1\r\nHost: y\r\nX-")])
    assert [row(item)[1] for item in heard.items] == ["/a", "/b"]
    assert heard.items[1]["request"]["headers"] == {"Host": "y"}
    assert heard.items[1]["error"]["type"] == "connection"
    [item] = turn_by_turn(ROWS, [GET, (S, b"HTTP/1.1 200 OK\r\nServer: b\r\n")]).items
    assert (item["response"]["headers"], item["error"]["type"]) == ({"Server": "b"}, "dissection")


def test_the_beginning_of_a_first_line_is_counted():
    heard = turn_by_turn(ROWS, [GET, OK, (C, b"GET /b HT")])
    assert len(heard.items) == 1
    assert heard.stats.reasons == {"HTTP messages of which not even the first line was captured": 1}


def test_a_large_body_is_cut_and_counted(monkeypatch):
    monkeypatch.setattr("kubeshark_nb.dissectors.http_body.MAX_CONTENT", 1000)
    heard = turn_by_turn(ROWS, [GET, answer(bytes(5000), "Content-Length: 5000"), GET, OK])
    assert heard.items[0]["response"]["content"]["size"] == 1000
    assert heard.items[0]["response"]["bodySize"] == 5000
    assert row(heard.items[1]) == ("GET", "/a", 200, b"ok", None)
    assert heard.stats.truncated == 1


def test_a_compressed_bomb_is_cut(monkeypatch):
    monkeypatch.setattr(http_content, "MAX_CONTENT", 100_000)
    for coding, body in (("gzip", gzip.compress(bytes(10**7))), ("br", brotli.compress(bytes(10**7))),
                         ("zstd", zstandard.compress(bytes(10**7)))):  # fmt: skip
        content, cut = http_content.decoded(body, coding)
        assert len(content) == 100_000
        assert cut


def test_connect_is_followed_by_whatever_the_tunnel_holds():
    turns = [(C, b"CONNECT x:80 HTTP/1.1\r\n\r\n"), answer(b"", status="200 Connection established"), GET, OK]
    heard = turn_by_turn(ROWS, turns)
    assert [row(item)[:3] for item in heard.items] == [("CONNECT", "x:80", 200), ("GET", "/a", 200)]


def test_a_refused_upgrade_goes_on_as_http():
    turns = [(C, b"GET /ws HTTP/1.1\r\nUpgrade: other\r\n\r\n"), OK, GET, OK]
    assert [row(item)[2] for item in side_by_side(ROWS, turns).items] == [200, 200]


def test_an_upgrade_to_something_unknown_is_counted():
    turns = [
        (C, b"GET /x HTTP/1.1\r\nUpgrade: other\r\n\r\n"),
        answer(b"", "Upgrade: other", status="101 Yes"),
        (C, b"\1\2"),
    ]
    heard = turn_by_turn(ROWS, turns)
    assert [row(item)[2] for item in heard.items] == [101]
    assert heard.stats.reasons == {"connections upgraded to a protocol that is not dissected": 1}


PROBES = {
    b"GET / HTTP/1.1\r\n": Says.CLIENT,
    b"GE": Says.MORE,
    b"HTTP/1.1 200 OK\r\n": Says.SERVER,
    b"HTTP/": Says.MORE,
    b"HTTP/2.0 200 OK\r\n": Says.NO,
    b"GET lost my way\r\n": Says.NO,
    b"*1\r\n": Says.NO,
    b"\x16\x03\x01": Says.NO,
    b"PRI * HTTP/2.0\r\n\r\n": Says.NO,
}


@pytest.mark.parametrize("head", PROBES)
def test_probe(head):
    assert http1_message.probe(head) is PROBES[head]


@given(st.data())
def test_mutated_conversations_never_fail(data):
    case = data.draw(st.sampled_from([name for name in CASES if all(said for _, said in CASES[name][0])]))
    mutated(data, ROWS, CASES[case][0])


@given(st.lists(st.tuples(st.sampled_from([C, S]), st.binary(max_size=60)), max_size=8))
def test_garbage_behind_an_exchange_never_fails(rest):
    heard = turn_by_turn(ROWS, [GET, OK, *((side, said) for side, said in rest if said)])
    assert row(heard.items[0]) == ("GET", "/a", 200, b"ok", None)
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]
