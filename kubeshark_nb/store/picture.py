"""Items where no widget can run: the first rows as a static table and as text, every captured character escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.items.escape import html, one_line
from kubeshark_nb.model import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.store.items import Items

ROWS = 20
HEADS = ("Protocol", "Status", "Method", "Summary", "Source", "Destination", "Time (UTC)", "Elapsed", "Verdict")
COLOURS = {"passed": "background:rgba(39,174,96,.16)", "failed": "background:rgba(235,87,87,.18)"}
CELL = "padding:2px 8px;text-align:left;white-space:pre;max-width:420px;overflow:hidden;text-overflow:ellipsis"


def picture(items: Items) -> dict[str, str]:
    """``text/html`` and ``text/plain`` of the first `ROWS` items."""
    rows = items.page(0, ROWS)
    caption = repr(items).strip("<>") + (f", the first {ROWS} are shown" if len(items) > ROWS else "")
    return {"text/html": _table(rows, caption), "text/plain": _text(rows, caption)}


def _table(rows: Sequence[dict[str, Any]], caption: str) -> str:
    head = "".join(f'<th style="{CELL}">{html(name)}</th>' for name in HEADS)
    body = "".join(f'<tr style="{COLOURS.get(_verdict(row), "")}">{_tds(row)}</tr>' for row in rows)
    return (
        '<div style="overflow-x:auto;font-size:12px"><table style="border-collapse:collapse">'
        f'<caption style="text-align:left;padding:4px 8px">{html(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _tds(row: dict[str, Any]) -> str:
    return "".join(f'<td style="{CELL}"><bdi>{html(cell)}</bdi></td>' for cell in _cells(row))


def _text(rows: Sequence[dict[str, Any]], caption: str) -> str:
    grid = [HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in grid) for at in range(len(HEADS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in grid)
    return "\n".join([caption, *lines])


def _cells(row: dict[str, Any]) -> list[str]:
    cells = [
        row["protocol"],
        row["status"] or "",
        row["method"],
        row["path"],
        row["src_name"] or row["src_ip"],
        row["dst_name"] or row["dst_ip"],
        f"{moment(row['time_ns']):%H:%M:%S.%f}"[:-3],
        f"{row['elapsed_us'] / 1000:g} ms",
        _verdict(row),
    ]
    return [one_line(str(cell)) for cell in cells]


def _verdict(row: dict[str, Any]) -> str:
    """When scripts said both, failed wins."""
    return "failed" if row["failed"] else "passed" if row["passed"] else ""
