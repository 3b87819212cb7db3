"""One capture, dissected in several processes: the same windows, whatever the number.

Every shard reads the whole capture and makes items of its share of the streams (see `kubeshark_nb.node.lanes`). The
windows' borders are the source's, so they are the same in all of them; here the shares of each window are put together
again and given to the one player there is. So scripts, jobs and the clock never notice.
"""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.errors import CaptureError, NodeError
from kubeshark_nb.items.name_files import read_names
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.node.dissection import Window, in_order
from kubeshark_nb.node.opened import OpenedStreams
from kubeshark_nb.node.parcel import Inbox, Parcel, columns_of, count_in, tell
from kubeshark_nb.node.spec import ShardSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.capture import Source
    from kubeshark_nb.items.item import Item
    from kubeshark_nb.model import Stats
    from kubeshark_nb.node.crew import Crew
    from kubeshark_nb.node.spawn import Child
    from kubeshark_nb.node.spec import CaptureSpec, NodeSpec


class Shard(NamedTuple):
    """A process that dissects its share, and its number, from 1."""

    number: int
    child: Child
    inbox: Inbox

    def next(self) -> tuple[Parcel, list[Item]]:
        """Its next window. Raises CaptureError: it cannot go on; NodeError: it died."""
        try:
            parcel, items = self.inbox.next()
        except (EOFError, OSError):
            raise NodeError(f"shard {self.number} died ({self._cause()}); what it had is lost: run again") from None
        if parcel.error:
            raise CaptureError(parcel.error)
        return parcel, items

    def _cause(self) -> str:
        code = self.child.process.wait(5)
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"


class Shards:
    """One reading of ``capture`` by ``parts`` processes; has what a `Dissection` has.

    Args:
        source: the capture, opened; unpacked when it was packed.
        node: whose reading it is; in its folder the shards may write what they have to say about a bug of ours.
        crew: where the processes come from.
    """

    def __init__(self, capture: CaptureSpec, source: Source, node: NodeSpec, stats: Stats, crew: Crew) -> None:
        self.source = source
        self.stats = stats
        self.names = NameTable()
        self.opened = OpenedStreams()
        self._read = 0
        self._spec = ShardSpec(capture, node.info, source.files, source.name_files)
        for file in self._spec.all_names:
            read_names(file, self.names)
        self._folder = node.folder
        self._crew = crew
        self._shards: list[Shard] = []

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes in all (0 when unknown)."""
        return self._read, self.source.total_bytes

    def windows(self) -> Iterator[Window]:
        """The whole capture, once.

        Raises:
            CaptureError: the source cannot be read (any more).
            NodeError: a shard died.
        """
        try:
            self._start()
            while True:
                parts = [shard.next() for shard in self._shards]
                if parts[0][0].last:
                    return
                yield self._joined(parts)
        finally:
            self.close()

    def close(self) -> None:
        """End the shards."""
        for shard in self._shards:
            shard.child.end()
        self._shards.clear()

    def _start(self) -> None:
        for part in range(self._spec.capture.shards):
            child = self._crew.take(replace(self._spec, part=part), self._folder)
            self._shards.append(Shard(part + 1, child, Inbox(child.pipe)))

    def _joined(self, parts: list[tuple[Parcel, list[Item]]]) -> Window:
        """One window of all shards' parts."""
        first = parts[0][0]
        for parcel, _ in parts:
            count_in(self.stats, parcel.stats)
        tell(self.names, first.news)
        self.opened.extend(sorted(stream for parcel, _ in parts for stream in parcel.opened))
        self._read = first.read
        items = in_order([item for _, items in parts for item in items])
        return Window(columns_of(first), items, first.end_ns)
