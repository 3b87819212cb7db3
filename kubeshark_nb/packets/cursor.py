"""Where the decoding of every frame of a batch stands: one row per frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.columns import rows
from kubeshark_nb.traffic import OTHER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from kubeshark_nb.traffic import Batch, Bools, Ints


class Cursor:
    """Columns that the steps move forward.

    Attributes:
        kind: what header is next (`kinds`).
        at: where it begins in ``data``.
        end: end of what is captured of it; a length in a header only ever makes it smaller.
        wire_end: the same on the wire, beyond ``end`` when the snap length cut the frame.
    """

    def __init__(self, batch: Batch, kind: NDArray[np.int16]) -> None:
        count = len(batch)
        self.data = batch.data
        self.kind = kind
        self.at: Ints = batch.starts.copy()
        self.end: Ints = batch.starts + batch.captured
        self.wire_end: Ints = batch.starts + batch.length
        self.next_header: Ints = np.zeros(count, np.int64)
        self.ip_at: Ints = np.zeros(count, np.int64)
        self.ip_version = np.zeros(count, np.int8)
        self.source_port: Ints = np.zeros(count, np.int64)
        self.target_port: Ints = np.zeros(count, np.int64)
        self.seq: Ints = np.zeros(count, np.int64)
        self.flags: Ints = np.zeros(count, np.int64)
        self.fragmented: Bools = np.zeros(count, np.bool_)

    def read(self, who: Ints, layout: np.dtype[np.void]) -> tuple[Ints, NDArray[np.void]]:
        """The header ``layout`` of the rows ``who``; rows too short for it become OTHER and are left out."""
        enough = self.at[who] + layout.itemsize <= self.end[who]
        if not enough.all():
            self.kind[who[~enough]] = OTHER
            who = who[enough]
        return who, rows(self.data, self.at[who], layout.itemsize).view(layout).reshape(-1)

    def go_on(self, who: Ints, skip: Ints | int, kind: NDArray[np.int16] | int) -> None:
        """``skip`` bytes further, where ``kind`` is next."""
        self.at[who] += skip
        self.kind[who] = kind

    def limit(self, who: Ints, end: Ints) -> None:
        """What a header says about where its payload ends."""
        self.wire_end[who] = end
        self.end[who] = np.minimum(self.end[who], end)


def table(values: Mapping[int, int], size: int) -> NDArray[np.int16]:
    """``values`` as an array to index with a column; OTHER where there is none."""
    found = np.zeros(size, np.int16)
    for key, kind in values.items():
        found[key] = kind
    return found
