"""A conversation told turn by turn, and heard in every way the stream layer may deliver it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from kubeshark_nb.dissectors.conversation import Conversation
from kubeshark_nb.dissectors.datagrams import Datagrams
from kubeshark_nb.dissectors.scene import Scene
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.traffic import CLIENT, SERVER, Chunk, Datagram, Endpoint

ENDS = (Endpoint("10.0.0.1", 50000), Endpoint("10.0.0.2", 1234))
MS = 1_000_000
Turn = tuple[int, bytes]  # (CLIENT or SERVER, what it says); turn n is captured at n ms


class Heard:
    """What came of it: ``items`` (documents) and ``stats``."""

    def __init__(self, rows, *, caller=CLIENT, datagrams=()) -> None:
        self.items: list[dict[str, Any]] = []
        self.rows: list[Any] = []
        self.stats = Stats()
        self.scene = Scene(NodeInfo(), NameTable(), self.stats, rows, datagrams, self._take)
        self.talk = Conversation(self.scene, "000000000001.pcap", ENDS, caller)

    def _take(self, item) -> None:
        self.rows.append(item)
        self.items.append(json.loads(item.json))

    def say(self, side, pieces, gap=0) -> None:
        """``pieces``: (bytes, ms) one after the other, in one chunk."""
        ends, total = [], 0
        for data, _ in pieces:
            total += len(data)
            ends.append(total)
        data = b"".join(data for data, _ in pieces)
        self.talk.data(side, Chunk(data, gap, 0, 0, len(pieces), ends, [ms * MS for _, ms in pieces]))

    def end(self, why="fin") -> Heard:
        for side in (CLIENT, SERVER):
            self.talk.end(side, why, 0)
        return self


def timed(turns: list[Turn]):
    return [(side, data, at) for at, (side, data) in enumerate(turns)]


def turn_by_turn(rows, turns, caller=CLIENT) -> Heard:
    heard = Heard(rows, caller=caller)
    for side, data, at in timed(turns):
        heard.say(side, [(data, at)])
    return heard.end()


def byte_by_byte(rows, turns, caller=CLIENT) -> Heard:
    heard = Heard(rows, caller=caller)
    for side, data, at in timed(turns):
        for position in range(len(data)):
            heard.say(side, [(data[position : position + 1], at)])
    return heard.end()


def side_by_side(rows, turns, caller=CLIENT, order=(CLIENT, SERVER)) -> Heard:
    """A whole window at once: first everything one side says, then everything the other says."""
    heard = Heard(rows, caller=caller)
    for side in order:
        pieces = [(data, at) for who, data, at in timed(turns) if who == side]
        if pieces:
            heard.say(side, pieces)
    return heard.end()


def middle(rows, turns) -> Heard:
    """As `side_by_side` of a stream whose start was not captured, with the server's bytes first."""
    return side_by_side(rows, turns, caller=None, order=(SERVER, CLIENT))


def behind_gap(rows, turns, missing: int) -> Heard:
    """Turn ``missing`` was not captured."""
    heard = Heard(rows)
    lost = [0, 0]
    for side, data, at in timed(turns):
        if at == missing:
            lost[side] = len(data)
        else:
            heard.say(side, [(data, at)], gap=lost[side])
            lost[side] = 0
    return heard.end()


WAYS = {"turn by turn": turn_by_turn, "byte by byte": byte_by_byte, "side by side": side_by_side}


def brief(heard: Heard) -> list[tuple[Any, ...]]:
    """The items without what depends on the order of delivery."""
    return sorted(
        (item["timestamp"], json.dumps([item["request"], item["response"], item["error"]], sort_keys=True),
         item["requestSize"], item["responseSize"], item["src"]["port"])
        for item in heard.items
    )  # fmt: skip


def datagrams(rows, kind, turns) -> Heard:
    heard = Heard((), datagrams=rows)
    heard.talk = Datagrams(heard.scene, kind, "000000000001_udp.pcap", ENDS)
    for side, data, at in timed(turns):
        heard.talk.datagram(side, Datagram(data, at * MS, len(data) + 42))
    heard.talk.end(CLIENT, "capture", 0)
    return heard


def mutated(data, rows, turns) -> Heard:
    """A conversation with a byte of every turn replaced by up to three others, as ``data`` of hypothesis draws them."""
    changed = []
    for side, said in turns:
        at = data.draw(st.integers(0, len(said) - 1))
        changed.append((side, said[:at] + data.draw(st.binary(max_size=3)) + said[at + 1 :]))
    heard = byte_by_byte(rows, changed)
    assert not [reason for reason in heard.stats.reasons if "failed" in reason], heard.stats.reasons
    return heard
