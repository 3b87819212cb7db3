"""A view as an Arrow table or a pandas DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.paths import path_of
from kubeshark_nb.store.schema import DOCUMENT, ENVELOPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from kubeshark_nb.store.view import View

# Few different values among many rows: a code per row is enough.
CATEGORIES = frozenset(
    ["node", "protocol", "method", "error"]
    + [f"{side}_{name}" for side in ("src", "dst") for name in ("ip", "name", "namespace")]
)
TIMES = {"time": "time_ns", "ready": "ready_ns"}  # timestamps, under names without their unit
COLUMNS = ("time", *(name for name in ENVELOPE if name not in TIMES.values()), "ready")
UTC_NS = pa.timestamp("ns", "UTC")


def table(view: View, columns: Sequence[str] | None = None) -> pa.Table:
    """Columns ``columns`` of ``view``, the whole envelope by default; the documents are column ``json``.

    Columns are those of `COLUMNS`, ``time_ns`` and ``ready_ns`` (integers), ``json`` (text), and paths into the
    document. Text that repeats is dictionary-encoded, times are timestamps in ns UTC, values of paths get the type they
    have in common or are JSON.

    Raises:
        StoreError: a column is none of these.
    """
    wanted = list(COLUMNS if columns is None else columns)
    if isinstance(columns, str) or not all(isinstance(name, str) for name in wanted):
        raise StoreError(f"columns is a list of names, not {columns!r}")
    plain = {name: TIMES.get(name, name) for name in wanted if TIMES.get(name, name) in ENVELOPE}
    envelope = view.table(sorted(set(plain.values())))
    nested = _nested(view, [name for name in wanted if name not in plain])
    made = {name: _typed(name, envelope.column(source)) for name, source in plain.items()} | nested
    return pa.table({name: made[name] for name in wanted})


def frame(view: View, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The same as a DataFrame: UTC timestamps, categoricals, numbers, booleans; a document is text."""
    import kubeshark_nb.store.accessor  # noqa: F401 (df.kubeshark)

    made: pd.DataFrame = table(view, columns).to_pandas(self_destruct=True, split_blocks=True)
    return made


def _typed(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if name in TIMES:
        return column.cast(UTC_NS)
    return pc.dictionary_encode(column).unify_dictionaries() if name in CATEGORIES else column


def _nested(view: View, names: Sequence[str]) -> dict[str, pa.Array]:
    """Values out of the documents, which are parsed once, a chunk at a time."""
    getters = {name: path_of(name) for name in names if name != DOCUMENT}
    values: dict[str, list[Any]] = {name: [] for name in names}
    for document in _documents(view) if names else ():
        item = orjson.loads(document) if getters else None
        for name, get in getters.items():
            values[name].append(get(item))
        if DOCUMENT in values:
            values[DOCUMENT].append(document.decode())
    kinds = {DOCUMENT: pa.large_utf8()}
    return {name: _array(found, kinds.get(name)) for name, found in values.items()}


def _documents(view: View) -> Iterator[bytes]:
    for chunk in view.chunks():
        yield from chunk.documents()


def _array(values: list[Any], kind: pa.DataType | None) -> pa.Array:
    if kind is None and any(isinstance(value, dict | list) for value in values):
        return pa.array([_as_text(value) for value in values])
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):  # not of one type
        return pa.array([_as_text(value) for value in values])


def _as_text(value: Any) -> str | None:
    """Text as it is, anything else as JSON."""
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
