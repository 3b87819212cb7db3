"""A window on its way from the process that dissects to the one that plays: written once, never parsed again.

A frame is the length of a head (8 bytes), the length of a body (8 bytes), the head, the body. The head is `Parcel` as
marshal writes it: both ends are the same interpreter and the same program, and nobody else can write to the pipe. The
body is the items' documents, one after the other, as they were made.
"""

from __future__ import annotations

import marshal
import os
import struct
from dataclasses import astuple, dataclass, fields
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kubeshark_nb.items.item import Item
from kubeshark_nb.items.names import Name
from kubeshark_nb.model import Stats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from socket import socket

    from numpy.typing import NDArray

    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.node.dissection import Dissection, Window
    from kubeshark_nb.traffic import PacketColumns as Seen

LENGTHS = struct.Struct("<QQ")
AT_ONCE = min(512, os.sysconf("SC_IOV_MAX"))  # pieces given to the system in one call
_row = itemgetter(slice(0, -1))
_new = tuple.__new__  # a named tuple's own constructor takes three times as long
Columns = tuple[bytes, bytes, bytes, bytes]  # time_ns, captured, length (int64), fragmented (bool)
News = tuple[str, str, tuple[str, ...], int]


class Parcel(NamedTuple):
    """What one share of a capture has in one window.

    Attributes:
        end_ns: the window's end.
        rows: the items without their documents; ``sizes`` are the bytes of those.
        packets: the columns of the packets, empty but in the first share.
        opened: number, flow and kind of the streams that opened.
        news: names added and learned, in the first share.
        stats: what was counted since the parcel before, as `dataclasses.astuple` gives it.
        read: bytes read so far.
        error: why there will be no further parcel, ``""`` otherwise; ``last`` says that there is none to come.
    """

    end_ns: int = 0
    rows: Sequence[tuple[object, ...]] = ()
    sizes: Sequence[int] = ()
    packets: Columns = (b"", b"", b"", b"")
    opened: Sequence[tuple[int, int, int]] = ()
    news: Sequence[News] = ()
    stats: tuple[object, ...] = ()
    read: int = 0
    last: bool = False
    error: str = ""


@dataclass(slots=True)
class PacketColumns:
    """What hooks see of packets; see `kubeshark_nb.traffic.PacketColumns`."""

    time_ns: NDArray[np.int64]
    captured: NDArray[np.int64]
    length: NDArray[np.int64]
    fragmented: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.time_ns)


class Packer:
    """Makes the parcels of one reading."""

    def __init__(self, reading: Dissection, *, packets: bool) -> None:
        self._reading = reading
        self._packets = packets
        self._before = Stats()
        if packets:
            reading.names.news = []

    def packed(self, window: Window) -> tuple[Parcel, list[bytes]]:
        """The parcel of a window, and the documents of its items."""
        reading = self._reading
        news = reading.names.news or []
        told = [(how, address, tuple(name), since) for how, address, name, since in news]
        news.clear()
        stats, self._before = since(self._before, reading.stats)
        documents = [item.json for item in window.items]
        columns = packed_columns(window.packets) if self._packets else (b"", b"", b"", b"")
        parcel = Parcel(
            window.end_ns,
            list(map(_row, window.items)),
            list(map(len, documents)),
            columns,
            reading.opened.taken(),
            told,
            astuple(stats),
            reading.progress[0],
        )
        return parcel, documents


def packed_columns(packets: Seen) -> Columns:
    """The columns of packets as bytes."""
    kinds = (np.int64, np.int64, np.int64, np.bool_)
    columns = (packets.time_ns, packets.captured, packets.length, packets.fragmented)
    time_ns, captured, length, fragmented = (
        np.ascontiguousarray(column, kind).tobytes() for column, kind in zip(columns, kinds, strict=True)
    )
    return time_ns, captured, length, fragmented


def since(before: Stats, now: Stats) -> tuple[Stats, Stats]:
    """What has been counted between ``before`` and ``now``, and a copy of ``now``."""
    new, copy = Stats(), Stats()
    for each in fields(Stats):
        if each.name != "reasons":
            setattr(copy, each.name, getattr(now, each.name))
            setattr(new, each.name, getattr(now, each.name) - getattr(before, each.name))
    for reason, number in now.reasons.items():
        copy.reasons[reason] = number
        new.count(reason, number - before.reasons.get(reason, 0))
    return new, copy


def count_in(stats: Stats, counted: tuple[object, ...]) -> None:
    """Add to ``stats`` what a parcel counted."""
    part = Stats(*counted)  # type: ignore[arg-type]
    for each in fields(Stats):
        if each.name != "reasons":
            setattr(stats, each.name, getattr(stats, each.name) + getattr(part, each.name))
    for reason, number in part.reasons.items():
        stats.count(reason, number)


def send(pipe: socket, parcel: Parcel, documents: Sequence[bytes] = ()) -> None:
    """Write a frame; waits while the other end has enough. Raises OSError when that is gone."""
    head = marshal.dumps(list(parcel))
    pieces = [LENGTHS.pack(len(head), sum(parcel.sizes)), head, *documents]
    for at in range(0, len(pieces), AT_ONCE):
        _send_all(pipe, [memoryview(piece) for piece in pieces[at : at + AT_ONCE]])


def _send_all(pipe: socket, views: list[memoryview]) -> None:
    while views:
        sent = pipe.sendmsg(views)
        done = 0
        while done < len(views) and sent >= len(views[done]):
            sent -= len(views[done])
            done += 1
        views = views[done:]
        if sent:
            views[0] = views[0][sent:]


class Inbox:
    """The receiving end of a pipe of frames. One block of memory takes their bodies, one after the other."""

    def __init__(self, pipe: socket) -> None:
        self._pipe = pipe
        self._room = bytearray()

    def next(self) -> tuple[Parcel, list[Item]]:
        """Read a frame: the parcel, and its items with their documents.

        Raises:
            EOFError: the other end is gone.
        """
        head_size, body_size = LENGTHS.unpack(self._filled(LENGTHS.size))
        parcel = Parcel(*marshal.loads(self._filled(head_size)))  # noqa: S302 - see the module
        body = self._filled(body_size)
        edges = pairwise(accumulate(parcel.sizes, initial=0))
        items = [
            _new(Item, (*row, bytes(body[start:end]))) for row, (start, end) in zip(parcel.rows, edges, strict=True)
        ]
        return parcel, items

    def _filled(self, size: int) -> memoryview:
        """The next ``size`` bytes, until the next call."""
        if size > len(self._room):
            self._room = bytearray(size)
        view = memoryview(self._room)[:size]
        at = 0
        while at < size:
            got = self._pipe.recv_into(view[at:])
            if not got:
                raise EOFError
            at += got
        return view


def columns_of(parcel: Parcel) -> PacketColumns:
    """The packets of a parcel."""
    time_ns, captured, length = (np.frombuffer(column, np.int64) for column in parcel.packets[:3])
    return PacketColumns(time_ns, captured, length, np.frombuffer(parcel.packets[3], np.bool_))


def tell(names: NameTable, news: Sequence[News]) -> None:
    """Let ``names`` know what the first share has added and learned."""
    enter: dict[str, Callable[[str, Name, int], None]] = {"add": names.add, "learn": names.learn}
    for how, address, name, since_ns in news:
        enter[how](address, Name(*name), since_ns)


def part_of(packets: Seen, rows: slice) -> PacketColumns:
    """Some of the packets."""
    return PacketColumns(packets.time_ns[rows], packets.captured[rows], packets.length[rows], packets.fragmented[rows])
