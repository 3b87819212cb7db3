"""Items: what the user holds. A sequence of Kubeshark's own JSON documents, as long as the disk allows."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import orjson

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.reader import Store
from kubeshark_nb.store.schema import ENVELOPE
from kubeshark_nb.store.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    import pyarrow as pa

    from kubeshark_nb.kfl import Query
    from kubeshark_nb.store.files import Export
    from kubeshark_nb.store.overlay import Overlay
    from kubeshark_nb.store.pcapfile import PacketSource
    from kubeshark_nb.store.query import Watch
    from kubeshark_nb.store.reader import Rows
    from kubeshark_nb.store.redaction import Redaction

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doors:
    """What a session lends its items.

    Attributes:
        queried: `onItemQueried`: gets the documents that a query returns, gives the changed ones (``None``: unchanged).
        packets_of: the packets of a stream, for `Items.to_pcap`.
        now_ns: what `now()` in a query means; wall time when ``None``.
    """

    queried: Callable[[list[bytes]], list[bytes | None]] | None = None
    packets_of: PacketSource | None = None
    now_ns: Callable[[], int] | None = None


def open_items(folder: str | Path, doors: Doors | None = None) -> Items:
    """All items of a store folder, those of a killed session and those still being written included.

    Raises:
        StoreError: there is no such folder.
    """
    return Items(Store(Path(folder)), doors=doors or Doors())


class Items:
    """A view of stored items: ``len(items)``, ``items[3]`` -> dict, ``items[10:20]``, ``for item in items``.

    The view that `open_items` gives follows the store: it grows while items are written. Every other view (a slice, a
    query's result) stays as it is.

    Attributes:
        partial: True when the query that made this view was cancelled: there may be more matches.
    """

    def __init__(  # noqa: PLR0913 (made by open_items, slices and queries only)
        self,
        store: Store,
        rows: Rows | None = None,
        *,
        doors: Doors,
        overlay: Overlay | None = None,
        redaction: Redaction | None = None,
        partial: bool = False,
    ) -> None:
        self.store = store
        self.doors = doors
        self.partial = partial
        self._rows = rows
        self._overlay = overlay
        self._redaction = redaction
        self._sorted: tuple[tuple[str, int], Rows] = (("", 0), np.zeros(0, np.int64))

    def view(self) -> View:
        """A snapshot of what is there now."""
        state = self.store.state()
        return View(state, state.rows if self._rows is None else self._rows, self._overlay, self._redaction)

    def __len__(self) -> int:
        return len(self.store.state() if self._rows is None else self._rows)

    def __iter__(self) -> Iterator[Document]:
        for document in self.documents():
            yield orjson.loads(document)

    @overload
    def __getitem__(self, which: int) -> Document: ...
    @overload
    def __getitem__(self, which: slice) -> Items: ...
    def __getitem__(self, which: int | slice) -> Document | Items:
        if isinstance(which, slice):
            return self._of(self.view().rows[which], self._overlay)
        item: Document = orjson.loads(self.document(which))
        return item

    def document(self, position: int) -> bytes:
        """The JSON of one item; negative positions count from the end.

        Raises:
            IndexError: there is no such item.
        """
        at = index(position)
        view = self.view() if at < 0 else self._seen(at)
        at = range(len(view))[at]
        return next(view.part(slice(at, at + 1)).documents())

    def _seen(self, position: int) -> View:
        """A snapshot that is as new as need be to have ``position``."""
        state = self.store.seen
        if position >= len(state):
            return self.view()
        return View(state, state.rows if self._rows is None else self._rows, self._overlay, self._redaction)

    def documents(self, start: int = 0, count: int | None = None) -> Iterator[bytes]:
        """The JSON of ``count`` items (all when None) from position ``start`` on."""
        stop = None if count is None else start + count
        for chunk in self.view().part(slice(start, stop)).chunks():
            yield from chunk.documents()

    def query(self, kfl: str | Query, *, watch: Watch | None = None, language: str | None = None) -> Items:
        """The items that match, in the order of this view: what `onItemQueried` made of them, `redact()` applied.

        ``watch`` is told the progress and may stop the search; the result is ``partial`` then.

        Raises:
            KFLError: the query cannot be read; it says where.
        """
        from kubeshark_nb import kfl as language_of
        from kubeshark_nb.kfl import Query
        from kubeshark_nb.store.query import Watch, search

        now_ns = self.doors.now_ns() if self.doors.now_ns else None
        query = language_of.compile(kfl, language=language, now_ns=now_ns) if not isinstance(kfl, Query) else kfl
        found = search(self.view(), query, watch or Watch(), self.doors.queried)
        items = self._of(found.rows, found.overlay or self._overlay)
        items.partial = found.partial or self.partial
        return items

    def redacted(self, redaction: Redaction | None = None) -> Items:
        """The same items; whatever leaves them has no secrets any more. ``redaction``: `redaction.Redaction()`."""
        from kubeshark_nb.store.redaction import Redaction

        return Items(
            self.store,
            self._rows,
            doors=self.doors,
            overlay=self._overlay,
            redaction=redaction or Redaction(),
            partial=self.partial,
        )

    def page(self, start: int, count: int, sort: str = "") -> list[Document]:
        """Envelopes of ``count`` items from position ``start`` on, with ``id``, for a table.

        ``sort`` is a column, after ``-`` for descending; the order of the view when empty.

        Raises:
            StoreError: there is no such column.
        """
        view = self.view()
        part = view.part(self._order(view, sort)[start : start + count] if sort else slice(start, start + count))
        rows: list[Document] = part.table(list(ENVELOPE)).to_pylist()
        for row, document in zip(rows, part.documents(), strict=True):
            row["id"] = orjson.loads(document).get("id", "")
        return rows

    def to_pandas(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The envelope as a DataFrame, or just ``columns``: see `frame.table`. ``df.kubeshark`` takes it back here.

        Times are UTC timestamps, what repeats is categorical, sizes are bytes, ``elapsed_us`` microseconds.
        ``columns`` may name values in the document (``request.headers.Host``) and the document (``json``).

        Raises:
            StoreError: a column is unknown.
        """
        from kubeshark_nb.store.accessor import bound
        from kubeshark_nb.store.frame import frame

        return bound(frame(self.view(), columns), self)

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The same as an Arrow table."""
        from kubeshark_nb.store.frame import table

        return table(self.view(), columns)

    def to_parquet(self, path: str | Path) -> Export:
        """Write envelope and documents (column ``json``) as Parquet."""
        from kubeshark_nb.store.files import parquet

        return parquet(self.view(), path)

    def to_csv(self, path: str | Path) -> Export:
        """Write the envelope as CSV, safe to open in a spreadsheet."""
        from kubeshark_nb.store.files import csv

        return csv(self.view(), path)

    def to_jsonl(self, path: str | Path) -> Export:
        """Write the documents, one per line."""
        from kubeshark_nb.store.files import jsonl

        return jsonl(self.view(), path)

    def to_har(self, path: str | Path) -> Export:
        """Write the HTTP items as HAR 1.2; items of other protocols are left out, and counted."""
        from kubeshark_nb.store.har import har

        return har(self.view(), path)

    def to_pcap(self, path: str | Path, packets_of: PacketSource | None = None) -> Export:
        """Write the packets of these items' streams as pcap (nanoseconds), or pcapng if ``path`` ends so.

        ``packets_of(stream, node)`` gives (link type, [(time in ns, length on the wire, bytes)]); the session's own
        when ``None``.

        Raises:
            StoreError: the capture is not at hand, or redaction is on: packets cannot be redacted.
        """
        from kubeshark_nb.store.pcapfile import pcap

        source = packets_of or self.doors.packets_of
        if source is None:
            raise StoreError("the packets of these items are not at hand; take them from a session with their capture")
        return pcap(self.view(), path, source)

    def sql(self, statement: str) -> pd.DataFrame:
        """What ``statement`` (duckdb's SQL) selects from the table ``items``: see `sql.sql`.

        Raises:
            StoreError: the statement cannot be run.
        """
        from kubeshark_nb.store.sql import sql

        return sql(self.view(), statement)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from kubeshark_nb.store.picture import picture

        return picture(self)

    def __repr__(self) -> str:
        more = ", the search was stopped" if self.partial else ""
        return f"<{len(self):,} items{more}{', redacted' if self._redaction else ''}>"

    def _order(self, view: View, sort: str) -> Rows:
        """Positions in the order of ``sort``; the last one asked for is kept."""
        key = (sort, len(view))
        if self._sorted[0] != key:
            from kubeshark_nb.store.order import order_by

            self._sorted = (key, order_by(view, sort))
        return self._sorted[1]

    def _of(self, rows: Rows, overlay: Overlay | None) -> Items:
        return Items(self.store, rows, doors=self.doors, overlay=overlay, redaction=self._redaction)
