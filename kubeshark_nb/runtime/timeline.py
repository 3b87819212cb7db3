"""A window of traffic cut into batches: packets and items in one order by time, up to a given moment."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import orjson

from kubeshark_nb.model import NS_PER_MS, NS_PER_S
from kubeshark_nb.runtime.batches import Batch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.items.item import Item
    from kubeshark_nb.runtime.projection import Projection
    from kubeshark_nb.traffic import PacketColumns

PACKETS = 512  # packets in a batch: enough to make the way to JavaScript cheap
ITEMS = 32  # items in a batch: more would cost memory and locality, and gain nothing
NO_COLUMNS = b'"base":0,"offsets":[],"captured":[],"lengths":[],"fragments":[]'
NO_TIME = 1 << 63
BYTES = 1 << 18  # of item JSON in a batch


@dataclass(slots=True)
class Traffic(Batch):
    """Packets from ``packet`` on and items from ``item`` on; ``runs`` says how many of each follow one another."""

    timeline: Timeline | None = None
    runs: Sequence[int] = ()
    first_packet: int = 0
    first_item: int = 0

    def time_ns(self, event: int) -> int:
        """Capture time of a packet; for an item, of the packet that completed it."""
        assert self.timeline is not None
        packet, item, is_item = self.locate(event)
        return self.timeline.ready[item] if is_item else int(self.timeline.packets.time_ns[packet])

    def item(self, event: int) -> str:
        """The item's id, ``""`` for a packet."""
        assert self.timeline is not None
        _, item, is_item = self.locate(event)
        return self.timeline.id(item) if is_item else ""

    def document(self, event: int) -> bytes:
        """The item itself, as JSON."""
        assert self.timeline is not None
        return self.timeline.items[self.locate(event)[1]].json

    def at(self, event: int) -> tuple[int, str]:
        """Both, quickly: most console lines come from batches of items only."""
        timeline = self.timeline
        if timeline is not None and self.runs[0] == 0 and event < self.runs[1]:
            row = self.first_item + event
            return timeline.ready[row], timeline.id(row)
        return self.time_ns(event), self.item(event)

    def locate(self, event: int) -> tuple[int, int, bool]:
        """Row of the next packet, row of the next item, and which of the two event number ``event`` is."""
        packet, item, left = self.first_packet, self.first_item, event
        for packets, items in zip(self.runs[::2], self.runs[1::2], strict=True):
            if left < packets:
                return packet + left, item, False
            packet, left = packet + packets, left - packets
            if left < items:
                return packet, item + left, True
            item, left = item + items, left - items
        return packet, max(self.first_item, item - 1), item > self.first_item


class Timeline:
    """The packets and items of one window that some script wants to see, in order, and how far they are handed out.

    Packets come before items of the same time: they complete them. ``copies`` is how many scripts take each item, and
    ``projection`` what they read of it.
    """

    def __init__(  # noqa: PLR0913 - what there is, and who wants how much of it
        self,
        packets: PacketColumns,
        items: Sequence[Item],
        worker: str,
        projection: Projection,
        *,
        want_packets: bool,
        copies: int,
    ) -> None:
        self.packets = packets
        self.items = items
        self._prefix = f"{worker}/"
        self._projection = projection
        self._copies = copies
        self.ready = [item.ready_ns for item in items]
        self._sizes = [0, *accumulate(len(item.json) for item in items)]  # bytes before each item
        self._packets_end = len(packets.time_ns) if want_packets else 0
        self._items_end = len(items) if copies else 0
        self.packet = 0
        self.at = 0
        self._before: list[int] = (
            np.searchsorted(packets.time_ns, np.asarray(self.ready, dtype=np.int64), side="right").tolist()
            if want_packets and copies
            else [0] * self._items_end
        )

    def id(self, row: int) -> str:
        """The id of item number ``row``."""
        item = self.items[row]
        return f"{self._prefix}{item.stream}-{item.index}"

    @property
    def next_ns(self) -> int:
        """When the next event is (ns); beyond any time when there is none."""
        packet = int(self.packets.time_ns[self.packet]) if self.packet < self._packets_end else NO_TIME
        return min(packet, self.ready[self.at] if self.at < self._items_end else NO_TIME)

    def advance(self, batch: Traffic, events: int) -> None:
        """The first ``events`` of ``batch`` are done."""
        if events < batch.events:
            self.packet, self.at, _ = batch.locate(events)
        else:
            self.packet += sum(batch.runs[::2])
            self.at += sum(batch.runs[1::2])

    def take(self, before_ns: int, seconds: float, skip: int) -> Traffic | None:
        """The next batch of events earlier than ``before_ns``, ``None`` when there are none."""
        packets_end = self._packets_end
        if packets_end and before_ns <= int(self.packets.time_ns[packets_end - 1]):
            packets_end = int(np.searchsorted(self.packets.time_ns[:packets_end], before_ns, side="left"))
        items_end = bisect_left(self.ready, before_ns, self.at, self._items_end)
        runs, packet, item = self._runs(packets_end, min(items_end, self.at + ITEMS))
        if packet == self.packet and item == self.at:
            return None
        data = self._document(runs, packet, item, skip)
        return Traffic(data, seconds, 0, (), sum(runs), self, runs, self.packet, self.at)

    def _runs(self, packets_end: int, items_end: int) -> tuple[list[int], int, int]:
        items_end = min(items_end, bisect_left(self._sizes, self._sizes[self.at] + BYTES, self.at))
        if not self._packets_end:
            return [0, items_end - self.at], self.packet, items_end
        runs, packet, item = [0, 0], self.packet, self.at
        room = packet + PACKETS
        while item < items_end:
            first = min(max(self._before[item], packet), packets_end)
            if first > room:
                break
            if first > packet:
                if runs[-1]:
                    runs += [0, 0]
                runs[-2] += first - packet
                packet = first
            runs[-1] += 1
            item += 1
        until = self._before[item] if item < self._items_end else packets_end
        rest = min(until, packets_end, room) - packet
        if rest > 0:
            if runs[-1]:
                runs += [0, 0]
            runs[-2] += rest
            packet += rest
        return runs, packet, item

    def _document(self, runs: list[int], packet: int, item: int, skip: int) -> bytes:
        taken = self.items[self.at : item]
        times = orjson.dumps([ready / NS_PER_MS for ready in self.ready[self.at : item]])
        shape, documents = self._projection.of([entry.json for entry in taken], self._copies)
        columns = self._columns(slice(self.packet, packet)) if packet > self.packet else NO_COLUMNS
        head = b'{"kind":"play","skip":%d,"runs":%b,"times":%b' % (skip, orjson.dumps(runs), times)
        return b'%b,%b,"shape":%b,"documents":%b}' % (head, columns, shape, documents)

    def _columns(self, rows: slice) -> bytes:
        """The packets' columns as members of a JSON object, without its braces."""
        times = self.packets.time_ns[rows]
        base = int(times[0]) // NS_PER_S
        columns = {
            "base": base,
            "offsets": np.ascontiguousarray(times - base * NS_PER_S),
            "captured": np.ascontiguousarray(self.packets.captured[rows]),
            "lengths": np.ascontiguousarray(self.packets.length[rows]),
            "fragments": np.ascontiguousarray(self.packets.fragmented[rows]),
        }
        return orjson.dumps(columns, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
