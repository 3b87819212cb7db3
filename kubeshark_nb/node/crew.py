"""Processes that wait to become shards: one takes a third of a second to start, which no run has to wait for."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

from kubeshark_nb.node.spawn import spawn
from kubeshark_nb.packets.flowkey import OURS, SHARED

if TYPE_CHECKING:
    from pathlib import Path

    from kubeshark_nb.node.spawn import Child
    from kubeshark_nb.node.spec import ShardSpec


class Crew:
    """Those of one node. What they print goes to files in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._waiting: list[Child] = []

    def fill(self, wanted: int) -> None:
        """Let ``wanted`` processes wait, no more and no fewer. Raises NodeError: none can be started."""
        while len(self._waiting) > wanted:
            self._waiting.pop().end()
        while len(self._waiting) < wanted:
            self._waiting.append(self._started())

    def take(self, order: ShardSpec) -> Child:
        """A process that has got ``order``: one that waited, or a new one. Raises NodeError: none can be started."""
        while self._waiting:
            child = self._waiting.pop(0)
            try:
                child.connection.send(order)
            except OSError:  # it died meanwhile
                child.end()
            else:
                return child
        child = self._started()
        child.connection.send(order)
        return child

    def _started(self) -> Child:
        log = self._folder / f"shard-{next(self._numbers)}.log"
        return spawn("kubeshark_nb.node.shard_child", log, {**os.environ, SHARED: OURS})
