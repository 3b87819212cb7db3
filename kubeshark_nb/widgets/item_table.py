"""The item table: Kubeshark's list in a notebook cell, for any number of items."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from kubeshark_nb.errors import KFLError
from kubeshark_nb.model import moment
from kubeshark_nb.store.query import Watch
from kubeshark_nb.widgets import fallback
from kubeshark_nb.widgets.bundle import bundle
from kubeshark_nb.widgets.document import PREVIEW, WHOLE, capped
from kubeshark_nb.widgets.view import Question, View, problem

if TYPE_CHECKING:
    from kubeshark_nb.widgets.feed import Feed

Row = Mapping[str, Any]

# What the page gets of a row, in this order.
COLUMNS = [
    "id",
    "node",
    "stream",
    "index",
    "protocol",
    "time_ns",
    "method",
    "path",
    "status",
    "src_ip",
    "src_port",
    "src_name",
    "src_namespace",
    "dst_ip",
    "dst_port",
    "dst_name",
    "dst_namespace",
    "elapsed_us",
    "request_size",
    "response_size",
    "passed",
    "failed",
    "error",
    "tls",
]
FIRST_S = 1.0  # how long a cell waits for the matches of the first filter
MOST_HELD = 4  # arrangements kept for the views of one table
MOST_RECALLED = 30
RECALLED: list[str] = []  # filters that were applied, newest first: in memory only, they may hold captured values
STATIC_ROWS = 20
STATIC_HEADS = ("", "Proto", "Status", "Method", "Summary", "Source", "Destination", "Time (UTC)", "Elapsed")


class Rows(Protocol):
    """What the table shows: anything with a length that gives pages of rows (`kubeshark_nb.store.items.Items`)."""

    def __len__(self) -> int: ...

    def __getitem__(self, which: slice) -> Rows:
        """Some of the rows, as they are now."""
        ...

    def page(self, start: int, count: int, sort: str = "") -> Sequence[Row]:
        """Rows ``start`` to ``start + count`` in the order of ``sort`` (a column, ``-`` before it: descending)."""
        ...


Query = Callable[[str, "Watch"], Rows]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Rows as one view of the page wants them: those that match ``kfl``, in the order of ``sort``.

    Attributes:
        stored: how many items there were in all.
        partial: the search was stopped, or ran out of time: there may be more.
    """

    rows: Rows
    kfl: str = ""
    sort: str = ""
    stored: int = 0
    partial: bool = False

    def page(self, start: int, count: int) -> Sequence[Row]:
        """Some of its rows."""
        return self.rows.page(start, count, self.sort)


class ItemTable(View):
    """A table of ``items`` with a KFL bar and a detail pane.

    Args:
        items: what there is; it may grow while it is shown (then give a ``feed`` with the channel ``items``).
        query: ``query(kfl, watch)`` -> the matching items; tells ``watch`` its progress, stops when that says so, and
            raises `KFLError`. Without it the table has no working filter.
        detail: row -> ``{"document": item JSON, "console": [ConsoleLine as dict], "effects": [Effect as dict]}``.
        check: KFL text -> ``None``; raises `KFLError`. Called while the user types; ``None`` skips the check.
        pcap: row -> the bytes of a pcap file with the packets of the row's stream, or ``None`` without such a button.
        kfl: the filter to begin with.
        hooked: scripts change what a query returns, so that even showing everything is a query.
        run: the number of the run these items are of: the feed's news of other runs are not for this table.
        renew: gives the items of the latest run; then the table follows from run to run.
    """

    _esm = bundle("item_table.js")

    def __init__(  # noqa: PLR0913 (each is one thing that the page can ask for)
        self,
        items: Rows,
        query: Query | None = None,
        detail: Callable[[Row], Mapping[str, Any]] | None = None,
        *,
        check: Callable[[str], object] | None = None,
        pcap: Callable[[Row], bytes] | None = None,
        kfl: str = "",
        feed: Feed | None = None,
        hooked: bool = False,
        run: Callable[[], int] = lambda: 0,
        renew: Callable[[], Rows] | None = None,
    ) -> None:
        self._all = items
        self._filter, self._explain, self._verify, self._packets = query, detail, check, pcap
        self._hooked, self._run, self._fresh = hooked, run, renew
        self._fault: dict[str, Any] | None = None
        self._row: Row | None = None
        self._held: dict[int, Arrangement] = {}
        self._numbers = count(1)
        self._last = self._first(kfl)
        answers = {
            "start": self._start,
            "renew": self._renew,
            "rows": self._page,
            "check": self._check,
            "detail": self._detail,
            "select": self._select,
        }
        super().__init__(answers, {"arrange": self._arranged, "pcap": self._pcap}, feed=feed)

    @property
    def selected(self) -> Any:
        """The document of the row selected in the page, or ``None``."""
        return None if self._row is None else self._look(self._row)["document"]

    @property
    def kfl(self) -> str:
        """The filter that is applied."""
        return self._last.kfl

    @property
    def items(self) -> Rows:
        """What the table shows: all items, or those that match its filter."""
        return self._last.rows

    def static_html(self) -> str:
        """The first rows, coloured and escaped."""
        rows = list(self._last.page(0, STATIC_ROWS))
        return fallback.table(STATIC_HEADS, [(verdict(row), static_cells(row)) for row in rows], self._caption(rows))

    def static_text(self) -> str:
        """The first rows as text."""
        rows = list(self._last.page(0, STATIC_ROWS))
        return fallback.plain(STATIC_HEADS, [static_cells(row) for row in rows], self._caption(rows))

    def _caption(self, rows: Sequence[Row]) -> str:
        total = len(self._last.rows)
        kept = f", the first {len(rows)} are shown" if total > len(rows) else ""
        more = ", there may be more" if self._last.partial else ""
        return f"{total:,} item{'' if total == 1 else 's'}{kept}{more}" + (f" · {self.kfl}" if self.kfl else "")

    def _first(self, kfl: str) -> Arrangement:
        """What is shown first; a long search goes on in the page, where it can be watched and stopped."""
        deadline = time.monotonic() + FIRST_S
        try:
            return self._arrange(kfl, "", Watch(cancelled=lambda: time.monotonic() > deadline))
        except KFLError as fault:
            self._fault = problem(fault)
            return Arrangement(self._all, stored=len(self._all))

    def _arrange(self, kfl: str, sort: str, watch: Watch) -> Arrangement:
        if kfl and self._filter is None:
            raise KFLError("this table cannot be filtered: it shows a fixed list")
        stored, rows = len(self._all), self._all
        if self._filter is not None and (kfl or self._hooked):
            rows = self._filter(kfl, watch)
        if sort:
            rows = rows[:]  # as they are now: what arrives later does not jump into what is being read
            rows.page(0, 1, sort)
        return Arrangement(rows, kfl, sort, stored, getattr(rows, "partial", False))

    def _arranged(self, question: Question, watch: Watch) -> dict[str, Any]:
        made = self._arrange(str(question["query"]), str(question["sort"]), watch)
        self._last, self._fault = made, None
        if made.kfl and made.kfl not in RECALLED[:1]:
            RECALLED[:] = [made.kfl, *(kfl for kfl in RECALLED if kfl != made.kfl)][:MOST_RECALLED]
        return self._hold(made)

    def _hold(self, made: Arrangement) -> dict[str, Any]:
        """Keeps ``made`` for a view of the page, which names it by its number; what it needs to know of it."""
        number = next(self._numbers)
        self._held[number] = made
        if len(self._held) > MOST_HELD:
            del self._held[min(self._held)]
        return {
            "view": number,
            "total": len(made.rows),
            "stored": made.stored,
            "partial": made.partial,
            "growing": made.rows is self._all,
        }

    def _start(self, _question: Question) -> dict[str, Any]:
        begun = {"query": self._last.kfl, "problem": self._fault, "recalled": list(RECALLED)}
        run = {"run": self._run(), "follows": self._fresh is not None}
        return {**self._hold(self._last), **begun, **run, "stored": len(self._all)}

    def _renew(self, question: Question) -> dict[str, Any]:
        """Another run has begun: its items are shown from now on, by the same filter."""
        if self._fresh is not None:
            self._all, self._row = self._fresh(), None
            self._last = self._first(self._last.kfl)
        return self._start(question)

    def _page(self, question: Question) -> dict[str, Any]:
        shown = self._held.get(int(question["view"]))
        if shown is None:  # so many other views of this table were asked for since
            return {"gone": True}
        rows = shown.page(int(question["start"]), int(question["count"]))
        return {"columns": COLUMNS, "rows": [[row.get(name) for name in COLUMNS] for row in rows]}

    def _check(self, question: Question) -> dict[str, Any] | None:
        try:
            if self._verify:
                self._verify(str(question["query"]))
        except KFLError as fault:
            return problem(fault)
        return None

    def _detail(self, question: Question) -> dict[str, Any]:
        found = self._look(question["row"])
        document, cuts = capped(found["document"], WHOLE if question.get("whole") else PREVIEW)
        return {**found, "document": document, "cuts": cuts, "pcap": self._packets is not None}

    def _look(self, row: Row) -> Mapping[str, Any]:
        return self._explain(row) if self._explain else {"document": dict(row), "console": [], "effects": []}

    def _select(self, question: Question) -> None:
        self._row = question["row"]

    def _pcap(self, question: Question, _watch: Watch) -> str:
        if self._packets is None:
            raise KFLError("the packets of these items are not at hand")
        return base64.b64encode(self._packets(question["row"])).decode()


def verdict(row: Row) -> str:
    """``failed``, ``passed`` or ``""``; when scripts said both, failed wins."""
    return "failed" if row.get("failed") else "passed" if row.get("passed") else ""


def static_cells(row: Row) -> list[object]:
    """One row's cells in the order of ``STATIC_HEADS``."""
    time = f"{moment(int(row['time_ns'])):%H:%M:%S.%f}"[:-3]
    return [
        {"failed": "✗ failed", "passed": "✓ passed", "": ""}[verdict(row)],
        row["protocol"],
        row["status"] or "",
        row["method"],
        row["path"],
        row["src_name"] or row["src_ip"],
        row["dst_name"] or row["dst_ip"],
        time,
        f"{row['elapsed_us'] / 1000:g} ms",
    ]
