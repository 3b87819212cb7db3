"""Asking a query of a view: columns first, then bytes, then the parsed document.

Columns decide where they say all that the query asks (``http and response.status >= 500``); else they, and then the
bytes, only skip what cannot match. Documents that a hook replaced, and those not written by our dissectors whose
columns do not say what they say, are always evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import orjson

from kubeshark_nb.store.arrays import booleans
from kubeshark_nb.store.masks import mask_of
from kubeshark_nb.store.needles import needles
from kubeshark_nb.store.overlay import Overlay
from kubeshark_nb.store.schema import ESCAPED, REGULAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubeshark_nb.kfl import Query
    from kubeshark_nb.store.masks import Mask
    from kubeshark_nb.store.reader import Rows
    from kubeshark_nb.store.view import View

    Test = Callable[[bytes], bool]
    Queried = Callable[[list[bytes]], list[bytes | None]]


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on: ``progress(done, total)`` in documents to look at, ``cancelled()`` to stop early."""

    progress: Callable[[int, int], object] = lambda _done, _total: None
    cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Found:
    """Rows that match, in the order of the view; documents that query or hook changed; whether it was stopped."""

    rows: Rows
    overlay: Overlay | None
    partial: bool


def search(view: View, query: Query, watch: Watch, queried: Queried | None = None) -> Found:
    """The rows of ``view`` that match ``query``, no more than its limit.

    ``queried`` is given the documents that match, a few at a time, and says what they are shown as.
    """
    candidates = _candidates(view, query)
    overlay = Overlay(view.overlay)
    kept: list[Rows] = []
    done, total, left = 0, len(candidates.view), query.limit or len(view)
    for chunk in candidates.chunks():
        if left <= 0 or watch.cancelled():
            break
        matches = _matches(chunk, query, overlay)[:left]
        if queried is not None and matches:
            _apply(queried, chunk.view, matches, overlay)
        kept.append(chunk.view.rows[matches])
        done, left = done + len(chunk.view), left - len(matches)
        watch.progress(done, total)
    rows = np.concatenate(kept) if kept else np.zeros(0, np.int64)
    return Found(rows, overlay if len(overlay) else None, partial=left > 0 and done < total)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The part of a view that may match.

    Attributes:
        sure: one flag per row: it matches, its document need not be read.
        test: what a document's bytes must pass to be worth parsing, except where ``unsure`` (one flag per row).
    """

    view: View
    sure: Mask
    unsure: Mask
    test: Test | None

    def chunks(self) -> Iterator[Candidates]:
        """The same in chunks, as `View.chunks` makes them."""
        start = 0
        for chunk in self.view.chunks():
            rows = slice(start, start + len(chunk))
            yield Candidates(chunk, self.sure[rows], self.unsure[rows], self.test)
            start += len(chunk)

    def worth_parsing(self) -> Iterator[tuple[int, bytes | memoryview]]:
        """Position and document of each row that is neither sure nor ruled out by its bytes."""
        open_ones = np.flatnonzero(~self.sure)
        for position, document in zip(open_ones.tolist(), self.view.part(open_ones).stored(), strict=True):
            if self.test is None or self.unsure[position]:
                yield position, document
            elif self.test(raw := bytes(document)):
                yield position, raw


def _candidates(view: View, query: Query) -> Candidates:
    tree, certain = query.prefilter, None if query.redacts else query.certainty
    nothing = np.zeros(len(view), np.bool_)
    if not len(view) or (tree is None and certain is None):
        return Candidates(view, nothing, nothing, None)
    state, places = view.state, view.state.places(view.rows)
    foreign = ~booleans(state.column(REGULAR))[places]
    if view.overlay:
        foreign |= np.isin(view.rows, np.fromiter(view.overlay.rows(), np.int64))
    keep = np.arange(len(view)) if tree is None else np.flatnonzero(foreign | mask_of(tree, state)[places])
    sure = nothing[keep] if certain is None else ~foreign[keep] & mask_of(certain, state)[places[keep]]
    unsure = foreign[keep] | booleans(state.column(ESCAPED))[places[keep]]
    return Candidates(view.part(keep), sure, unsure, needles(tree) if tree else None)


def _matches(chunk: Candidates, query: Query, overlay: Overlay) -> list[int]:
    """Positions in ``chunk`` of what matches. What the query redacts is put into ``overlay``."""
    if not query.redacts:
        read = [position for position, document in chunk.worth_parsing() if query(orjson.loads(document))]
        return sorted([*np.flatnonzero(chunk.sure).tolist(), *read])
    found = []
    for position, document in chunk.worth_parsing():
        item = orjson.loads(document)
        matched, shown = query.apply(item)
        if matched:
            found.append(position)
        if matched and shown is not item:
            overlay.put(int(chunk.view.rows[position]), orjson.dumps(shown))
    return found


def _apply(queried: Queried, chunk: View, matches: list[int], overlay: Overlay) -> None:
    rows = chunk.rows[matches]
    stored = chunk.state.documents(rows)
    documents = [bytes(document) for document in overlay.over(rows.tolist(), stored)]
    for row, shown in zip(rows.tolist(), queried(documents), strict=True):
        if shown is not None:
            overlay.put(row, shown)
