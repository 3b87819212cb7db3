"""Where the envelope's columns stand in the document: needed once a document is changed on its way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from kubeshark_nb.store.arrays import array

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubeshark_nb.store.overlay import Overlay
    from kubeshark_nb.store.reader import Rows

Path = tuple[str | int | None, ...]

# Column -> paths in the document, the first that leads to a value of the column's type counts.
SOURCES: dict[str, tuple[Path, ...]] = {
    "src_ip": (("src", "ip"),),
    "src_port": (("src", "port"),),
    "src_name": (("src", "name"),),
    "src_namespace": (("src", "namespace"),),
    "dst_ip": (("dst", "ip"),),
    "dst_port": (("dst", "port"),),
    "dst_name": (("dst", "name"),),
    "dst_namespace": (("dst", "namespace"),),
    "method": (("request", "method"), ("request", "opCode"), ("request", "command"), ("request", "apiKeyName")),
    "path": (
        ("request", "path"),
        ("request", "questions", 0, "name"),
        ("request", "key"),
        ("request", "exchange"),
        ("request", "queue"),
        ("request", "payload"),
        ("request", "url"),
        ("data",),
    ),
    "status": (("response", "status"),),
    "request_size": (("requestSize",),),
    "response_size": (("responseSize",),),
    "error": (("error", "type"),),
    "tls": (("tls",),),
    "passed": (("passed",),),
    "failed": (("failed",),),
}


def value_at(document: Any, path: Path) -> Any:
    """What ``path`` leads to, ``None`` when it leads nowhere."""
    try:
        for step in path:
            document = document[step]
    except (KeyError, IndexError, TypeError):
        return None
    return document


def replaced(table: pa.Table, rows: Rows, overlay: Overlay) -> pa.Table:
    """``table``, the envelopes of ``rows``, with the columns of replaced documents read from these."""
    mask = np.isin(rows, np.fromiter(overlay.rows(), np.int64))
    if not mask.any():
        return table
    documents = [orjson.loads(overlay.get(int(row)) or b"null") for row in rows[mask]]
    for position, name in enumerate(table.column_names):
        if name in SOURCES:
            column = table.column(name).combine_chunks()
            values = _values(documents, name, column.filter(pa.array(mask)).to_pylist())
            table = table.set_column(position, name, pc.replace_with_mask(column, mask, array(values, column.type)))
    return table


def _values(documents: Sequence[Any], name: str, before: Sequence[Any]) -> list[Any]:
    return [_value(document, name, old) for document, old in zip(documents, before, strict=True)]


def _value(document: Any, name: str, before: Any) -> Any:
    """The column's value in ``document``, ``before`` when it has none of the column's type."""
    convert = CONVERT[type(before)]
    found = (convert(value_at(document, path)) for path in SOURCES[name])
    return next((value for value in found if value is not None), before)


def _integer(value: Any) -> int | None:
    if isinstance(value, str):  # a port is written as text
        return int(value) if value.isdecimal() and len(value) < 19 else None  # noqa: PLR2004 (fits 64 bits)
    return value if isinstance(value, int) and -(2**63) <= value < 2**63 else None


CONVERT: dict[type, Callable[[Any], Any]] = {
    str: lambda value: value if isinstance(value, str) else None,
    bool: lambda value: value if isinstance(value, bool) else None,
    int: _integer,
}
