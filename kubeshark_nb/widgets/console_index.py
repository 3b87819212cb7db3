"""Which console lines pass a filter, repeated ones as one, and how high each stands: so that a page shows any part."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubeshark_nb.model import ConsoleLine

TALLEST = 12  # rows of one line on the page; what is beyond them shows when the line is opened
TRIM = 20_000  # forgotten entries that make it worth to let go of them


class Entry(NamedTuple):
    """A line of the page: ``number`` counts from the first ever; ``repeated`` times, ``rows`` high from ``row`` on."""

    number: int
    repeated: int
    row: int
    rows: int


class ConsoleIndex:
    """The lines from number ``since`` on that ``wanted`` lets through, kept up to date with `update`.

    Rows count from the first line ever; after a clear, and in another run, from 0 again: then ``epoch`` is another.
    """

    def __init__(self, wanted: Callable[[ConsoleLine], bool], since: int = 0) -> None:
        self._wanted = wanted
        self._since = since
        self._seen = self._dropped = 0
        self._order: Any = None
        self.epoch = 0
        self._begin(0)

    def update(self, lines: Sequence[ConsoleLine], dropped: int, order: Any = None) -> None:
        """Takes in what is new in ``lines``, of which a ring has ``dropped`` that many in front.

        Another ``order`` than last time: they are other lines, or stand in other places.
        """
        if dropped + len(lines) < self._seen or dropped < self._dropped or order != self._order:
            self._begin(dropped)
        self._order = order
        self._dropped = dropped
        start = max(self._seen, dropped)
        for number, line in enumerate(lines[start - dropped :], start):
            self._take(number, line)
        self._seen = dropped + len(lines)
        self._forget(dropped)

    @property
    def first(self) -> int:
        """The first row there is."""
        return self._tops[self._gone]

    @property
    def end(self) -> int:
        """The row after the last."""
        return self._tops[-1]

    @property
    def entries(self) -> int:
        """How many lines the page has, repeated ones counted once."""
        return len(self._numbers) - self._gone

    def window(self, row: int, count: int) -> list[Entry]:
        """The entries that stand anywhere in rows ``row`` to ``row + count``."""
        start = max(self._gone, bisect_right(self._tops, row) - 1)
        stop = bisect_left(self._tops, row + count, start)
        return [self._entry(at) for at in range(start, min(stop, len(self._numbers)))]

    def _entry(self, at: int) -> Entry:
        return Entry(self._numbers[at], self._repeats[at], self._tops[at], self._tops[at + 1] - self._tops[at])

    def _begin(self, seen: int) -> None:
        self.epoch += 1
        self._numbers: list[int] = []
        self._repeats: list[int] = []
        self._tops: list[int] = [0]
        self._last: tuple[Any, ...] | None = None
        self._seen = self._dropped = seen
        self._gone = 0

    def _take(self, number: int, line: ConsoleLine) -> None:
        if line.level == "clear":
            self._begin(number)
        elif number >= self._since and self._wanted(line):
            said = (line.text, line.level, line.script, line.line, line.node, line.hook)
            if said == self._last:
                self._repeats[-1] += 1
                return
            self._last = said
            self._numbers.append(number)
            self._repeats.append(1)
            self._tops.append(self._tops[-1] + min(TALLEST, line.text.count("\n") + 1))

    def _forget(self, dropped: int) -> None:
        self._gone = bisect_left(self._numbers, dropped)
        if self._gone > TRIM:
            for kept in (self._numbers, self._repeats, self._tops):
                del kept[: self._gone]
            self._gone = 0
        if not self.entries:
            self._last = None


def wanted(question: dict[str, Any]) -> Callable[[ConsoleLine], bool]:
    """The test of a console's filter: ``level``, ``script``, ``node``, ``hook`` equal, ``text`` contained."""
    exact = [(name, question[name]) for name in ("level", "script", "node", "hook") if question.get(name)]
    text = str(question.get("text", "")).lower()
    return lambda line: (
        (not text or text in line.text.lower()) and all(getattr(line, name) == value for name, value in exact)
    )
