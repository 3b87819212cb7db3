"""The kernel's packet ring, TPACKET_V3 (linux/if_packet.h): blocks of frames that become batches as they are."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.columns import rows
from kubeshark_nb.traffic import PADDING, Batch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from mmap import mmap

    from kubeshark_nb.traffic import Ints

# Bytes. No frame is longer than that; and the kernel hands a block over after a moment even when it is nearly empty, so
# that few large blocks would be used up by time and not by packets.
BLOCK = 1 << 17
STATUS, COUNT, FIRST, LENGTH = 8, 12, 16, 20  # where a block's header has its fields
OURS, THEIRS = b"\1\0\0\0", b"\0\0\0\0"  # states of a block: TP_STATUS_USER and TP_STATUS_KERNEL, little end first
TAGGED, WITH_PROTOCOL = 1 << 4, 1 << 6  # TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID
OUTGOING = 4  # PACKET_OUTGOING
ETHERNET, RAW, RADIOTAP, SLL = 1, 101, 127, 113
LINKS = {
    1: ETHERNET,
    772: ETHERNET,
    801: 105,
    803: RADIOTAP,
    65534: RAW,
    512: 9,
    768: RAW,
    769: RAW,
    776: RAW,
    778: RAW,
}
FRAME = np.dtype(
    [
        ("next", "u4"),
        ("sec", "u4"),
        ("nsec", "u4"),
        ("captured", "u4"),
        ("length", "u4"),
        ("status", "u4"),
        ("mac", "u2"),
        ("net", "u2"),
        ("hash", "u4"),
        ("tci", "u4"),
        ("tpid", "u2"),
        ("", "V10"),
        ("family", "u2"),
        ("protocol", "u2"),
        ("interface", "i4"),
        ("hardware", "u2"),
        ("kind", "u1"),
        ("", "V1"),
    ]
)  # fmt: skip - struct tpacket3_hdr, then the start of struct sockaddr_ll


class Blocks:
    """The blocks of a mapped ring, in the order in which the kernel fills them."""

    def __init__(self, memory: mmap) -> None:
        self._memory = memory
        self._count = len(memory) // BLOCK
        self._at = 0

    def take(self, most: int) -> list[bytes]:
        """Copies of the next full blocks, at most ``most``, which the kernel gets back."""
        taken: list[bytes] = []
        memory = self._memory
        while len(taken) < most:
            start = self._at * BLOCK
            if not memory[start + STATUS] & OURS[0]:
                break
            (length,) = struct.unpack_from("I", memory, start + LENGTH)
            taken.append(memory[start : start + length])
            memory[start + STATUS : start + STATUS + 4] = THEIRS
            self._at = (self._at + 1) % self._count
        return taken


def batch_of(blocks: Sequence[bytes], *, not_outgoing: int = 0) -> Batch:
    """The frames in ``blocks``. Those that leave through interface ``not_outgoing`` (its index; 0: none) are left out.

    The kernel takes VLAN tags out of frames and tells them beside: they are put back.
    """
    data = b"".join((*blocks, PADDING))
    places = np.array(_places(blocks), np.int64)
    fields = rows(data, places, FRAME.itemsize).view(FRAME).reshape(-1)
    if not_outgoing:
        kept = (fields["interface"] != not_outgoing) | (fields["kind"] != OUTGOING)
        places, fields = places[kept], fields[kept]
    batch = Batch(
        data=data,
        first=0,
        starts=places + fields["mac"],
        captured=fields["captured"].astype(np.int64),
        length=fields["length"].astype(np.int64),
        time_ns=fields["sec"].astype(np.int64) * 10**9 + fields["nsec"],
        link=_links(fields["hardware"]),
    )
    tagged = np.flatnonzero(fields["status"] & TAGGED)
    return _with_tags(batch, fields, tagged) if tagged.size else batch


def _places(blocks: Sequence[bytes]) -> list[int]:
    """Where each frame's header is in the joined blocks."""
    places: list[int] = []
    add = places.append
    begin = 0
    step = struct.Struct("I").unpack_from
    for block in blocks:
        count, at = struct.unpack_from("II", block, COUNT)
        for _ in range(count):
            add(begin + at)
            at += step(block, at)[0]
        begin += len(block)
    return places


def link_of(hardware: int) -> int:
    """The link type of an interface whose hardware type (ARPHRD_…) is ``hardware``."""
    return LINKS.get(hardware, ETHERNET)


def _links(hardware: np.ndarray) -> Ints:
    links = np.full(len(hardware), ETHERNET, np.int64)
    for kind in np.unique(hardware).tolist():
        links[hardware == kind] = link_of(kind)
    return links


def _with_tags(batch: Batch, fields: np.ndarray, tagged: Ints) -> Batch:
    """Frames with their tags again, copied behind the others."""
    data = batch.data[: -len(PADDING)]
    parts, end = [data], len(data)
    for row in tagged.tolist():
        start, size = int(batch.starts[row]), int(batch.captured[row])
        one = fields[row]
        protocol = int(one["tpid"]) if one["status"] & WITH_PROTOCOL else 0x8100
        tag = struct.pack(">HH", protocol, int(one["tci"]) & 0xFFFF)
        parts.append(data[start : start + 12] + tag + data[start + 12 : start + size])
        batch.starts[row] = end
        end += len(parts[-1])
    batch.captured[tagged] += 4
    batch.length[tagged] += 4
    batch.data = b"".join((*parts, PADDING))
    return batch
