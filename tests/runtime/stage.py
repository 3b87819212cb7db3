"""A node's scripts with everything they print kept in lists, and items and packets made to measure."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from kubeshark_nb.items.item import Item
from kubeshark_nb.model import NS_PER_S, ConsoleLine, Effect, HookError, NodeInfo
from kubeshark_nb.node.player import Player

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

START = 1_700_000_000 * NS_PER_S
NODE = NodeInfo("node-1", "10.0.0.1", 0, 30001)


class Kept:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.lines: list[ConsoleLine] = []
        self.effects: list[Effect] = []
        self.errors: list[HookError] = []

    def console(self, line: ConsoleLine) -> None:
        self.lines.append(line)

    def effect(self, effect: Effect) -> None:
        self.effects.append(effect)

    def error(self, error: HookError) -> None:
        self.errors.append(error)


class Packets(NamedTuple):
    time_ns: np.ndarray
    captured: np.ndarray
    length: np.ndarray
    fragmented: np.ndarray


class Window(NamedTuple):
    packets: Packets
    items: Sequence[Item]
    end_ns: int


def packets(times: Iterable[int], captured: int = 60, length: int = 60) -> Packets:
    """One packet per time (ns)."""
    column = np.asarray(list(times), dtype=np.int64)
    rows = len(column)
    return Packets(column, np.full(rows, captured), np.full(rows, length), np.zeros(rows, dtype=bool))


def document(index: int = 0, **members: Any) -> dict[str, Any]:
    """An HTTP item's document, members replaced."""
    stream = "000000000001.pcap"
    return {
        "id": f"{NODE.worker}/{stream}-{index}",
        "index": index,
        "stream": stream,
        "worker": NODE.worker,
        "node": {"ip": NODE.ip, "name": NODE.name},
        "protocol": {"name": "http", "version": "1.1", "abbr": "HTTP", "macro": "http"},
        "tls": False,
        "src": {"ip": "10.0.0.5", "port": "50001", "name": "client.shop", "namespace": "shop"},
        "dst": {"ip": "10.0.0.9", "port": "80", "name": "orders.shop", "namespace": "shop"},
        "namespace": "shop",
        "outgoing": False,
        "timestamp": START // 1_000_000 + index,
        "request": {"method": "GET", "path": "/items", "headers": {"Host": "orders.shop"}},
        "response": {"status": 200, "headers": {}},
        "requestSize": 90,
        "responseSize": 120,
        "elapsedTime": 3,
        "passed": False,
        "failed": False,
        **members,
    }


def item(time_ns: int = START, index: int = 0, **members: Any) -> Item:
    """An item that is ready at ``time_ns``."""
    made = document(index, **members)
    status = int(made.get("response", {}).get("status", 0))
    return Item(
        time_ns, time_ns, made["stream"], made["index"], "HTTP", "10.0.0.5", 50001, "client.shop", "shop",
        "10.0.0.9", 80, "orders.shop", "shop", "GET", "/items", status, 3000, 90, 120, "", False, orjson.dumps(made),
    )  # fmt: skip


class Stage:
    """A player with a folder of its own."""

    def __init__(self, *scripts: str, env: dict[str, Any] | None = None, **options: Any) -> None:
        self.kept = Kept()
        self.folder = Path(tempfile.mkdtemp()) / "data"
        self.folder.mkdir()
        self.env = env or {}
        self.player = Player(NODE, self.folder, self.kept, **{"start_ns": START, **options})
        for number, source in enumerate(scripts):
            self.load(source, f"s{number}.js")

    def load(self, source: str, name: str = "s0.js") -> None:
        self.player.load(name, source, self.env)

    def items(self, *items: Item, until: int | None = None) -> list[tuple[bool, bool]]:
        """Play items alone."""
        end = until or max((one.ready_ns for one in items), default=START)
        return self.player.play(Window(packets([]), list(items), end))

    def packets(self, *times: int) -> None:
        """Play packets alone."""
        self.player.play(Window(packets(times), [], max(times)))

    def until(self, seconds: float) -> None:
        """Let time pass, from the start, with nothing captured."""
        self.player.finish(START + int(seconds * NS_PER_S))

    @property
    def texts(self) -> list[str]:
        """What the console says."""
        return [line.text for line in self.kept.lines]

    @property
    def said(self) -> list[str]:
        """The same without the lines of `jobs`."""
        return [text for text in self.texts if not text.startswith(("Scheduled the job", "Triggered the job"))]


def run(source: str, **options: Any) -> list[str]:
    """What a script prints when it loads."""
    return Stage(source, **options).texts
