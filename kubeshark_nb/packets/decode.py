"""A batch of frames -> columns of packets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.packets import kinds
from kubeshark_nb.packets.cursor import Cursor, table
from kubeshark_nb.packets.flowkey import flow_keys
from kubeshark_nb.packets.steps import STEPS
from kubeshark_nb.traffic import OTHER, Packets

if TYPE_CHECKING:
    from kubeshark_nb.traffic import Batch, Ints

BY_LINK = table(kinds.LINKS, 1 << 16)
MAX_HEADERS = 24  # of a kind in a row: nobody nests deeper, and a crafted frame may not keep us here


def decode(batch: Batch, since_ns: int = 0) -> Packets:
    """Every header of every frame, down to the transport payload. Never fails: what is not understood is OTHER.

    ``since_ns`` is the latest capture time of earlier batches.
    """
    cursor = Cursor(batch, BY_LINK[batch.link & 0xFFFF])
    for _ in range(MAX_HEADERS):
        if not (cursor.kind >= kinds.FIRST_STEP).any():
            break
        _pass(cursor)
    cursor.kind[cursor.kind >= kinds.FIRST_STEP] = OTHER
    return _packets(batch, cursor, since_ns)


def _pass(cursor: Cursor) -> None:
    for kind, step in STEPS.items():
        who = np.flatnonzero(cursor.kind == kind)
        if who.size:
            step(cursor, who)


def never_back(times: Ints, since: int) -> Ints:
    """``times`` by a clock that shows ``since`` and stands still while they run back; mostly they do not."""
    if not times.size or (times[0] >= since and (times[1:] >= times[:-1]).all()):
        return times
    latest: Ints = np.maximum(np.maximum.accumulate(times), since)
    return latest


def _packets(batch: Batch, cursor: Cursor, since_ns: int) -> Packets:
    flow, side = flow_keys(
        batch.data, cursor.ip_version, cursor.ip_at, cursor.source_port, cursor.target_port, cursor.kind
    )
    start = np.minimum(cursor.at, cursor.end)
    return Packets(
        batch=batch,
        kind=cursor.kind,
        ip_at=cursor.ip_at,
        ip_version=cursor.ip_version,
        flow=flow,
        side=side,
        source_port=cursor.source_port,
        target_port=cursor.target_port,
        start=start,
        end=cursor.end,
        size=np.maximum(cursor.wire_end - cursor.at, 0),
        seq=cursor.seq,
        flags=cursor.flags,
        fragmented=cursor.fragmented,
        carried=batch.length,
        clock_ns=never_back(batch.time_ns, since_ns),
    )
