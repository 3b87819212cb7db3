"""Some rows of a store in some order, with what changes their documents on the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from kubeshark_nb.store.overlay import Overlay
    from kubeshark_nb.store.reader import Rows, State
    from kubeshark_nb.store.redaction import Redaction

CHUNK = 1024  # rows looked at together: bounds what is in memory, and how long a Stop waits


@dataclass(frozen=True, slots=True)
class View:
    """A snapshot: what is written to the store later does not change it.

    Attributes:
        state: where the rows are.
        rows: row numbers, in the order of the view.
        overlay: documents that stand in for stored ones, ``None`` for none.
        redaction: applied to everything that leaves, ``None`` when switched off.
    """

    state: State
    rows: Rows
    overlay: Overlay | None = None
    redaction: Redaction | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def chunks(self) -> Iterator[View]:
        """The view in parts of `CHUNK` rows."""
        for start in range(0, len(self.rows), CHUNK):
            yield self.part(slice(start, start + CHUNK))

    def part(self, which: slice | Rows) -> View:
        """Some positions of the view."""
        return View(self.state, self.rows[which], self.overlay, self.redaction)

    def stored(self) -> Iterator[bytes | memoryview]:
        """The documents before redaction: what queries are asked of."""
        documents = self.state.documents(self.rows)
        yield from self.overlay.over(self.rows.tolist(), documents) if self.overlay else documents

    def documents(self) -> Iterator[bytes]:
        """The documents as they leave, redacted if that is switched on."""
        if self.redaction is None:
            yield from map(bytes, self.stored())
        else:
            yield from map(self.redaction.document, self.stored())

    def table(self, names: Sequence[str]) -> pa.Table:
        """Envelope columns ``names`` as they leave, in the order of the view."""
        from kubeshark_nb.store.envelope import replaced

        table = self.state.table(names, self.rows)
        if self.overlay:
            table = replaced(table, self.rows, self.overlay)
        return table if self.redaction is None else self.redaction.table(table)
