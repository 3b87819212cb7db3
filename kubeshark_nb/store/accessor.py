"""``df.kubeshark``: from a DataFrame of items back to the items.

A frame that `Items.to_pandas` made knows its items by a number in ``df.attrs``, and each row by its node, stream and
index; so it may be filtered, sorted and joined as long as these columns stay.
"""

from __future__ import annotations

import base64
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

from kubeshark_nb import kfl
from kubeshark_nb.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.store.items import Items

KEY = ["node", "stream", "index"]
ATTRIBUTE = "kubeshark_items"
SIDES = ("response", "request")

REMEMBERED = 64  # frames; the oldest forgets its items first

_known: dict[int, Items] = {}
_numbers = count(1)


def bound(frame: pd.DataFrame, items: Items) -> pd.DataFrame:
    """``frame``, which remembers ``items`` until `REMEMBERED` later ones have been made."""
    number = next(_numbers)
    _known[number] = items
    _known.pop(number - REMEMBERED, None)
    frame.attrs[ATTRIBUTE] = number
    return frame


@pd.api.extensions.register_dataframe_accessor("kubeshark")
class Accessor:
    """What a DataFrame of items can be asked."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def match(self, query: str) -> pd.DataFrame:
        """The rows whose items match the KFL ``query``.

        Raises:
            KFLError: the query cannot be read.
            StoreError: the rows cannot be led back to items.
        """
        test = kfl.compile(query)
        mask = np.fromiter((test(item) for item in self._items()), bool, len(self._frame))
        return self._frame[mask]

    def passed(self) -> pd.DataFrame:
        """The rows that a script passed."""
        return self._frame[self._frame["passed"].astype(bool)]

    def failed(self) -> pd.DataFrame:
        """The rows that a script failed."""
        return self._frame[self._frame["failed"].astype(bool)]

    def body(self, side: str = "response") -> pd.Series[Any]:
        """The bodies (bytes, decoded from Base64) of ``response`` or ``request``; None where there is none.

        Raises:
            StoreError: the rows cannot be led back to items, or ``side`` is neither.
        """
        if side not in SIDES:
            raise StoreError(f"no body of {side!r}; there are {' and '.join(SIDES)}")
        bodies = [body_of(item.get(side)) for item in self._items()]
        return pd.Series(bodies, index=self._frame.index, name="body", dtype=object)

    def _items(self) -> Iterator[Any]:
        """The documents of the rows, parsed one after the other."""
        if "json" in self._frame:
            yield from map(orjson.loads, self._frame["json"])
            return
        items = self._source()
        view = items.view()
        stored = view.table(KEY).to_pandas()
        first = np.flatnonzero(~stored.duplicated())
        keys = pd.MultiIndex.from_frame(stored.iloc[first])
        at = keys.get_indexer(pd.MultiIndex.from_frame(self._frame[KEY].astype(dict(stored.dtypes))))
        if (at < 0).any():
            raise StoreError("some rows are of no item; keep the columns node, stream and index as they are")
        for chunk in view.part(first[at]).chunks():
            yield from map(orjson.loads, chunk.documents())

    def _source(self) -> Items:
        items = _known.get(self._frame.attrs.get(ATTRIBUTE, 0))
        if items is None or not set(KEY) <= set(self._frame.columns):
            raise StoreError(
                "the documents of these rows are not at hand; keep the columns "
                "node, stream and index, or ask for the column json: items.to_pandas(columns=[..., 'json'])"
            )
        return items


def body_of(message: Any) -> bytes | None:
    """The body of a request or response: ``content`` or ``postData`` of HTTP, ``body`` of others."""
    if not isinstance(message, dict):
        return None
    holder = message.get("content") or message.get("postData") or {"text": message.get("body"), "encoding": "base64"}
    text = holder.get("text")
    if not isinstance(text, str):
        return None
    if holder.get("encoding") != "base64":
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return text.encode()
