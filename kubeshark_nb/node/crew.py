"""Processes that wait to become shards: one takes a third of a second to start, which no run has to wait for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kubeshark_nb.errors import NodeError
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
        self._waiting: list[Child] = []

    def fill(self, wanted: int) -> None:
        """Let ``wanted`` processes wait, no more and no fewer. Raises NodeError: none can be started."""
        while len(self._waiting) > wanted:
            self._waiting.pop().end()
        while len(self._waiting) < wanted:
            self._waiting.append(self._started(len(self._waiting)))

    def take(self, order: ShardSpec) -> Child:
        """A process that has got ``order``: one that waited, or a new one. Raises NodeError: none can be started."""
        while self._waiting:
            child = self._waiting.pop(0)
            if _got(child, order):
                return child
        child = self._started(order.part)
        if not _got(child, order):
            raise NodeError(f"shard {order.part + 1} died at once; its log in {self._folder} says why")
        return child

    def _started(self, part: int) -> Child:
        log = self._folder / f"shard-{part + 1}.log"
        return spawn("kubeshark_nb.node.shard_child", log, {**os.environ, SHARED: OURS})


def _got(child: Child, order: ShardSpec) -> bool:
    """Whether ``order`` reached the process; one that is dead is let go."""
    try:
        child.connection.send(order)
    except OSError:
        child.end()
        return False
    except BaseException:  # Stop was pressed
        child.end()
        raise
    return True
