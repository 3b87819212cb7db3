"""The rows of a view in the order of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.schema import ENVELOPE

if TYPE_CHECKING:
    from kubeshark_nb.store.reader import Rows
    from kubeshark_nb.store.view import View


def order_by(view: View, sort: str) -> Rows:
    """Positions of ``view`` ordered by the column ``sort`` (descending after ``-``), equal ones as in the view.

    Raises:
        StoreError: there is no such column.
    """
    name = sort.removeprefix("-")
    if name not in ENVELOPE:
        raise StoreError(f"no column {name!r} to sort by; there are {', '.join(ENVELOPE)}")
    table = view.table([name])
    order = "descending" if sort.startswith("-") else "ascending"
    positions: Rows = pc.sort_indices(table, [(name, order)]).to_numpy().astype("int64")
    return positions
