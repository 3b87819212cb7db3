"""HPACK (RFC 7541) for one who came late: fields that refer to what was never captured are left out and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpack import Decoder, HPACKError, InvalidTableIndexError
from hpack.hpack import decode_integer
from hpack.table import HeaderTable

if TYPE_CHECKING:
    from collections.abc import Iterable

Fields = list[tuple[bytes, bytes]]

MAX_LIST = 1 << 20  # bytes of one header list
MAX_TABLE = 1 << 18  # bytes of the dynamic table, whatever the peers agree on
LATE_TABLE = 1 << 14  # when the agreement was not captured: too large does no harm, indexes count from the newest
MAX_KEPT = 64  # blocks


class _Table(HeaderTable):
    """A header table whose older entries may be unknown."""

    def __init__(self) -> None:
        super().__init__()
        self.missing = 0
        self.changes = 0

    def get_by_index(self, index: int) -> tuple[bytes, bytes]:
        """The field; an empty one when it is unknown."""
        try:
            found: tuple[bytes, bytes] = super().get_by_index(index)
        except InvalidTableIndexError:
            self.missing += 1
            return b"", b""
        return found

    def add(self, name: bytes, value: bytes) -> None:
        """Enter a field; one whose name is unknown keeps its place."""
        self.changes += 1
        super().add(name, value)


class _Decoder(Decoder):
    """Follows every change of the table's size that its peers may have agreed on."""

    def __init__(self, table: _Table) -> None:
        super().__init__(max_header_list_size=MAX_LIST)
        self.max_allowed_table_size = MAX_TABLE
        self.header_table = table

    def _update_encoding_context(self, data: bytes | memoryview) -> int:
        size, consumed = decode_integer(data, 5)
        assert isinstance(self.header_table, _Table)
        self.header_table.changes += 1
        self.header_table.maxsize = min(size, MAX_TABLE)
        return consumed


class HeaderContext:
    """What one side's header blocks mean.

    Args:
        whole: the first block of the connection is there.

    Attributes:
        missing: fields left out so far, because they refer to lost ones.
    """

    def __init__(self, *, whole: bool) -> None:
        self.missing = 0
        self._kept: dict[bytes, Fields] = {}
        self._changes = 0
        self._restart(late=not whole)

    def decode(self, block: bytes) -> Fields:
        """The fields of a header block, in order.

        Raises:
            HPACKError: not HPACK; the context is `forgotten <forget>`.
        """
        table = self._table
        if table.changes != self._changes:
            self._kept.clear()
            self._changes = table.changes
        elif (known := self._kept.get(block)) is not None:
            return known
        fields = [field for field in self._decoded(block) if field[0]]
        self.missing += table.missing
        if table.changes == self._changes and not table.missing and len(self._kept) < MAX_KEPT:
            self._kept[block] = fields  # it means the same until the table changes
        table.missing = 0
        return fields

    def forget(self) -> None:
        """Blocks were lost: nobody knows how far the indexes have moved."""
        self._restart(late=True)

    def _decoded(self, block: bytes) -> Iterable[tuple[bytes, bytes]]:
        try:
            return [(bytes(name), bytes(value)) for name, value in self._decoder.decode(block, raw=True)]
        except HPACKError:
            self.forget()
            raise
        except IndexError as error:  # hpack on a block that ends inside a string
            self.forget()
            raise HPACKError("the block ends too early") from error

    def _restart(self, *, late: bool) -> None:
        self._table = _Table()
        self._decoder = _Decoder(self._table)
        if late:
            self._table.maxsize = LATE_TABLE
        self._kept = {}
        self._changes = 0
