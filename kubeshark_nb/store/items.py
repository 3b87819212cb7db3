"""Items: what the user holds. A sequence of Kubeshark's own JSON documents, as long as the disk allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import orjson

from kubeshark_nb.store.reader import Store
from kubeshark_nb.store.schema import DOCUMENT, ENVELOPE
from kubeshark_nb.store.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    import pyarrow as pa

    from kubeshark_nb.kfl import Query
    from kubeshark_nb.store.overlay import Overlay
    from kubeshark_nb.store.pcapfile import PacketSource
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
            return self._of(self.view().rows[which])
        return orjson.loads(self.document(which))

    def document(self, position: int) -> bytes:
        """The JSON of one item; negative positions count from the end.

        Raises:
            IndexError: there is no such item.
        """
        view = self.view()
        at = range(len(view))[index(position)]
        return next(view.part(slice(at, at + 1)).documents())

    def documents(self, start: int = 0, count: int | None = None) -> Iterator[bytes]:
        """The JSON of ``count`` items (all when None) from position ``start`` on."""
        stop = None if count is None else start + count
        for chunk in self.view().part(slice(start, stop)).chunks():
            yield from chunk.documents()

    def _of(self, rows: Rows) -> Items:
        return Items(self.store, rows, doors=self.doors, overlay=self._overlay, redaction=self._redaction)
