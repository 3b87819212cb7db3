"""Sixty-four bits that say which conversation a packet belongs to, equal in both directions.

Each end (address and port) is hashed with multipliers drawn once per process (or given to it in `SHARED`, when several
processes share out one capture), so that nobody can craft two conversations that fall together; the two hashes are then
combined in a way that does not depend on their order. The bits are only ever used to group: nothing a user sees depends
on them. Which side is which is a matter of the addresses and ports themselves, because that can be seen, where the
start of a conversation was not captured.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.columns import rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kubeshark_nb.traffic import Ints

    Words = NDArray[np.uint64]

SHARED = "KUBESHARK_NB_FLOWS"  # environment variable: `OURS` of a process whose keys this one is to have
OURS = os.environ.get(SHARED) or secrets.token_hex(40)

A, B, C, D, E = np.frombuffer(bytes.fromhex(OURS), np.uint64) | np.uint64(1)
SHIFT = np.uint64(32)


def flow_keys(  # noqa: PLR0913, PLR0917 - columns
    data: bytes, version: NDArray[np.int8], ip_at: Ints, source_port: Ints, target_port: Ints, kind: NDArray[np.int16]
) -> tuple[Words, NDArray[np.int8]]:
    """The key of every packet and which of the two sides sent it; both 0 where there is no IP header."""
    keys = np.zeros(len(kind), np.uint64)
    sides = np.zeros(len(kind), np.int8)
    for number, ends in ((4, _ends4), (6, _ends6)):
        who = np.flatnonzero(version == number)
        if not who.size:
            continue
        source, target, order = ends(data, ip_at[who])
        from_port, to_port = source_port[who], target_port[who]
        mixed = _mixed(source, from_port) + _mixed(target, to_port)
        keys[who] = mixed ^ (kind[who].astype(np.uint64) * E)
        sides[who] = (order > 0) | ((order == 0) & (from_port > to_port))
    return keys, sides


def _ends4(data: bytes, at: Ints) -> tuple[Words, Words, NDArray[np.int8]]:
    """Both addresses, hashed, and whether the source's is the greater (1), the smaller (-1) or the same (0)."""
    pair = rows(data, at + 12, 8).view(">u4").reshape(-1, 2).astype(np.uint64)
    order = _compared(pair[:, 0], pair[:, 1])
    pair *= A
    return pair[:, 0], pair[:, 1], order


def _ends6(data: bytes, at: Ints) -> tuple[Words, Words, NDArray[np.int8]]:
    """See `_ends4`."""
    words = rows(data, at + 8, 32).view(">u8").reshape(-1, 4).astype(np.uint64)
    high, low = _compared(words[:, 0], words[:, 2]), _compared(words[:, 1], words[:, 3])
    return _fold(words[:, 0], words[:, 1]), _fold(words[:, 2], words[:, 3]), np.where(high != 0, high, low)


def _compared(one: Words, other: Words) -> NDArray[np.int8]:
    order: NDArray[np.int8] = (one > other).astype(np.int8) - (one < other).astype(np.int8)
    return order


def _fold(high: Words, low: Words) -> Words:
    high = high * A
    folded: Words = (high ^ (high >> SHIFT)) * B + low * D
    return folded


def _mixed(address: Words, port: Ints) -> Words:
    word = address + port.astype(np.uint64) * C
    word = (word ^ (word >> SHIFT)) * D
    mixed: Words = word ^ (word >> SHIFT)
    return mixed
