"""Where the answer to a MySQL command ends, and what it says (dev.mysql.com: PAGE_PROTOCOL, response packets)."""

from __future__ import annotations

from typing import Any

OK, INFILE, EOF, ERR = 0x00, 0xFB, 0xFE, 0xFF
SHORT = 9  # a packet that ends definitions or rows is shorter
END = 5  # bytes of one: its mark, warnings, status
MORE_RESULTS = 0x0008
BIG = {0xFC: 2, 0xFD: 3, 0xFE: 8}


def length_encoded(data: bytes, at: int) -> tuple[int, int]:
    """A length-encoded integer at ``at``, and where what follows begins; past the end of ``data`` it is 0."""
    if at >= len(data):
        return 0, at
    first = data[at]
    size = BIG.get(first, 0)
    return (int.from_bytes(data[at + 1 : at + 1 + size], "little") if size else first), at + 1 + size


class Answer:
    """Takes the packets of an answer one by one.

    Args:
        kind: of the command, in lower case.
        old: whether column definitions end with a packet of their own, ``None`` when that is not known.

    Attributes:
        outcome: the item's response.
        statement: the number of a statement that was prepared, 0 when there is none.
    """

    __slots__ = ("_columns", "_marks", "_old", "_plain", "_prepare", "_rows", "outcome", "statement")

    def __init__(self, kind: str, *, old: bool | None) -> None:
        self._prepare = kind == "stmt_prepare"
        self._plain = kind == "statistics"
        self._old = old
        listing = kind == "field_list"  # definitions come as rows do
        self._columns = 0 if listing else -1  # definitions still to come, -1 before the first packet
        self._marks = 0  # packets to come that end definitions of a prepared statement
        self._rows = listing
        self.statement = 0
        self.outcome: dict[str, Any] = {
            "success": True, "errorCode": 0, "errorMessage": "", "rows": 0, "affectedRows": 0,
        }  # fmt: skip

    def take(self, payload: bytes) -> bool:
        """Whether the answer is complete with this packet."""
        if not payload or self._plain:
            return True
        if payload[0] == ERR and (self._columns < 0 or self._rows):
            self._failed(payload)
            return True
        if self._columns < 0:
            return self._first(payload)
        if self._prepare:
            return self._definition(payload)
        if not self._rows:
            return self._column(payload)
        return self._row(payload)

    def _first(self, payload: bytes) -> bool:
        kind = payload[0]
        if kind == OK and self._prepare:
            return self._prepared(payload)
        if kind in (OK, EOF):
            return self._ok(payload, 1)
        if kind == INFILE:
            return False  # the client sends a file, an OK follows
        self._columns = length_encoded(payload, 0)[0]
        return False

    def _ok(self, payload: bytes, at: int) -> bool:
        """An OK packet; another result may follow."""
        affected, at = length_encoded(payload, at)
        _, at = length_encoded(payload, at)
        self.outcome["affectedRows"] += affected
        return self._over(int.from_bytes(payload[at : at + 2], "little"))

    def _over(self, status: int) -> bool:
        self._columns = -1
        self._rows = False
        return not status & MORE_RESULTS

    def _prepared(self, payload: bytes) -> bool:
        self.statement = int.from_bytes(payload[1:5], "little")
        columns, parameters = (int.from_bytes(payload[at : at + 2], "little") for at in (5, 7))
        self._columns = columns + parameters
        self._marks = (columns > 0) + (parameters > 0) if self._old is not False else 0
        return not self._columns

    def _definition(self, payload: bytes) -> bool:
        if payload[0] == EOF and len(payload) < SHORT:
            self._marks -= 1
        else:
            self._columns -= 1
        return self._columns <= 0 and (self._marks <= 0 or self._old is None)

    def _column(self, payload: bytes) -> bool:
        if self._columns > 0:
            self._columns -= 1
            self._rows = self._columns == 0 and self._old is False
            return False
        self._rows = True
        if payload[0] == EOF and len(payload) < SHORT and self._old is not False:
            return False
        return self._row(payload)

    def _row(self, payload: bytes) -> bool:
        if payload[0] != EOF or len(payload) >= 0xFFFFFF:  # noqa: PLR2004 - a row so long
            self.outcome["rows"] += 1
            return False
        if len(payload) == END and self._old is not False:
            return self._over(int.from_bytes(payload[3:5], "little"))
        return self._ok(payload, 1)

    def _failed(self, payload: bytes) -> None:
        text = payload[9:] if payload[3:4] == b"#" else payload[3:]
        self.outcome |= {
            "success": False,
            "errorCode": int.from_bytes(payload[1:3], "little"),
            "errorMessage": text.decode("utf-8", "backslashreplace"),
        }
