"""One run of a session as its widgets show it: items, matches, details, packets, columns."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import StoreError
from kubeshark_nb.kfl import quote
from kubeshark_nb.widgets.service_edges import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from kubeshark_nb.session import Session
    from kubeshark_nb.store.items import Items
    from kubeshark_nb.store.query import Watch

MOST_NODES = 1000  # that may have a stream of one name


class RunView:
    """What the session's latest run brought, however many runs come after it; `latest` moves on to the newest."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.items = session.items
        self._ledger, self._number = session.ledger, session.run_number

    @property
    def number(self) -> int:
        """Which run it is."""
        return self._number

    @property
    def hooked(self) -> bool:
        """Whether scripts change what queries return."""
        return self.items.doors.queried is not None

    def latest(self) -> Items:
        """The items of the session's latest run, which it shows from now on."""
        if self._session.run_number and self._session.run_number != self._number:
            self.items = self._session.items
            self._ledger, self._number = self._session.ledger, self._session.run_number
        return self.items

    def query(self, kfl: str, watch: Watch) -> Items:
        """The items that match. Raises KFLError."""
        return self.items.query(kfl, watch=watch) if kfl or self.hooked else self.items

    def columns(self, kfl: str, watch: Watch) -> pa.Table:
        """What the service map and the timeline add up."""
        return self.query(kfl, watch).to_arrow(list(COLUMNS))

    def detail(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """One item's document, with the console lines and vendor calls it caused. Raises StoreError."""
        number = row["id"]
        return {
            "document": self.document(row),
            "console": [asdict(line) for line in self._ledger.console[:] if line.item == number],
            "effects": [asdict(effect) for effect in self._ledger.effects[:] if effect.item == number],
        }

    def document(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The document of a row, as the dashboard gets it. Raises StoreError when there is none."""
        for found in self._named(str(row["stream"]), int(row["index"])):
            if found.get("id") == row["id"]:  # several nodes have streams of the same name
                return found
        raise StoreError(f"no item {row['id']!r} in this run")

    def item(self, number: str) -> dict[str, Any]:
        """`detail` of the item with this id, and its ``row``. Raises StoreError."""
        stream, _, index = number.rpartition("/")[2].rpartition("-")
        rows = self._named(stream, int(index)).page(0, MOST_NODES) if index.isdecimal() else []
        for row in rows:
            if row["id"] == number:
                return {**self.detail(row), "row": row}
        raise StoreError(f"no item {number!r} in this run")

    def _named(self, stream: str, index: int) -> Items:
        return self.items.query(f"stream == {quote(stream)} and index == {index}")

    def pcap(self, row: Mapping[str, Any]) -> bytes:
        """A capture file of the packets of the row's stream. Raises StoreError when they are not at hand."""
        if self._session.run_number != self._number:
            raise StoreError("another run has begun since: the packets of this one are not at hand any more")
        with TemporaryDirectory() as folder:
            path = Path(folder) / "stream.pcap"
            self.items.query(f"stream == {quote(str(row['stream']))}").to_pcap(path)
            return path.read_bytes()
