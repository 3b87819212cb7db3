"""Compressed MySQL: the items of plain MySQL, however frames, packets and segments fall; hostile frames."""

from __future__ import annotations

import struct
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import mysql_compressed as compressed
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors import test_mysql as plain
from tests.dissectors.told import WAYS, Heard, behind_gap, brief, middle, mutated, turn_by_turn

ZLIB, ZSTD = 0x20, 0x4000000
OFFERED = struct.pack("<HBHH", 0xFFFF, 45, 2, 0xFFFF)
GREETING = plain.packets(SERVER, b"\x0a8.0.36\0" + bytes(13) + OFFERED + bytes(30), first=0)
PACK = {ZLIB: zlib.compress, ZSTD: zstandard.compress, 0: None}
COMMANDS = plain.CONVERSATION[3:]
SWITCH = plain.packets(SERVER, b"\xfemysql_native_password\0" + b"n" * 20, first=2)
SWITCHED = plain.packets(CLIENT, b"p" * 20, first=3)
AGREED = plain.packets(SERVER, plain.OK, first=4)


def frame(data: bytes, number: int = 0, kind: int = ZLIB) -> bytes:
    pack = PACK[kind]
    body = pack(data) if pack else data
    return struct.pack("<I", len(body))[:3] + bytes([number]) + struct.pack("<I", len(data) if pack else 0)[:3] + body


def packed(turns, kind=ZLIB, pieces=1):
    """Each turn in so many frames, of which every third is not packed."""
    for at, (side, data) in enumerate(turns):
        size = max(-(-len(data) // pieces), 1)
        cut = [data[start : start + size] for start in range(0, len(data), size)]
        kinds = [kind if (at + number) % 3 else 0 for number in range(len(cut))]
        yield side, b"".join(frame(one, (side == SERVER) + n, kinds[n]) for n, one in enumerate(cut))


def conversation(kind=ZLIB, pieces=1, begin=()):
    return [
        *(begin or (GREETING, plain.login(plain.FLAGS | kind), plain.answer(plain.OK))),
        *packed(COMMANDS, kind, pieces),
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [ZLIB, ZSTD])
@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_the_items_are_those_of_a_plain_connection(way, kind, pieces):
    heard = WAYS[way](plain.ROWS, conversation(kind, pieces))
    assert brief(heard) == brief(turn_by_turn(plain.ROWS, plain.CONVERSATION))
    assert not heard.stats.reasons
    assert not heard.stats.undissected


@pytest.mark.parametrize("way", WAYS)
def test_steps_of_a_login_are_not_compressed(way):
    begin = (GREETING, plain.login(plain.FLAGS | ZLIB), SWITCH, SWITCHED, AGREED)
    heard = WAYS[way](plain.ROWS, conversation(begin=begin))
    assert [plain.row(item) for item in heard.items if item["request"]["command"] != "COM_STMT_CLOSE"] == plain.EXPECTED


def test_a_step_of_a_login_in_two_segments():
    _, step = plain.packets(CLIENT, bytes(20), first=3)
    halves = [(CLIENT, step[:9]), (CLIENT, step[9:])]
    turns = conversation(begin=(GREETING, plain.login(plain.FLAGS | ZLIB), SWITCH, *halves, AGREED))
    assert [item["error"] for item in turn_by_turn(plain.ROWS, turns).items] == [None] * 7


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("greeting", [plain.GREETING, GREETING])
def test_both_have_to_want_it(way, greeting):
    flags = plain.FLAGS | (ZLIB if greeting is plain.GREETING else 0)
    turns = [greeting, plain.login(flags), plain.answer(plain.OK), *COMMANDS]
    assert len(WAYS[way](plain.ROWS, turns).items) == 7
    assert not WAYS[way](plain.ROWS, turns).stats.undissected


@pytest.mark.parametrize("missing", range(3, 8))
def test_behind_a_gap_only_what_is_in_it_is_missing(missing):
    heard = behind_gap(plain.ROWS, conversation(), missing)
    whole = [item["request"]["command"] for item in heard.items if not item["error"]]
    assert whole[-1] == "COM_PING"
    assert len(whole) >= 5
    assert not heard.stats.undissected


def test_that_the_login_is_over_may_be_lost():
    heard = behind_gap(plain.ROWS, conversation(), 2)
    assert [item["request"]["command"] for item in heard.items if item["error"]] == ["CONNECT"]
    assert len(heard.items) == 7


def test_a_packet_has_the_time_of_the_first_byte_of_its_frame():
    heard = Heard(plain.ROWS)
    for side, data in conversation()[:3]:
        heard.say(side, [(data, 0)])
    sent = frame(plain.SELECT[1])
    heard.say(CLIENT, [(sent[:3], 10), (sent[3:20], 12), (sent[20:], 15)])
    answered = frame(plain.TWO_ROWS[1], 1)
    heard.say(SERVER, [(answered[:9], 30), (answered[9:], 70)])
    item = heard.end().items[-1]
    assert (item["timestamp"], item["elapsedTime"]) == (10, 20)
    assert heard.rows[-1].ready_ns == 70_000_000


def claiming(size: int, body: bytes) -> bytes:
    return struct.pack("<I", len(body)) + struct.pack("<I", size)[:3] + body


HOSTILE = {
    "damaged": (frame(plain.SELECT[1])[:-6] + b"\0" * 6, compressed.DAMAGED),
    "longer than it says": (claiming(9, zlib.compress(bytes(4000))), compressed.DAMAGED),
    "no codec": (claiming(64, b"\x04" * 20), compressed.DAMAGED),
    "claims 16 MB": (claiming((1 << 24) - 1, zlib.compress(bytes(20))), compressed.SWOLLEN),
    "bombs": (frame(bytes((1 << 24) - 1), 0, ZSTD), compressed.SWOLLEN),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_frames_are_given_up_and_counted(name):
    data, reason = HOSTILE[name]
    heard = turn_by_turn(plain.ROWS, [*conversation()[:-2], (CLIENT, data)])
    assert heard.stats.reasons == {reason: 1}
    assert heard.stats.undissected == 1


def test_a_statement_as_long_as_a_frame_can_be():
    query = b"select '%b'" % bytes(range(32, 127)).replace(b"'", b"") * 150_000
    said = plain.command(3, query[: (1 << 24) - 10])[1]
    turns = [
        *conversation()[:3],
        (CLIENT, frame(said[: (1 << 24) - 1], 0, 0) + frame(said[(1 << 24) - 1 :], 1, 0)),
        (SERVER, frame(plain.answer(plain.OK)[1], 1, 0)),
    ]
    item = turn_by_turn(plain.ROWS, turns).items[-1]
    assert (item["request"]["command"], item["error"], item["requestSize"]) == ("COM_QUERY", None, len(said))


@pytest.mark.parametrize(
    ("head", "begun"),
    [
        (b"\x01\0\0\0\x0e", False),
        (b"\x10\0\0\0\x03select", False),
        (b"\x10\0\0\0\x03sel", None),
        (b"\x10\0\0\0", None),
        (b"\x10\0\0\0\0", True),
        (frame(plain.SELECT[1]), True),
        (frame(plain.SELECT[1], 0, ZSTD), True),
    ],
)
def test_how_a_client_begins(head, begun):
    assert compressed.begins(head) is begun


def test_a_stream_without_its_login_stays_what_it_was():
    assert not [item for item in middle(plain.ROWS, list(packed(COMMANDS))).items if item["protocol"]["abbr"] != "TCP"]


@given(st.data())
def test_mutated_conversations_never_fail_inside(data):
    mutated(data, plain.ROWS, conversation(pieces=2))
