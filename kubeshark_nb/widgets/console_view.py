"""The console: what scripts print, streaming, searchable, each line with its place."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kubeshark_nb.items.escape import visible
from kubeshark_nb.model import ConsoleLine, moment
from kubeshark_nb.widgets import fallback
from kubeshark_nb.widgets.bundle import bundle
from kubeshark_nb.widgets.view import Question, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubeshark_nb.widgets.feed import Feed

STATIC_LINES = 40
MOST = 2000  # lines of one answer


class ConsoleView(View):
    """The console of ``lines``, newest last.

    Args:
        lines: every line there is, oldest first; it may grow while it is shown (then give a ``feed`` with the channel
            ``console`` made by `feed.tail`). A ring says in an attribute ``dropped`` how many lines it lost in front.
    """

    _esm = bundle("console_view.js")

    def __init__(self, lines: Sequence[ConsoleLine], *, feed: Feed | None = None) -> None:
        self._lines = lines
        super().__init__({"lines": self._some}, feed=feed)

    def static_html(self) -> str:
        """The last lines, escaped."""
        return fallback.lines(self._static_lines(), self._caption())

    def static_text(self) -> str:
        """The last lines as text."""
        return "\n".join([self._caption(), *map(visible, self._static_lines())])

    def _caption(self) -> str:
        return f"{len(self._lines):,} console lines"

    def _static_lines(self) -> list[str]:
        return [f"{moment(line.time):%H:%M:%S} {place(line)}{line.text}" for line in self._lines[-STATIC_LINES:]]

    def _some(self, question: Question) -> dict[str, Any]:
        """The newest matching lines before absolute position ``before`` (0: the end), oldest first."""
        dropped = getattr(self._lines, "dropped", 0)
        held = self._lines[:]
        end = (int(question["before"]) or dropped + len(held)) - dropped
        count = min(int(question["count"]), MOST)
        found: list[tuple[int, ConsoleLine]] = []
        for at, line in _backwards(held, max(0, end)):
            if line.level == "clear" and not question.get("all"):
                break
            if matches(line, question.get("filter") or {}):
                found.append((at, line))
            if len(found) == count:
                break
        first = found[-1][0] if found else 0
        return {
            "lines": [asdict(line) for _, line in reversed(found)],
            "first": first + dropped,
            "more": len(found) == count and first > 0,
            "total": dropped + len(held),
            "dropped": dropped,
            "scripts": sorted({line.script for line in held if line.script}),
            "nodes": sorted({line.node for line in held if line.node}),
        }


def _backwards(lines: Sequence[ConsoleLine], end: int) -> Iterator[tuple[int, ConsoleLine]]:
    for at in range(min(end, len(lines)) - 1, -1, -1):
        yield at, lines[at]


def matches(line: ConsoleLine, wanted: dict[str, Any]) -> bool:
    """Whether ``line`` passes the console's filter: ``level``, ``script``, ``node`` equal, ``text`` contained."""
    exact = all(not wanted.get(name) or getattr(line, name) == wanted[name] for name in ("level", "script", "node"))
    return exact and str(wanted.get("text", "")).lower() in line.text.lower()


def place(line: ConsoleLine) -> str:
    """``alerts.js:12 `` or nothing."""
    return f"{line.script}:{line.line} " if line.script else ""
