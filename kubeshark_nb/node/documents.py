"""The way of items that others made: from their documents to windows, as a `Dissection` gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kubeshark_nb.items.foreign import foreign_item
from kubeshark_nb.node.dissection import Window
from kubeshark_nb.node.opened import OpenedStreams
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.traffic import nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.items.item import Item
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.model import Stats

NO_ITEM = "documents that are no items (they have no protocol)"


class DocumentSource(Protocol):
    """Item documents, and what is known about them besides; see `kubeshark_nb.capture.frames.Frames`."""

    reasons: dict[str, int]
    read_bytes: int

    @property
    def total_bytes(self) -> int:
        """Bytes there are to read, 0 when nobody knows."""

    def documents(self) -> Iterator[list[bytes]]:
        """The documents as they come; an empty list when there are none just now."""


class Documents:
    """One reading of a source of items. ``stats`` counts the bytes of documents and what was no item."""

    def __init__(self, source: DocumentSource, names: NameTable, stats: Stats) -> None:
        self.source = source
        self.names = names
        self.stats = stats
        self.opened = OpenedStreams()
        self._end_ns = 0

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes in all (0 when unknown)."""
        return self.source.read_bytes, self.source.total_bytes

    def windows(self) -> Iterator[Window]:
        """The documents as items, in windows without packets.

        Raises:
            CaptureError: the source cannot be read (any more).
        """
        for documents in self.source.documents():
            yield self._window(documents)
        for reason, number in self.source.reasons.items():
            self.stats.count(reason, number)

    def _window(self, documents: list[bytes]) -> Window:
        found = [foreign_item(document) for document in documents]
        items = [self._not_before(item) for item in found if item is not None]
        items.sort(key=lambda item: item.ready_ns)
        self.stats.count(NO_ITEM, len(found) - len(items))
        self.stats.bytes += sum(map(len, documents))
        self._end_ns = max([self._end_ns, *(item.ready_ns for item in items[-1:])])
        return Window(decode(nothing()), items, self._end_ns)

    def _not_before(self, item: Item) -> Item:
        """No item is ready before the end of an earlier window."""
        return item if item.ready_ns >= self._end_ns else item._replace(ready_ns=self._end_ns)
