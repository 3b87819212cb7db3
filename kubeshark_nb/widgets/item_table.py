"""The item table: Kubeshark's list in a notebook cell, for any number of items."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from kubeshark_nb.errors import KFLError
from kubeshark_nb.model import moment
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
STATIC_ROWS = 20
STATIC_HEADS = ("", "Proto", "Status", "Method", "Summary", "Source", "Destination", "Time (UTC)", "Elapsed")


class Rows(Protocol):
    """What the table shows: anything with a length that gives pages of rows (`kubeshark_nb.store.items.Items`)."""

    def __len__(self) -> int: ...

    def page(self, start: int, count: int, sort: str = "") -> Sequence[Row]:
        """Rows ``start`` to ``start + count`` in the order of ``sort`` (a column, ``-`` before it: descending)."""
        ...


class ItemTable(View):
    """A table of ``items`` with a KFL bar and a detail pane.

    Args:
        items: what there is; it may grow while it is shown (then give a ``feed`` with the channel ``items``).
        query: KFL text -> the matching items; raises `KFLError`. Without it the table has no working filter.
        detail: row -> ``{"document": item JSON, "console": [ConsoleLine as dict], "effects": [Effect as dict]}``.
        check: KFL text -> ``None``; raises `KFLError`. Called while the user types; ``None`` skips the check.
        pcap: row -> the bytes of a pcap file with the packets of the row's stream, or ``None`` without such a button.
        kfl: the filter to begin with.
    """

    _esm = bundle("item_table.js")

    def __init__(  # noqa: PLR0913 (each is one thing that the page can ask for)
        self,
        items: Rows,
        query: Callable[[str], Rows] | None = None,
        detail: Callable[[Row], Mapping[str, Any]] | None = None,
        *,
        check: Callable[[str], object] | None = None,
        pcap: Callable[[Row], bytes] | None = None,
        kfl: str = "",
        feed: Feed | None = None,
    ) -> None:
        self._all = self._shown = items
        self._filter, self._explain, self._verify, self._packets = query, detail, check, pcap
        self._kfl = kfl
        self._fault: dict[str, Any] | None = None
        self._row: Row | None = None
        if kfl:
            self._begin_filtered(kfl)
        answers = {
            "start": self._start,
            "rows": self._page,
            "query": self._query,
            "again": self._again,
            "check": self._check,
            "detail": self._detail,
            "select": self._select,
            "pcap": self._pcap,
        }
        super().__init__(answers, feed=feed)

    @property
    def selected(self) -> Any:
        """The document of the row selected in the page, or ``None``."""
        return None if self._row is None else self._look(self._row)["document"]

    @property
    def kfl(self) -> str:
        """The filter that is applied."""
        return self._kfl

    @property
    def items(self) -> Rows:
        """What the table shows: all items, or those that match its filter."""
        return self._shown

    def static_html(self) -> str:
        """The first rows, coloured and escaped."""
        rows = list(self._shown.page(0, STATIC_ROWS))
        return fallback.table(STATIC_HEADS, [(verdict(row), static_cells(row)) for row in rows], self._caption(rows))

    def static_text(self) -> str:
        """The first rows as text."""
        rows = list(self._shown.page(0, STATIC_ROWS))
        return fallback.plain(STATIC_HEADS, [static_cells(row) for row in rows], self._caption(rows))

    def _caption(self, rows: Sequence[Row]) -> str:
        total = len(self._shown)
        kept = f", the first {len(rows)} are shown" if total > len(rows) else ""
        return f"{total:,} item{'' if total == 1 else 's'}{kept}" + (f" · {self._kfl}" if self._kfl else "")

    def _begin_filtered(self, kfl: str) -> None:
        try:
            self._query({"query": kfl})
        except KFLError as fault:
            self._fault = problem(fault)

    def _start(self, _question: Question) -> dict[str, Any]:
        counts = {"total": len(self._shown), "stored": len(self._all)}
        return {**counts, "query": self._kfl, "problem": self._fault}

    def _page(self, question: Question) -> dict[str, Any]:
        rows = self._shown.page(int(question["start"]), int(question["count"]), str(question["sort"]))
        return {"columns": COLUMNS, "rows": [[row.get(name) for name in COLUMNS] for row in rows]}

    def _query(self, question: Question) -> dict[str, Any]:
        text = str(question["query"])
        if text and self._filter is None:
            raise KFLError("this table cannot be filtered: it shows a fixed list")
        self._shown = self._filter(text) if text and self._filter else self._all
        self._kfl, self._fault = text, None
        return {"total": len(self._shown), "stored": len(self._all)}

    def _again(self, _question: Question) -> dict[str, Any]:
        return self._query({"query": self._kfl})

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

    def _pcap(self, question: Question) -> str:
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
