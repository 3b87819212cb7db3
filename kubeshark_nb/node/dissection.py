"""From a capture to items: the way of a packet in one screen.

source -> batch of frames -> columns of packets -> streams -> conversations -> items, window by window.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kubeshark_nb.dissectors.conversation import Conversation
from kubeshark_nb.dissectors.datagrams import Datagrams
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.dissectors.scene import Scene
from kubeshark_nb.dissectors.table import DATAGRAMS, STREAMS
from kubeshark_nb.items.item import Item
from kubeshark_nb.items.name_files import named
from kubeshark_nb.model import Stats
from kubeshark_nb.node.lanes import Lane, Share, learn_from, teaching
from kubeshark_nb.node.opened import OpenedStreams, stream_name
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.packets.fragments import Fragments
from kubeshark_nb.streams.limits import StreamLimits
from kubeshark_nb.traffic import TCP, nothing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubeshark_nb.capture.frames import Frames
    from kubeshark_nb.dissectors.dissector import DatagramRow, StreamRow
    from kubeshark_nb.dissectors.scene import Held
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.model import NodeInfo
    from kubeshark_nb.streams.flow import Open, Opened
    from kubeshark_nb.traffic import Batch, PacketColumns, Packets

_order = itemgetter(*map(Item._fields.index, ("ready_ns", "stream", "index")))


def in_order(items: list[Item]) -> list[Item]:
    """``items`` by ``(ready_ns, stream, index)``."""
    items.sort(key=_order)
    return items


class Window(NamedTuple):
    """Some packets (the columns that hooks see) and what they completed.

    The last window has no packets: it brings what was still open when the capture ended. ``items`` are sorted by
    ``(ready_ns, stream, index)``; none is ready before ``end_ns`` of an earlier window.
    """

    packets: PacketColumns
    items: list[Item]
    end_ns: int


class Dissection:
    """One reading of a source.

    Args:
        stats: counted into as the traffic passes, but for ``items``, ``passed`` and ``failed``, which are the business
            of whoever takes the items; ``reasons`` says in words what was lost and why.
        keys: secrets of TLS connections; those in the capture itself are added to them.
        opened: the streams, in the order in which they opened.
        limits: of each of the two lanes of streams.
        share: which part of the capture's streams is read; all of it when not given.
        streams, datagrams: the protocols, for tests that want fewer.
    """

    def __init__(  # noqa: PLR0913 - what a reading is made of
        self,
        source: Frames,
        node: NodeInfo,
        names: NameTable,
        stats: Stats,
        *,
        keys: KeyLog | None = None,
        limits: StreamLimits | None = None,
        share: Share | None = None,
        streams: Sequence[StreamRow] = STREAMS,
        datagrams: Sequence[DatagramRow] = DATAGRAMS,
    ) -> None:
        self.source = source
        self.names = names
        self.stats = stats
        self._items: list[Item] = []
        self._keys = KeyLog() if keys is None else keys
        share = share or Share()
        counted, muted = stats if share.first else Stats(), not share.first
        self._waiting: list[Held] = []
        hold = self._waiting.append
        scene = Scene(node, names, stats, streams, datagrams, self._items.append, self._keys, hold=hold)
        bounds = limits or StreamLimits()
        self._share = share
        self._frames = counted  # what belongs to no share alone
        self._teachers = Lane(self._opener(scene._replace(stats=counted, mute=muted)), bounds, counted)
        self._others = Lane(self._opener(scene), bounds, stats)
        self._fragments = Fragments(counted)
        self._fresh: list[tuple[int, int, int]] = []
        self._end_ns = 0
        self._lost: dict[str, int] = {}
        self.opened = OpenedStreams()

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes in all (0 when unknown)."""
        return self.source.read_bytes, self.source.total_bytes

    def windows(self) -> Iterator[Window]:
        """The whole capture, once.

        Raises:
            CaptureError: the source cannot be read (any more).
        """
        for batch in self.source.batches():
            with _no_collection():
                window = self._window(batch)
            yield window
        with _no_collection():
            self._fragments.finish()
            self.names.learns = True
            self._teachers.finish()
            self.names.learns = False
            self._others.finish()
            self._release()
            last = Window(decode(nothing()), self._taken(), self._end_ns)
        self._count_lost()
        yield last

    def _window(self, batch: Batch) -> Window:
        self._learn()
        self._count_lost()
        packets, _ = self._fragments.join(decode(batch, self._end_ns))
        end_ns = max(int(batch.time_ns.max(initial=0)), batch.until_ns, self._end_ns)
        self._frames.packets += len(batch)
        self._frames.bytes += int(batch.length.sum())
        self._frames.truncated += int(np.count_nonzero(batch.captured < batch.length))
        self._fragments.forget(end_ns)
        self._follow(packets, end_ns)
        items = self._taken()
        self._end_ns = end_ns
        return Window(packets, items, end_ns)

    def _follow(self, packets: Packets, end_ns: int) -> None:
        teach = teaching(packets)
        self.names.learns = True
        learn_from(packets, self.names)
        self._teachers.window(packets, teach, end_ns)
        self.names.learns = False
        self._others.window(packets, ~teach & self._share.own(packets), end_ns)
        self._release()
        self.opened.extend(sorted(self._fresh))
        self._fresh.clear()

    def _release(self) -> None:
        """Both sides of every stream have been read as far as the window goes."""
        for conversation in self._waiting:
            conversation.release()
        self._waiting.clear()

    def _learn(self) -> None:
        """What the capture itself tells besides its frames: secrets and names."""
        self._keys.feed(self.source.key_log)
        self.source.key_log.clear()
        for address, names in self.source.names:
            if names:
                self.names.add(address, named(names[0]))
        self.source.names.clear()

    def _count_lost(self) -> None:
        """What the source has lost since the last time."""
        lost = self._lost
        for reason, number in {**self.source.reasons, "": self.source.dropped}.items():
            new = number - lost.get(reason, 0)
            lost[reason] = number
            if reason:
                self._frames.count(reason, new)
            else:
                self._frames.dropped += new

    def _taken(self) -> list[Item]:
        """The finished items, in order; one that belongs to an earlier window is ready as soon as this one begins."""
        begin = self._end_ns
        items = [item if item.ready_ns >= begin else item._replace(ready_ns=begin) for item in self._items]
        self._items.clear()
        return in_order(items)

    def _opener(self, scene: Scene) -> Open:
        """Who listens to the streams of a lane."""

        def open_stream(opened: Opened) -> Conversation | Datagrams:
            stream = stream_name(opened.number, opened.kind)
            if not scene.mute:
                self._fresh.append((opened.number, opened.flow, opened.kind))
            if opened.kind == TCP:
                return Conversation(scene, stream, opened.ends, opened.caller)
            return Datagrams(scene, opened.kind, stream, opened.ends)

        return open_stream


@contextmanager
def _no_collection() -> Iterator[None]:
    """Python's cyclic collector finds nothing in thousands of small objects that go at once, and costs a third.

    What a window leaves behind counts as old at once (freeze and unfreeze move it there without looking at it), or the
    collector would walk through all of it as soon as it is back.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        if was:
            gc.enable()
