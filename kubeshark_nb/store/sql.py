"""SQL over the segments, through duckdb: it reads the columns that a statement names, where they lie."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store import files
from kubeshark_nb.store.files import KINDS
from kubeshark_nb.store.frame import TIMES
from kubeshark_nb.store.schema import DOCUMENT

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from kubeshark_nb.store.view import View


def sql(view: View, statement: str) -> pd.DataFrame:
    """What ``statement`` selects; the table is ``items``.

    Its columns are the envelope's (times as timestamps), ``json`` (text: ``json->>'$.request.path'`` works) and
    ``position`` in the view.

    Raises:
        StoreError: duckdb does not accept the statement; its reason says why.
    """
    import duckdb

    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        if view.redaction is None and not view.overlay:
            _where_it_lies(connection, view)
        else:
            _copied(connection, view, Path(folder))
        connection.execute(f"set allowed_directories = ['{folder}']")
        connection.execute("set enable_external_access = false")  # a query neither fetches nor writes anything
        try:
            made: pd.DataFrame = connection.execute(statement).df()
        except duckdb.Error as error:
            raise StoreError(f"sql: {error}") from None
    return made


def _where_it_lies(connection: duckdb.DuckDBPyConnection, view: View) -> None:
    """The mapped segments joined with the places of this view's rows: nothing is copied before it is selected."""
    state = view.state
    columns = {name: state.column(TIMES.get(name, name)).cast(kind) for name, kind in KINDS.items()}
    texts = [chunk.view(pa.large_utf8()) for chunk in state.column(DOCUMENT).chunks]
    places = pa.array(np.arange(len(state)))
    connection.register(
        "stored", pa.table({**columns, DOCUMENT: pa.chunked_array(texts, pa.large_utf8()), "place": places})
    )
    chosen = {"place": pa.array(state.places(view.rows)), "position": pa.array(np.arange(len(view)))}
    connection.register("chosen", pa.table(chosen))
    connection.execute("create view items as select * exclude (place) from stored join chosen using (place)")


def _copied(connection: duckdb.DuckDBPyConnection, view: View, folder: Path) -> None:
    """A Parquet file of the view as it leaves: for documents that are redacted or replaced."""
    path = folder / "items.parquet"
    files.parquet(view, path)
    stored = connection.read_parquet(str(path), file_row_number=True)
    stored.project("* exclude (file_row_number), file_row_number as position").create_view("items")
