"""Static pictures of widgets: HTML for readers without a kernel, in which every captured character is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.items.escape import html, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GREEN = "background:rgba(39,174,96,.16)"
RED = "background:rgba(235,87,87,.18)"
ROW_STYLES = {"passed": GREEN, "failed": RED}
CELL = "padding:2px 8px;text-align:left;white-space:pre;max-width:420px;overflow:hidden;text-overflow:ellipsis"


def table(heads: Sequence[str], rows: Iterable[tuple[str, Sequence[object]]], caption: str) -> str:
    """An HTML table. Each row is ``(kind, cells)``, kind one of ``ROW_STYLES`` or ``""``; every cell is escaped."""
    head = "".join(f'<th style="{CELL}">{html(name)}</th>' for name in heads)
    body = "".join(_row(kind, cells) for kind, cells in rows)
    return (
        '<div style="overflow-x:auto;font-size:12px"><table style="border-collapse:collapse">'
        f'<caption style="text-align:left;padding:4px 8px">{html(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(kind: str, cells: Sequence[object]) -> str:
    inner = "".join(f'<td style="{CELL}"><bdi>{html(one_line(str(cell)))}</bdi></td>' for cell in cells)
    return f'<tr style="{ROW_STYLES.get(kind, "")}">{inner}</tr>'


def lines(rows: Iterable[str], caption: str) -> str:
    """Preformatted HTML lines under a caption."""
    body = "\n".join(html(row) for row in rows)
    return f'<div style="font-size:12px">{html(caption)}</div><pre style="font-size:12px">{body}</pre>'


def plain(heads: Sequence[str], rows: Iterable[Sequence[object]], caption: str) -> str:
    """The table as text: one line per row, columns separated by two spaces."""
    grid = [list(heads), *([one_line(str(cell)) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in grid) for at in range(len(heads))]
    shown = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in grid)
    return "\n".join([one_line(caption), *shown])
