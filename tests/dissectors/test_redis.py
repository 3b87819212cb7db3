"""Redis: commands, replies, pushes; whole, in pieces, with gaps, and bytes that are none of it."""

from __future__ import annotations

import hiredis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import redis
from kubeshark_nb.dissectors.buffer import Buffer
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.dissectors.resp import MAX_KEPT, Malformed, Reader
from kubeshark_nb.traffic import CLIENT, SERVER, Chunk
from tests.dissectors.told import WAYS, Heard, behind_gap, brief, byte_by_byte, middle, turn_by_turn

ROWS = (StreamRow("redis", redis.probe, redis.Redis),)


def say(*words: str) -> tuple[int, bytes]:
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    return CLIENT, (f"*{len(words)}\r\n" + "".join(parts)).encode()


def reply(text: str) -> tuple[int, bytes]:
    return SERVER, text.replace(" ", "\r\n").encode() + b"\r\n"


def row(item):
    request, response = item["request"], item["response"]
    return (
        (request["type"], request["command"], request["key"], request["value"], request["keyword"]),
        (response["type"], response["key"], response["value"], response["keyword"]),
        item["error"] and item["error"]["type"],
    )


NOTHING = ("", "", "", "", "")
SILENCE = ("", "", "", "")
CASES = {
    "set and get": (
        [say("SET", "a", "1"), reply("+OK"), say("get", "a"), reply("$1 1")],
        [
            (("Array", "SET", "a", "1", ""), ("Simple String", "", "OK", "OK"), None),
            (("Array", "GET", "a", "", ""), ("Bulk String", "", "1", ""), None),
        ],
    ),
    "more than three words": (
        [say("SET", "k", "v", "EX", "10"), reply("+OK")],
        [(("Array", "SET", "k", "[v, EX, 10]", ""), ("Simple String", "", "OK", "OK"), None)],
    ),
    "a pipeline": (
        [(CLIENT, say("INCR", "n")[1] + say("INCR", "n")[1]), reply(":1 :2")],
        [
            (("Array", "INCR", "n", "", ""), ("Integer", "", "1", ""), None),
            (("Array", "INCR", "n", "", ""), ("Integer", "", "2", ""), None),
        ],
    ),
    "nothing there": (
        [say("GET", "x"), reply("$-1"), say("LPOP", "x"), reply("*-1"), say("GET", "x"), reply("_")],
        [
            (("Array", "GET", "x", "", ""), ("Null", "", "", ""), None),
            (("Array", "LPOP", "x", "", ""), ("Null", "", "", ""), None),
            (("Array", "GET", "x", "", ""), ("Null", "", "", ""), None),
        ],
    ),
    "an error, and a command nobody knows": (
        [say("FLY", "home"), reply("-ERR")],
        [],
    ),
    "RESP3": (
        [say("HELLO", "3"), reply("%2 +proto :3 +id ,1.5"), say("SMEMBERS", "s"), reply("~2 #t (12345678901234567890")],
        [
            (("Array", "HELLO", "3", "", ""), ("Map", "", "[proto, 3, id, 1.5]", ""), None),
            (("Array", "SMEMBERS", "s", "", ""), ("Set", "", "[t, 12345678901234567890]", ""), None),
        ],
    ),
    "attributes are about the value that follows": (
        [say("GET", "a"), reply("|1 +ttl :3600 $1 1")],
        [(("Array", "GET", "a", "", ""), ("Bulk String", "", "1", ""), None)],
    ),
    "two channels and what is said on one": (
        [
            say("SUBSCRIBE", "a", "b"),
            reply("*3 $9 subscribe $1 a :1 *3 $9 subscribe $1 b :2"),
            reply("*3 $7 message $1 a $2 hi"),
            say("UNSUBSCRIBE", "a"),
            reply("*3 $11 unsubscribe $1 a :1"),
        ],
        [
            (("Array", "SUBSCRIBE", "a", "b", ""), ("Array", "a", "1", "SUBSCRIBE"), None),
            (("Array", "", "b", "2", "SUBSCRIBE"), SILENCE, None),
            (("Array", "", "a", "hi", "MESSAGE"), SILENCE, None),
            (("Array", "UNSUBSCRIBE", "a", "", ""), ("Array", "a", "1", "UNSUBSCRIBE"), None),
        ],
    ),
    "pushes between command and reply": (
        [
            say("GET", "a"),
            reply(">2 $10 invalidate *1 $1 a $1 1"),
        ],
        [
            (("Push", "", "invalidate", "[a]", "INVALIDATE"), SILENCE, None),
            (("Array", "GET", "a", "", ""), ("Bulk String", "", "1", ""), None),
        ],
    ),
    "no reply wanted": (
        [say("CLIENT", "REPLY", "SKIP"), say("SET", "a", "1"), say("GET", "a"), reply("$1 1")],
        [
            (("Array", "CLIENT", "REPLY", "SKIP", ""), SILENCE, None),
            (("Array", "SET", "a", "1", ""), SILENCE, None),
            (("Array", "GET", "a", "", ""), ("Bulk String", "", "1", ""), None),
        ],
    ),
    "typed by hand": (
        [(CLIENT, b"PING\r\n"), (SERVER, b"+PONG\r\n"), (CLIENT, b"\r\nset a 1\r\n"), (SERVER, b"+OK\r\n")],
        [
            (("Array", "PING", "", "", ""), ("Simple String", "", "PONG", "PONG"), None),
            (("Array", "SET", "a", "1", ""), ("Simple String", "", "OK", "OK"), None),
        ],
    ),
    "never answered": (
        [say("BLPOP", "q", "0")],
        [(("Array", "BLPOP", "q", "0", ""), SILENCE, "connection")],
    ),
}  # fmt: skip
CASES["an error, and a command nobody knows"] = (
    [say("PING"), reply("+PONG"), say("FLY", "home"), (SERVER, b"-ERR unknown command 'FLY'\r\n")],
    [
        (("Array", "PING", "", "", ""), ("Simple String", "", "PONG", "PONG"), None),
        (("Array", "", "", "[FLY, home]", ""), ("Error", "", "ERR unknown command 'FLY'", ""), None),
    ],
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES)
def test_reads_the_same_however_the_bytes_arrive(case, way):
    turns, expected = CASES[case]
    heard = WAYS[way](ROWS, turns)
    assert sorted(map(row, heard.items), key=repr) == sorted(expected, key=repr)
    assert not heard.stats.undissected


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case not in ("typed by hand", "never answered", "two channels and what is said on one")],
)
def test_a_stream_without_its_start_and_the_server_read_first_gives_the_same(case):
    turns, _ = CASES[case]
    assert brief(middle(ROWS, turns)) == brief(turn_by_turn(ROWS, turns))


def test_times_and_sizes_are_those_of_the_bytes():
    [item] = turn_by_turn(ROWS, [say("GET", "a"), reply("$1 1")]).items
    assert (item["requestSize"], item["responseSize"], item["timestamp"], item["elapsedTime"]) == (20, 7, 0, 1)
    assert (item["src"]["port"], item["dst"]["port"]) == ("50000", "1234")


def test_a_push_comes_from_the_server():
    heard = turn_by_turn(ROWS, [say("PING"), reply("+PONG"), reply(">3 $7 message $1 a $2 hi")])
    assert heard.items[1]["src"]["port"] == "1234"


PLAIN = [say("GET", "a"), reply("$1 1"), say("GET", "b"), reply("$1 2"), say("GET", "c"), reply("$1 3")]


@pytest.mark.parametrize("missing", range(2, 6))
def test_behind_a_gap_only_the_exchange_in_it_is_incomplete(missing):
    heard = behind_gap(ROWS, PLAIN, missing)
    whole = [item for item in heard.items if not item["error"]]
    assert [(item["request"]["key"], item["response"]["value"]) for item in whole] == [
        pair for at, pair in enumerate((("a", "1"), ("b", "2"), ("c", "3"))) if at != missing // 2
    ]
    assert len(heard.items) == 3


def test_replication_is_left_alone():
    heard = turn_by_turn(ROWS, [say("PSYNC", "?", "-1"), reply("+FULLRESYNC"), (SERVER, b"$9\r\nREDIS0009")])
    assert heard.items[0]["request"]["command"] == "PSYNC"
    assert heard.stats.reasons == {"Redis replication streams": 1}


def test_a_large_value_is_kept_in_part_and_counted():
    large = b"x" * (MAX_KEPT + 1)
    set_it = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$%d\r\n%b\r\n" % (len(large), large)
    heard = Heard(ROWS)
    for at in range(0, len(set_it), 1 << 16):
        heard.say(CLIENT, [(set_it[at : at + (1 << 16)], at)])
        assert len(heard.talk.buffers[CLIENT]) == 0
    heard.say(SERVER, [(b"+OK\r\n", 1 << 22)])
    [item] = heard.end().items
    assert len(item["request"]["value"]) < MAX_KEPT
    assert item["requestSize"] == len(set_it)
    assert heard.stats.truncated == 1


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (say("GET", "a")[1], Says.CLIENT),
        (b"*1\r\n$4\r\nPING\r\n", Says.CLIENT),
        (b"*2\r\n$3\r\n", Says.MORE),
        (b"*", Says.MORE),
        (b"PING\r\n", Says.MORE),
        (b"+PONG\r\n", Says.SERVER),
        (b"$5\r\nhello\r\n", Says.SERVER),
        (b"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n", Says.SERVER),
        (b"-ERR unknown command\r\n", Says.SERVER),
        (b"+OK POP3 ready\r\n", Says.NO),
        (b"-ERR 'Unknown Protocol Operation'\r\n", Says.NO),
        (b'INFO {"server_id":"N"}\r\n', Says.NO),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Says.NO),
        (b"220 ready\r\n", Says.NO),
        (b"\x16\x03\x01\x00\xf4", Says.NO),
    ],
)
def test_recognised_by_content(head, says):
    assert redis.probe(head) is says


def values(value):
    """As hiredis gives them."""
    kind, content = chr(value.kind), value.content
    if isinstance(content, list):
        return [values(one) for one in content]
    if kind == ":":
        return int(content)
    return content


SCALARS = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(lambda number: b":%d\r\n" % number),
    st.binary(max_size=40).map(lambda data: b"$%d\r\n%b\r\n" % (len(data), data)),
    st.sampled_from([b"$-1\r\n", b"*-1\r\n", b"+OK\r\n", b"*0\r\n", b"_\r\n"]),
)
REPLIES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4).map(lambda some: b"*%d\r\n%b" % (len(some), b"".join(some)))
)


def chunk(data: bytes) -> Chunk:
    return Chunk(data, 0, 0, 0, 1, [len(data)], [1])


@given(st.lists(REPLIES, max_size=5), st.sampled_from((1, 2, 3, 5, 9, 40, 10_000)))
def test_values_are_those_of_hiredis(replies, step):
    wire = b"".join(replies)
    theirs = hiredis.Reader()
    theirs.feed(wire)
    buffer, reader, mine = Buffer(), Reader(inline=False), []
    for at in range(0, len(wire), step):
        buffer.push(chunk(wire[at : at + step]))
        while (value := reader.read(buffer)) is not None:
            mine.append(values(value))
        buffer.settle()
    assert mine == [theirs.gets() for _ in replies]


@given(st.binary(max_size=200), st.booleans())
def test_garbage_raises_only_malformed(data, inline):
    buffer, reader = Buffer(), Reader(inline=inline)
    buffer.push(chunk(data))
    try:
        while reader.read(buffer) is not None:
            pass
    except Malformed:
        pass


@given(st.data())
def test_mutated_conversations_never_fail_inside(data):
    turns, _ = CASES[data.draw(st.sampled_from(sorted(CASES)))]
    changed = []
    for side, said in turns:
        at = data.draw(st.integers(0, len(said) - 1))
        changed.append((side, said[:at] + data.draw(st.binary(max_size=3)) + said[at + 1 :]))
    heard = byte_by_byte(ROWS, changed)
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]
