"""The console: what scripts print, streaming, searchable, each line with its place."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.items.escape import visible
from kubeshark_nb.model import ConsoleLine, moment
from kubeshark_nb.widgets import fallback
from kubeshark_nb.widgets.bundle import bundle
from kubeshark_nb.widgets.console_index import ConsoleIndex, wanted
from kubeshark_nb.widgets.document import PREVIEW, WHOLE, capped
from kubeshark_nb.widgets.view import Question, View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kubeshark_nb.widgets.feed import Feed

STATIC_LINES = 40
MOST_ROWS = 400  # of one window
LONGEST = 2_000  # characters of a line in a window; all of it shows when the line is opened
MOST_INDEXES = 3  # filters remembered: as many views of the console can be looked at side by side
AROUND = 4  # lines of a script shown above and below the one that wrote a line


class ConsoleView(View):
    """The console of ``lines``, newest last.

    Args:
        lines: every line there is, oldest first; it may grow while it is shown (then give a ``feed`` with the channel
            ``console`` made by `feed.counted`). A ring says in an attribute ``dropped`` how many lines it lost in
            front.
        source: script name -> its source text, or ``None`` when there is none: what a line's place leads to.
        item: item id -> what `ItemTable` calls its detail: what a line's item leads to; it may raise.
    """

    _esm = bundle("console_view.js")

    def __init__(
        self,
        lines: Sequence[ConsoleLine],
        *,
        source: Callable[[str], str | None] | None = None,
        item: Callable[[str], Mapping[str, Any]] | None = None,
        feed: Feed | None = None,
    ) -> None:
        self._lines, self._source, self._item = lines, source, item
        self._indexes: dict[bytes, ConsoleIndex] = {}
        super().__init__({"window": self._window, "line": self._line}, {"item": self._detail}, feed=feed)

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

    def _window(self, question: Question) -> dict[str, Any]:
        """Rows ``row`` to ``row + count`` of what passes the filter; of the end when ``row`` is negative.

        ``filter`` may have ``since``, the number of the first line wanted. ``base`` is the number of the first row
        there is, ``rows`` how many there are; entries are ``{row, rows, number, repeated, line}``, ``row`` counted like
        ``base``.
        """
        held, dropped = self._lines[:], getattr(self._lines, "dropped", 0)
        index = self._index(question.get("filter") or {})
        index.update(held, dropped, getattr(self._lines, "order", None))
        count = min(int(question["count"]), MOST_ROWS)
        row = int(question["row"])
        entries = index.window(max(index.first, index.end - count if row < 0 else row), count)
        return {
            "epoch": index.epoch,
            "base": index.first,
            "rows": index.end - index.first,
            "shown": index.entries,
            "total": dropped + len(held),
            "dropped": dropped,
            "entries": [
                {**entry._asdict(), "line": _brief(held[entry.number - dropped])}
                for entry in entries
                if entry.number >= dropped
            ],
            **({"choices": _choices(held)} if question.get("choices") else {}),
        }

    def _index(self, filtered: dict[str, Any]) -> ConsoleIndex:
        key = orjson.dumps(filtered, option=orjson.OPT_SORT_KEYS)
        index = self._indexes.pop(key, None) or ConsoleIndex(wanted(filtered), int(filtered.get("since", 0)))
        self._indexes[key] = index  # the newest last
        while len(self._indexes) > MOST_INDEXES:
            del self._indexes[next(iter(self._indexes))]
        return index

    def _line(self, question: Question) -> dict[str, Any] | None:
        """All of one line, and the lines of the script around its place; ``None`` when it was dropped since."""
        at = int(question["number"]) - getattr(self._lines, "dropped", 0)
        if not 0 <= at < len(self._lines):
            return None
        line = self._lines[at]
        return {"line": asdict(line), "source": self._around(line), "item": self._item is not None}

    def _around(self, line: ConsoleLine) -> list[tuple[int, str]]:
        text = self._source(line.script) if self._source and line.script and line.line else None
        lines = (text or "").split("\n")
        numbers = range(max(1, line.line - AROUND), min(len(lines), line.line + AROUND) + 1)
        return [(number, lines[number - 1]) for number in numbers] if text else []

    def _detail(self, question: Question, _watch: object) -> dict[str, Any]:
        if self._item is None:
            raise LookupError("the items of this console are not at hand")
        found = self._item(str(question["item"]))
        document, cuts = capped(found["document"], WHOLE if question.get("whole") else PREVIEW)
        return {**found, "document": document, "cuts": cuts}


def _brief(line: ConsoleLine) -> dict[str, Any]:
    """A line as a window has it: its beginning when it is long."""
    shown = asdict(line)
    if len(line.text) > LONGEST:
        shown["text"], shown["cut"] = line.text[:LONGEST], len(line.text)
    return shown


def _choices(lines: Sequence[ConsoleLine]) -> dict[str, list[str]]:
    """What the filters offer."""
    return {name: sorted({getattr(line, name) for line in lines} - {""}) for name in ("script", "node", "hook")}


def place(line: ConsoleLine) -> str:
    """``alerts.js:12 `` or nothing."""
    return f"{line.script}:{line.line} " if line.script else ""
