"""The packets of each stream, found again among the frames on disk: looked for only when somebody asks for them.

A stream is known by the packet that opened it and by its flow: its packets are those of the flow, from that one up to
the one that opened the flow's next stream. A replay's frames are put on disk at the first question; those of a capture
that goes on are there anyway, the latest as many as there is room for.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from kubeshark_nb.errors import CaptureError
from kubeshark_nb.model import Stats
from kubeshark_nb.node.opened import stream_name
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.packets.fragments import Fragments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from kubeshark_nb.capture.spool import Chunk, Spool
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.node.opened import OpenedStreams
    from kubeshark_nb.traffic import Ints

Packet = tuple[int, int, bytes]  # capture time (ns), bytes on the wire, captured bytes
ETHERNET = 1
NOT_A_SIDE = ~np.uint64(1)
GONE = (
    "the packets of {stream} are gone: only those from number {first} on are kept, {evicted} before them had to make "
    "room (--keep MB keeps more)"
)


class StreamLog:
    """The streams of one run, for ``pcap.*`` and for exports.

    Args:
        spool: gives the frames, from the first that are kept; asked at the first question.
        table: the names of addresses.
        opened: the streams; grows while the run goes on.
    """

    def __init__(self, spool: Callable[[], Spool], table: NameTable, opened: OpenedStreams) -> None:
        self.table = table
        self.opened = opened
        self._fetch = spool
        self._spool: Spool | None = None
        self._index = FlowIndex()

    def names(self) -> Iterable[str]:
        """Every stream that has opened so far and has packets at hand."""
        numbers, flows, kinds = self.opened.columns()
        if self._spool is not None and self._spool.room is not None:
            there = np.isin(flows & NOT_A_SIDE, self._read().flows)
            numbers, kinds = numbers[there], kinds[there]
        return tuple(map(stream_name, numbers.tolist(), kinds.tolist()))

    def history(self) -> dict[str, Any]:
        """See `NameTable.history`."""
        return self.table.history()

    def packets(self, stream: str) -> tuple[int, Sequence[Packet]] | None:
        """Link type and packets of a stream, in capture order; ``None`` when there is no stream of this name.

        Raises:
            CaptureError: the capture cannot be read again, or the packets had to make room for others.
        """
        numbers, flows, kinds = self.opened.columns()
        number = int(stream[:12]) if stream[:12].isdigit() else 0
        found = np.flatnonzero(numbers == number)
        if not found.size or stream_name(number, int(kinds[found[0]])) != stream:
            return None
        index = self._read()
        flow = flows[found[0]] & NOT_A_SIDE
        later = numbers[(flows & NOT_A_SIDE == flow) & (numbers > number)]
        end = index.begin(int(later.min())) if later.size else 1 << 62
        wanted = index.of(flow, index.begin(number), end)
        chunks = self._chunks(wanted)
        first = max(index.first, chunks[0].first if chunks else 0)
        wanted = wanted[wanted >= first]  # the receiver may have made room since the index was read
        if not (chunks and wanted.size):
            raise CaptureError(GONE.format(stream=stream, first=first, evicted=first - 1))
        return _frames(chunks, wanted.tolist())

    def _chunks(self, numbers: Ints) -> list[Chunk]:
        """What is kept now, from the first of ``numbers`` on."""
        return self._spool.chunks(int(numbers[0]) - 1) if self._spool is not None and numbers.size else []

    def _read(self) -> FlowIndex:
        """The index of all frames that are kept by now."""
        if self._spool is None:
            self._spool = self._fetch()
        self._index.follow(self._spool.chunks(self._index.last))
        if kept := self._spool.chunks():
            self._index.forget(kept[0].first)
        return self._index


class FlowIndex:
    """To which flow each frame belongs: eight bytes for each, without the bit that says which side it is.

    Attributes:
        first: number of the first frame that is known.
    """

    def __init__(self) -> None:
        self.first = 1
        self._flows: NDArray[np.uint64] = np.zeros(1024, np.uint64)
        self._count = 0
        self._fragments = Fragments(Stats())
        self._begins: dict[int, int] = {}

    @property
    def last(self) -> int:
        """Number of the last frame that is known."""
        return self.first + self._count - 1

    @property
    def flows(self) -> NDArray[np.uint64]:
        """The flow of each frame, from ``first`` on."""
        return self._flows[: self._count]

    def begin(self, number: int) -> int:
        """The first frame of the packet that is complete with frame ``number``: another one if it came in fragments."""
        return self._begins.get(number, number)

    def of(self, flow: np.uint64, begin: int, end: int) -> Ints:
        """The numbers of the frames of ``flow`` from ``begin`` up to, not including, ``end``."""
        numbers: Ints = np.flatnonzero(self.flows == flow) + self.first
        return numbers[(numbers >= begin) & (numbers < end)]

    def follow(self, chunks: Iterable[Chunk]) -> None:
        """Add what these have beyond what is known."""
        for chunk in chunks:
            if chunk.first > self.last:
                self._add(chunk)

    def forget(self, before: int) -> None:
        """Frames with lower numbers than ``before`` are gone."""
        gone = min(max(before - self.first, 0), self._count)
        if gone:
            self._flows[: self._count - gone] = self._flows[gone : self._count]
            self._count -= gone
            self.first += gone
            self._begins = {end: begin for end, begin in self._begins.items() if end >= self.first}

    def _add(self, chunk: Chunk) -> None:
        if chunk.first > self.last + 1:  # what was between came and went while nobody asked
            self.first, self._count = chunk.first, 0
        packets, joined = self._fragments.join(decode(chunk.batch()))
        while self._count + len(packets) > len(self._flows):
            self._flows = np.concatenate((self._flows, np.zeros_like(self._flows)))
        self._flows[self._count : self._count + len(packets)] = packets.flow & NOT_A_SIDE
        self._count += len(packets)
        for one in joined:
            numbers = np.array(one.numbers, np.int64)
            rows = numbers[numbers >= self.first] - self.first
            self._flows[rows] = packets.flow[one.row] & NOT_A_SIDE  # a fragment belongs to the stream of its packet
            self._begins[max(one.numbers)] = min(one.numbers)


def _frames(chunks: list[Chunk], numbers: list[int]) -> tuple[int, list[Packet]]:
    """Link type and some frames, all of which are in ``chunks``."""
    starts = np.array([chunk.first for chunk in chunks])
    places = (np.searchsorted(starts, numbers, side="right") - 1).tolist()
    found: list[Packet] = []
    for place, some in groupby(zip(places, numbers, strict=True), key=lambda pair: pair[0]):
        found += chunks[place].frames(number for _, number in some)
    row = chunks[places[0]].rows()[numbers[0] - chunks[places[0]].first]
    return int(row["link"]), found
