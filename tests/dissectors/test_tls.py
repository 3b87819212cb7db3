"""TLS: hellos, decryption with a key log, gaps, and bytes that are none of it; on recorded connections."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeshark_nb.capture import open_source
from kubeshark_nb.dissectors import http1, http1_message, tls
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.model import Stats
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.streams.limits import StreamLimits
from kubeshark_nb.streams.tcp import TcpTable
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.captures.goldens import FOLDER
from tests.dissectors.told import WAYS, Heard, behind_gap, side_by_side, turn_by_turn

KEYS = KeyLog(FOLDER / "tls.keylog")
SUITES = (
    "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256", "AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256",
    "AES_256_CBC_SHA384", "AES_128_CBC_SHA", "AES_128_CCM_8", "AES_128_CBC_SHA", "AES_256_CBC_SHA",
)  # fmt: skip


def rows(keys: KeyLog):
    def make(talk):
        talk.keys = keys
        return tls.Tls(talk)

    return StreamRow("http", http1_message.probe, http1.Http1), StreamRow("tls", tls.probe, make)


ROWS = rows(KEYS)


class Segments:
    """A listener that keeps what was said, segment by segment."""

    def __init__(self, caller) -> None:
        self.caller = caller
        self.said: list[tuple[int, int, bytes]] = []

    def data(self, side, chunk) -> None:
        start = 0
        for end, time_ns in zip(chunk.ends[chunk.low : chunk.high], chunk.times[chunk.low : chunk.high], strict=True):
            if data := chunk.data[start : end - chunk.base]:
                self.said.append((time_ns, side ^ self.caller, data))
            start = end - chunk.base

    def end(self, side, why, time_ns) -> None:
        """Nothing to do."""


@cache
def connections(name="tls"):
    """Recorded connections as turns: (side, bytes)."""
    listeners: list[Segments] = []

    def opened(stream):
        listeners.append(Segments(stream.caller))
        return listeners[-1]

    table = TcpTable(opened, StreamLimits(), Stats())
    for batch in open_source(FOLDER / f"{name}.pcap.gz").batches():
        table.window(decode(batch), int(batch.time_ns.max()))
    table.finish()
    told = sorted(sorted(one.said) for one in listeners)
    return [[(side, data) for _, side, data in one] for one in told]


def brief(heard: Heard):
    return [(item["protocol"]["abbr"], item["tls"], item["response"].get("status")) for item in heard.items]


WHOLE = [("TLS", False, None), ("TLS", False, None), ("HTTP", True, 200)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(len(SUITES)))
def test_each_way_of_protecting_records(number, way):
    heard = WAYS[way](ROWS, connections()[number])
    assert brief(heard) == WHOLE
    client, server, inside = heard.items
    assert server["data"]["cipherSuiteNames"][0].endswith(SUITES[number])
    assert (client["src"]["port"], server["src"]["port"]) == ("50000", "1234")
    assert inside["stream"] == "000000000001_tls.pcap"
    assert inside["request"]["path"] == "/cart.json"
    assert not heard.stats.reasons


def test_the_hellos_in_full():
    client, server, _ = turn_by_turn(ROWS, connections()[0]).items
    assert (client["request"], client["response"]) == ({}, {})
    data = client["data"]
    assert (data["type"], data["sni"], data["alpns"], data["version"]) == (
        "ClientHello",
        "shop.test",
        ["h2", "http/1.1"],
        0x0304,
    )
    assert (data["handshakeVersion"], data["cipherSuites"], data["compressMethods"]) == (0x0303, [0x1302, 0x00FF], [0])
    assert data["ja4"] == "t13d0211h2_9d5106e3f751_303c7117418d"
    data = server["data"]
    assert (data["type"], data["version"], data["cipherSuites"], data["helloRetryRequest"]) == (
        "ServerHello",
        0x0304,
        [0x1302],
        False,
    )


def test_without_a_key_log_there_are_only_hellos():
    heard = turn_by_turn(rows(KeyLog()), connections()[0])
    assert brief(heard) == WHOLE[:2]
    assert not heard.stats.reasons


def test_a_key_log_without_the_key_is_said_once():
    keys = KeyLog()
    keys.feed([f"CLIENT_RANDOM {'00' * 32} {'11' * 48}\n"])
    for number in (0, 2):
        heard = turn_by_turn(rows(keys), connections()[number])
        assert brief(heard) == WHOLE[:2]
        assert heard.stats.reasons == {"TLS connections not decrypted: the key log has no key for them": 1}


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_wrong_keys_are_said(number):
    keys = KeyLog()
    text = (FOLDER / "tls.keylog").read_text()
    keys.feed([" ".join([*line.split()[:2], "77" * 48]) for line in text.splitlines()])
    heard = turn_by_turn(rows(keys), connections()[number])
    assert brief(heard) == WHOLE[:2]
    assert heard.stats.reasons == {"TLS connections not decrypted any further: a record does not fit the keys": 1}


@pytest.mark.parametrize("number", [0, 2, 3])
def test_behind_a_gap_the_number_of_the_next_record_is_found(number):
    """Of one connection: hellos, requests again and again. The session tickets or a request are lost."""
    turns = connections()[number]
    for missing in range(3, len(turns)):
        heard = behind_gap(ROWS, turns, missing=missing)
        assert brief(heard)[:2] == WHOLE[:2]
        assert not heard.stats.undissected


def test_a_gap_before_the_answer_still_leaves_the_answer():
    turns = connections()[0]
    from_server = [at for at, (side, _) in enumerate(turns) if side == SERVER]
    heard = behind_gap(ROWS, turns, missing=from_server[1])
    assert ("HTTP", True, 200) in brief(heard)


def test_hellos_behind_another_protocol():
    turns = connections()[2]
    before = [(CLIENT, b"\x00\x00\x00\x08\x04\xd2\x16\x2f"), (SERVER, b"S")]
    assert brief(turn_by_turn(ROWS, before + turns)) == WHOLE
    assert brief(side_by_side(ROWS, before + turns)) == WHOLE


def test_a_server_that_answers_in_plain_text():
    answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    for hear in WAYS.values():
        heard = hear(ROWS, [connections()[0][0], (SERVER, answer)])
        assert brief(heard) == [("TLS", False, None), ("HTTP", False, 400)]


def test_a_hello_in_many_records():
    side, hello = connections()[0][0]
    body = hello[5:]
    pieces = [body[at : at + 50] for at in range(0, len(body), 50)]
    turns = [(side, b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2, "big") + piece for piece in pieces))]
    (item,) = turn_by_turn(ROWS, turns).items
    assert item["data"]["sni"] == "shop.test"


PROBES = {
    "a client": (b"\x16\x03\x01\x00\xf4\x01\x00\x00\xf0\x03\x03", Says.CLIENT),
    "a server": (b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", Says.SERVER),
    "a little": (b"\x16\x03", Says.MORE),
    "nothing": (b"", Says.MORE),
    "a certificate": (b"\x16\x03\x03\x00\x7a\x0b\x00\x00\x76", Says.NO),
    "application data": (b"\x17\x03\x03\x00\x7a", Says.NO),
    "a record too long": (b"\x16\x03\x01\x7f\xff\x01\x00\x00\xf0", Says.NO),
    "version 9": (b"\x16\x03\x09", Says.NO),
    "HTTP": (b"GET / HTTP/1.1\r\n", Says.NO),
}


@pytest.mark.parametrize("case", PROBES)
def test_probe(case):
    head, says = PROBES[case]
    assert tls.probe(head) is says


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_mutations_never_escape(data):
    turns = [(side, bytearray(said)) for side, said in connections()[data.draw(st.integers(0, len(SUITES) - 1))]]
    for _ in range(data.draw(st.integers(1, 6))):
        _, wire = turns[data.draw(st.integers(0, len(turns) - 1))]
        wire[data.draw(st.integers(0, len(wire) - 1))] ^= data.draw(st.integers(1, 255))
    heard = Heard(ROWS)
    for at, (side, wire) in enumerate(turns):
        heard.say(side, [(bytes(wire), at)], gap=data.draw(st.sampled_from((0, 0, 0, 9))) if at else 0)
    heard.end()
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300), st.sampled_from((1, 2)))
def test_garbage_behind_a_hello_never_escapes(garbage, kind):
    heard = Heard(ROWS)
    heard.say(CLIENT, [(b"\x16\x03\x01\x00\xf0" + bytes([kind]) + b"\x00\x00\xec\x03\x03" + garbage, 0)])
    heard.end()
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]
