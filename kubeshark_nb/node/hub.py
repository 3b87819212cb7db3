"""The hub's copy of the scripts: no traffic, but what nodes send with ``hub.action``, and jobs of its own."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from kubeshark_nb.items.name_files import read_names
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import Stats
from kubeshark_nb.node.node import Node
from kubeshark_nb.node.targets import targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubeshark_nb.node.crew import Crew
    from kubeshark_nb.node.report import HubAction, Report
    from kubeshark_nb.node.spec import NodeSpec, ScriptSpec

ECHOES = 100  # actions the hub may send to itself because of one; a script that never ends this would never end
PAUSE = 0.02  # seconds between two looks at the clock of a live hub


class HubNode(Node):
    """A node without a capture."""

    def begin(self, scripts: Sequence[ScriptSpec], start_ns: int, names: Sequence[str], live: bool) -> None:  # noqa: FBT001 - crosses to a process
        """Load ``scripts`` in a fresh runtime whose clock starts at ``start_ns`` (live: follows the wall's).

        Raises:
            ScriptError: one does not load.
        """
        self.stats = Stats()
        self.player.close()
        self.player = self._fresh_player(live=live, start_ns=start_ns)
        self._echoes: deque[tuple[str, Any]] = deque()
        self.player.on_hub_action = lambda action, value: self._echoes.append((action, value))
        table = NameTable()
        for file in names:
            read_names(file, table)
        self.player.targeted = lambda: targets(table, "")
        for script in scripts:
            self.load(script)
        self._run = self._ticking() if live else None

    def act(self, actions: Sequence[HubAction], until_ns: int) -> None:
        """``onHubAction`` for each of ``actions``, at its time; then jobs until ``until_ns`` (0: no further)."""
        for action in actions:
            self.player.finish(action.time)
            self.player.call_hub_action(action.action, action.value)
            self._hear_echoes()
        if until_ns:
            self.player.finish(until_ns)
        self._settle()

    def _hear_echoes(self) -> None:
        """What the hub sends, it hears itself."""
        for _ in range(ECHOES):
            if not self._echoes:
                return
            self.player.call_hub_action(*self._echoes.popleft())
        if self._echoes:
            self.stats.count(f"actions the hub sent itself after {ECHOES} others in a row", len(self._echoes))
            self._echoes.clear()

    def _ticking(self) -> Iterator[None]:
        while True:
            time.sleep(PAUSE)
            self.player.finish(time.time_ns())
            if self.reporter.is_due:
                self._settle()
            yield


def node_for(spec: NodeSpec, send: Callable[[Report], None], crew: Crew | None = None) -> Node:
    """The node that ``spec`` means."""
    return HubNode(spec, send, crew) if spec.hub else Node(spec, send, crew)
