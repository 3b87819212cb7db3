"""MySQL inside TLS: recorded connections, whole and damaged; plain and compressed packets, however they arrive."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeshark_nb.dissectors import mysql, tls
from kubeshark_nb.dissectors.dissector import Dissector, Says, StreamRow, Undissected
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.dissectors.tls_records import APPLICATION_DATA, Lost, read_records
from kubeshark_nb.traffic import CLIENT, SERVER, Chunk
from tests.captures.goldens import FOLDER
from tests.dissectors import test_mysql as plain
from tests.dissectors import test_mysql_compressed as compressed
from tests.dissectors import test_tls
from tests.dissectors.told import WAYS, Heard, behind_gap, brief, mutated, side_by_side, turn_by_turn

ROWS = (*test_tls.rows(KeyLog(FOLDER / "mysql_tls.keylog")), *plain.ROWS)
KEYLESS = (*test_tls.rows(KeyLog()), *plain.ROWS)
HELLOS = ["TLS", "TLS"]
STATEMENTS = ["CONNECT", *["COM_QUERY"] * 9, "COM_QUIT"]
PREPARED = [
    "CONNECT", "COM_QUERY", "COM_QUERY", "COM_PING", "COM_STMT_PREPARE", "COM_STMT_RESET", "COM_STMT_EXECUTE",
    "COM_STMT_CLOSE", "COM_PING", "COM_QUERY", "COM_QUERY", "COM_QUERY", "COM_QUIT",
]  # fmt: skip
COMMANDS = [
    STATEMENTS,
    STATEMENTS,
    PREPARED,
    ["CONNECT"],
    [],
]  # of each recorded connection; nobody has the last one's keys
WITH_KEYS = range(4)
NO_KEY = {"TLS connections not decrypted: the key log has no key for them": 1}


def recorded(number: int):
    return test_tls.connections("mysql_tls")[number]


def in_one_window(heard: Heard, turns, lost=range(0)) -> Heard:
    """First all that the client says, without turns ``lost``, then all that the server says; neither has ended."""

    def say(who, among, gap=0) -> None:
        pieces = [(turns[at][1], at) for at in among if turns[at][0] == who]
        if pieces:
            heard.say(who, pieces, gap)

    say(CLIENT, range(lost.start))
    say(CLIENT, range(lost.stop, len(turns)), gap=sum(len(turns[at][1]) for at in lost if turns[at][0] == CLIENT))
    say(SERVER, range(len(turns)))
    return heard


def names(heard: Heard) -> list[str]:
    """Commands, and the protocol of other items, by time."""
    shown = sorted(heard.items, key=lambda item: item["timestamp"])
    return [item["request"].get("command") or item["protocol"]["abbr"] for item in shown]


# --- recorded connections ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(len(COMMANDS)))
def test_recorded_connections_however_the_bytes_arrive(number, way):
    heard = WAYS[way](ROWS, recorded(number))
    assert names(heard) == HELLOS + COMMANDS[number]
    assert [item["tls"] for item in heard.items] == [False, False] + [True] * len(COMMANDS[number])
    assert brief(heard) == brief(turn_by_turn(ROWS, recorded(number)))
    assert not heard.stats.undissected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(len(COMMANDS)))
def test_without_a_key_log_there_are_hellos(number, way):
    heard = WAYS[way](KEYLESS, recorded(number))
    assert names(heard) == HELLOS
    assert not heard.stats.reasons


@pytest.mark.parametrize("number", WITH_KEYS)
@pytest.mark.parametrize("first", [1, 2])
def test_a_beginning_that_was_not_captured(number, first):
    """No greeting, or neither greeting nor wish; nor a SYN."""
    heard = turn_by_turn(ROWS, recorded(number)[first:], caller=None)
    assert names(heard) == HELLOS + COMMANDS[number]
    assert names(in_one_window(Heard(ROWS), recorded(number)[first:])) == HELLOS + COMMANDS[number]


@pytest.mark.parametrize("number", WITH_KEYS)
@pytest.mark.parametrize("missing", [0, 1])
def test_greeting_or_wish_in_a_gap(number, missing):
    heard = behind_gap(ROWS, recorded(number), missing)
    assert names(heard) == HELLOS + COMMANDS[number]
    assert not heard.stats.reasons


@pytest.mark.parametrize("number", WITH_KEYS)
@pytest.mark.parametrize("missing", [2, 3])
def test_a_hello_in_a_gap_is_said(number, missing):
    heard = behind_gap(ROWS, recorded(number), missing)
    assert names(heard) == ["TLS"]
    assert heard.stats.reasons == NO_KEY


@pytest.mark.parametrize("number", [0, 1, 2])
def test_behind_a_gap_only_what_is_in_it_is_missing(number):
    """Also a login: what the wish said tells whether commands are compressed."""
    turns = recorded(number)
    for missing in range(4, len(turns)):
        heard = behind_gap(ROWS, turns, missing)
        whole = [item["request"].get("command") for item in heard.items if not item["error"]]
        assert len(whole) >= len(HELLOS + COMMANDS[number]) - 3
        assert set(whole) <= {None, *COMMANDS[number]}
        assert not heard.stats.undissected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("side", [CLIENT, SERVER])
def test_only_one_side_was_captured(side, way):
    heard = WAYS[way](ROWS, [turn for turn in recorded(0) if turn[0] == side])
    assert names(heard) == ["TLS"]


def test_a_client_who_says_much_while_nobody_hears_the_server(monkeypatch):
    monkeypatch.setattr(mysql, "MAX_EARLY", 700)
    heard = Heard(ROWS)
    for side, data in recorded(0):
        if side == CLIENT:
            heard.say(side, [(data, 0)])
    assert names(heard) == ["TLS"]


def test_a_hello_that_waits_for_a_greeting_when_a_gap_comes():
    turns = recorded(0)
    assert names(in_one_window(Heard(ROWS), turns, lost=range(3, len(turns) - 2)))[:2] == HELLOS


@pytest.mark.parametrize("number", [1, 2])
def test_cut_anywhere_nothing_is_made_up(number):
    wire = [(side, data[at : at + 1]) for side, data in recorded(number)[:9] for at in range(len(data))]
    for length in range(0, len(wire), 61):
        heard = side_by_side(ROWS, wire[:length])
        assert names(heard)[2:] in ([], *(COMMANDS[number][:count] for count in range(4)))
        assert not heard.stats.undissected


# --- an encryption that does nothing: what is inside is ours ----------------------------------------------------------


class Unprotected(Dissector):
    """TLS whose records are plain text."""

    def __init__(self, talk) -> None:
        super().__init__(talk)
        self._inner = talk.inner(tls=True)
        self._missing = [0, 0]

    def advance(self) -> None:
        try:
            for side in (CLIENT, SERVER):
                for kind, _, data, time_ns in read_records(self.talk.buffers[side]):
                    if kind == APPLICATION_DATA and data:
                        self._inner.data(side, Chunk(data, self._missing[side], 0, 0, 1, [len(data)], [time_ns]))
                        self._missing[side] = 0
        except Lost as error:
            raise Undissected("lost") from error

    def gap(self, side, missing) -> None:
        self._missing[side] += missing

    def end(self, side, why) -> None:
        self._inner.end(side, why, 0)


BARE = (StreamRow("tls", tls.probe, Unprotected), *plain.ROWS)
OFFERED = compressed.GREETING  # everything
POOR = plain.packets(
    SERVER, b"\x0a8.0.36\0" + bytes(14) + struct.pack("<HBHH", plain.FLAGS, 45, 2, 0) + bytes(9), first=0
)


def wish(flags: int):
    return plain.packets(CLIENT, struct.pack("<IIB", flags | 0x800, 1 << 24, 45) + bytes(23))


def login(flags: int):
    side, data = plain.login(flags | 0x800)
    return side, data[:3] + b"\2" + data[4:]


def inside(turns):
    return [(side, b"\x17\x03\x03" + struct.pack(">H", len(data)) + data) for side, data in turns]


HELLO = [(CLIENT, b"\x16\x03\x01\0\x04\1\0\0\0"), (SERVER, b"\x16\x03\x03\0\x04\2\0\0\0")]
OK = plain.packets(SERVER, plain.OK, first=3)


def conversation(kind=0, commands=None, greeting=OFFERED):
    flags = plain.FLAGS | kind
    commands = commands or list(compressed.packed(compressed.COMMANDS, kind) if kind else compressed.COMMANDS)
    return [greeting, wish(flags), *HELLO, *inside([login(flags), OK, *commands])]


def rows(heard: Heard):
    return [plain.row(item) for item in heard.items if item["request"]["command"] != "COM_STMT_CLOSE"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [0, compressed.ZLIB, compressed.ZSTD])
def test_the_items_are_those_of_a_plain_connection(kind, way):
    heard = WAYS[way](BARE, conversation(kind))
    assert rows(heard) == plain.EXPECTED
    assert {item["request"]["user"] + "@" + item["request"]["database"] for item in heard.items} == {"ann@shop"}
    assert {(item["tls"], item["stream"]) for item in heard.items} == {(True, "000000000001_tls.pcap")}
    assert not heard.stats.undissected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_wish_to_compress_that_the_server_does_not_share(first, way):
    """Whether the greeting, or nothing before the hello, was captured: the first command shows."""
    turns = conversation(compressed.ZLIB, compressed.COMMANDS, POOR)[first:]
    heard = WAYS[way](BARE, turns)
    assert rows(heard) == plain.EXPECTED
    assert not heard.stats.undissected


@pytest.mark.parametrize("way", WAYS)
def test_a_login_as_its_own_server_numbers_it_inside_a_tunnel(way):
    """TLS from the first byte on, ended by a proxy: the greeting is inside, too."""
    heard = WAYS[way](BARE, [*HELLO, *inside(plain.CONVERSATION)])
    assert rows(heard) == plain.EXPECTED


def test_a_command_that_looks_like_a_hello(monkeypatch):
    """Where nobody reads TLS it is not handed on for ever."""
    monkeypatch.setattr(mysql, "MAX_EARLY", 50)
    side, data = plain.command(23, b"\1\0\0\0\0\1\0\0\0" + bytes(780))
    assert tls.probe(data) is Says.CLIENT
    assert names(turn_by_turn(plain.ROWS, [(side, data)])) == ["COM_STMT_EXECUTE"]


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_refuses_to_encrypt(way):
    refusal = plain.packets(SERVER, b"\xff\x15\x04#28000No", first=2)
    heard = WAYS[way](BARE, [OFFERED, wish(plain.FLAGS), refusal])
    assert names(heard) == ["TCP"]
    assert "28000No" in heard.items[0]["data"]["payload"]


def test_a_wish_behind_commands_is_none():
    heard = turn_by_turn(BARE, [*plain.CONVERSATION, wish(plain.FLAGS), *HELLO])
    assert rows(heard) == plain.EXPECTED


@pytest.mark.parametrize("first", [0, 3])
def test_a_hello_behind_commands_is_none(first):
    heard = turn_by_turn(BARE, [*plain.CONVERSATION[first:], HELLO[1], plain.PING])
    assert names(heard).count("COM_PING") == 2


def test_a_lost_login_of_a_compressed_connection_in_one_window():
    turns = conversation(compressed.ZLIB)
    heard = in_one_window(in_one_window(Heard(BARE), turns[:4]), turns[4:], lost=range(1)).end()
    assert rows(heard) == plain.EXPECTED[1:]
    assert not heard.stats.undissected


def test_what_the_greeting_offered_is_known_when_the_first_command_is_lost():
    heard = behind_gap(BARE, conversation(compressed.ZLIB, compressed.COMMANDS, POOR), 6)
    assert rows(heard) == plain.EXPECTED[:1] + plain.EXPECTED[2:]
    assert not heard.stats.undissected


@settings(deadline=None)
@given(st.data(), st.sampled_from([0, compressed.ZLIB]))
def test_mutated_conversations_never_fail_inside(data, kind):
    mutated(data, BARE, conversation(kind))


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_mutated_recordings_never_fail_inside(data):
    mutated(data, ROWS, recorded(data.draw(st.sampled_from(WITH_KEYS)))[:8])
