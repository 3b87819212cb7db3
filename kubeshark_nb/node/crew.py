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
    """Those of one node. What they print goes to files in the ``folder`` that is given when they start."""

    def __init__(self) -> None:
        self._waiting: list[Child] = []

    def fill(self, wanted: int, folder: Path) -> None:
        """Let ``wanted`` processes wait, no more and no fewer. Raises NodeError: none can be started."""
        while len(self._waiting) > wanted:
            self._waiting.pop().end()
        while len(self._waiting) < wanted:
            self._waiting.append(_started(len(self._waiting), folder))

    def take(self, order: ShardSpec, folder: Path) -> Child:
        """A process that has got ``order``: one that waited, or a new one. Raises NodeError: none can be started."""
        while self._waiting:
            child = self._waiting.pop(0)
            if _got(child, order):
                return child
        child = _started(order.part, folder)
        if not _got(child, order):
            raise NodeError(f"shard {order.part + 1} died at once; its log in {folder} says why")
        return child


def _started(part: int, folder: Path) -> Child:
    log = folder / f"shard-{part + 1}.log"
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
