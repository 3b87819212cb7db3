"""``onItemQueried`` over many documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.runtime.batches import Batch, Moment, query
from kubeshark_nb.runtime.timeline import ITEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.runtime.feed import Done
    from kubeshark_nb.runtime.pump import Pump


class Queries:
    """A feed of item documents; ``answers`` holds the replaced ones, ``None`` where nothing changed."""

    def __init__(self, pump: Pump, documents: Sequence[bytes], text: str, now: int, seconds: float) -> None:
        self._documents = documents
        self._text = text
        self._moment = Moment(now, seconds)
        self._width = len(pump.listeners("onItemQueried"))
        self._at = 0
        self._skip = 0
        self.answers: list[bytes | None] = [None] * len(documents)

    def next(self) -> Batch | None:
        """See `Feed`."""
        documents = self._documents[self._at : self._at + ITEMS]
        if not documents:
            return None
        moment = Moment(self._moment.now, self._moment.seconds, self._skip)
        return query(moment, documents, [_id(document) for document in documents], self._text, self._width)

    def done(self, done: Done) -> None:
        """See `Feed`."""
        begun = done.events + bool(done.skip)  # one more was begun: scripts before the one that was cut have answered
        for row, answer in enumerate(done.answers[:begun], self._at):
            if answer is not None:
                self.answers[row] = answer.encode()
        self._at += done.events
        self._skip = done.skip


def _id(document: bytes) -> str:
    """The document's id: the first member of every item."""
    head = document[:200].partition(b'"id":"')[2].partition(b'"')[0]
    return head.decode("utf-8", "replace") or str(orjson.loads(document).get("id", ""))
