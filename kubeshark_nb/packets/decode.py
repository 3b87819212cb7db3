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
    from kubeshark_nb.traffic import Batch

BY_LINK = table(kinds.LINKS, 1 << 16)
MAX_HEADERS = 24  # of a kind in a row: nobody nests deeper, and a crafted frame may not keep us here


def decode(batch: Batch) -> Packets:
    """Every header of every frame, down to the transport payload. Never fails: what is not understood is OTHER."""
    cursor = Cursor(batch, BY_LINK[batch.link & 0xFFFF])
    for _ in range(MAX_HEADERS):
        if not (cursor.kind >= kinds.FIRST_STEP).any():
            break
        _pass(cursor)
    cursor.kind[cursor.kind >= kinds.FIRST_STEP] = OTHER
    return _packets(batch, cursor)


def _pass(cursor: Cursor) -> None:
    for kind, step in STEPS.items():
        who = np.flatnonzero(cursor.kind == kind)
        if who.size:
            step(cursor, who)


def _packets(batch: Batch, cursor: Cursor) -> Packets:
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
    )
