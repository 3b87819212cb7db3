"""The hub of a session: scripts that mention it are loaded there, too, and get what nodes send with ``hub.action``.

In a replay the nodes run side by side, each on its own clock; so the hub plays once all of them are through, in one
order by (time, node, number). On a live capture it gets every action as it comes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kubeshark_nb.asked import HUB
from kubeshark_nb.errors import KubesharkError, ScriptError
from kubeshark_nb.model import ConsoleLine
from kubeshark_nb.node.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubeshark_nb.fleet import Hire
    from kubeshark_nb.model import NodeInfo
    from kubeshark_nb.node.process import Link
    from kubeshark_nb.node.report import HubAction
    from kubeshark_nb.node.spec import CaptureSpec, NodeSpec, ScriptSpec

MENTIONED = re.compile(r"\bhub\b|\bonHubAction\b|\bonLogCall\b")
MOST = 1_000_000  # actions of a run that are kept until the nodes are through
TOO_MANY = "{dropped:,} actions sent to the hub beyond the first million were not heard"


class Hub:
    """See the module.

    Args:
        spec: what a node of this session needs to start.
        hire: makes a node.
        enter: takes every report.
    """

    def __init__(self, spec: Callable[[NodeInfo], NodeSpec], hire: Hire, enter: Callable[[Report], None]) -> None:
        self._spec = spec
        self._hire = hire
        self._enter = enter
        self._actions: list[HubAction] = []
        self._scripts: list[ScriptSpec] = []
        self._names: tuple[str, ...] = ()
        self._live = False
        self._info: NodeInfo | None = None
        self.link: Link | None = None
        self._dropped = 0

    def begin(self, scripts: Sequence[ScriptSpec], info: NodeInfo, capture: CaptureSpec) -> None:
        """A run begins. Raises ScriptError when a script does not load on the hub of a live capture."""
        self._scripts = [script for script in scripts if MENTIONED.search(script.source)]
        self._names = (capture.names,) if capture.names else ()
        self._live = capture.is_live
        self._info = info
        self._actions, self._dropped = [], 0
        if not self._scripts:
            self.close()
        if self._scripts and self._live:
            self._connected().call("begin", self._scripts, 0, self._names, True)

    def take(self, report: Report) -> None:
        """Keep the actions of a report, or pass them on at once when live."""
        if not report.actions or not self._scripts:
            return
        if self._live:
            self._connected().call("act", report.actions, 0)
        elif len(self._actions) < MOST:
            self._actions += report.actions
        else:
            self._dropped += len(report.actions)

    def finish(self, start_ns: int, end_ns: int) -> None:
        """All nodes are through: what they sent is heard now, in order by time; jobs run until ``end_ns``.

        What goes wrong is said in the console: the nodes' results stand.
        """
        if not self._scripts:
            return
        self._actions.sort(key=lambda action: (action.time, action.node, action.number))
        try:
            link = self._connected()
            if not self._live:
                link.call("begin", self._scripts, start_ns, self._names, False)
                link.call("act", self._actions, end_ns)
        except ScriptError as error:
            self._say(f"on the hub: {error}", end_ns)
        except KubesharkError as error:
            self._say(str(error), end_ns)
        finally:
            self._actions = []
        if self._dropped:
            self._say(TOO_MANY.format(dropped=self._dropped), end_ns)

    def ask(self, method: str, *arguments: Any) -> Any:
        """What the hub's player says. Raises LookupError when no script is loaded there."""
        if self.link is None or not self.link.alive:
            raise LookupError("no script is loaded on the hub")
        return self.link.call("ask", method, *arguments)

    def stop(self) -> None:
        """The live capture has ended."""
        if self._live and self.link is not None and self.link.alive:
            self.link.call("stop")

    def close(self) -> None:
        """End the hub's runtime."""
        if self.link is not None:
            self.link.close()
            self.link = None

    def _connected(self) -> Link:
        if self.link is not None and not self.link.alive:
            self.close()
        if self.link is None:
            assert self._info is not None
            spec = replace(self._spec(replace(self._info, name=HUB)), hub=True)
            self.link = self._hire(spec, self._enter, lambda message: self._say(message, 0))
        return self.link

    def _say(self, text: str, time_ns: int) -> None:
        self._enter(Report(node=HUB, console=[ConsoleLine("warning", text, time_ns, node=HUB)]))
