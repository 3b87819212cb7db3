"""Captures that were dissected before: a changed script runs over their items at once.

The items of a run that came to its end lie in the store's segments, in the order in which they were played. They are
kept by a second name in the file system, which costs no space while the run's items are there and outlives them.
Beside them stands what the windows had besides items: where they end, the packets' columns, streams that opened,
names, counters.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import time
from contextlib import suppress
from dataclasses import astuple
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson
import pyarrow as pa

from kubeshark_nb.errors import NodeError
from kubeshark_nb.items.item import OPEN, WITH, Item
from kubeshark_nb.model import Stats
from kubeshark_nb.node.dissection import Window
from kubeshark_nb.node.opened import OpenedStreams
from kubeshark_nb.node.parcel import Parcel, columns_of, count_in, packed_columns, since, tell
from kubeshark_nb.node.seal import DONE, WINDOWS, seal, sealed
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.packets.flowkey import OURS
from kubeshark_nb.packets.fragments import Fragments
from kubeshark_nb.store import segment
from kubeshark_nb.store.arrays import listed
from kubeshark_nb.store.hold import held, spare
from kubeshark_nb.store.reader import cover

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

    import numpy as np
    from numpy.typing import NDArray

    from kubeshark_nb.capture import Source
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.node.dissection import Dissection
    from kubeshark_nb.node.shards import Shards

HEAD = struct.Struct("<QQQ")  # bytes of the rest of the window's head, of its packets' columns, number of its items
DRAFT = "draft-"
STALE_S = 86_400.0  # a draft that nobody has added to for so long is of a process that was killed
FLOWS = blake2b(OURS.encode(), digest_size=16).hexdigest()  # says whose keys the flows in a record are
BROKEN = "{folder}: what was kept of this capture was damaged, and is removed; run again to have it dissected again"


class Recording:
    """Writes down what passes, window by window, so that it can be recalled.

    Args:
        folder: of the cache; what is recorded appears there under ``key`` when `keep` is called.

    Raises:
        OSError: the folder cannot be written. A disk that is full later costs the record and not the run.
    """

    def __init__(self, folder: Path, key: str, reading: Dissection | Shards) -> None:
        self._reading = reading
        self._target = folder / key
        folder.mkdir(parents=True, exist_ok=True)
        self._draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder))
        self._before = Stats()
        self._opened = 0
        self._whole = True

    def windows(self) -> Iterator[Window]:
        """The windows of the reading, as they are."""
        names = self._reading.names
        names.news = []
        with (self._draft / WINDOWS).open("wb", buffering=0) as file:
            for window in self._reading.windows():
                self._write(file, self._record(window))
                yield window

    def keep(self, items: Path, limit: int) -> None:
        """The run is over, and its items are in the folder ``items``: remember them, forgetting what is too much."""
        if not self._whole:
            self.forget()
            return
        try:
            spans = filter(None, (segment.span_of(path.name) for path in items.iterdir()))
            for span in cover(list(spans)):
                (self._draft / span.file_name).hardlink_to(items / span.file_name)
            seal(self._draft, FLOWS)
            self._draft.rename(self._target)
        except OSError:  # another node was first, or there are no second names here: then it is dissected again
            self.forget()
        with suppress(OSError):  # somebody else is making room here, too
            make_room(self._target.parent, limit)

    def forget(self) -> None:
        """The run did not come to its end."""
        shutil.rmtree(self._draft, ignore_errors=True)

    def _write(self, file: FileIO, record: bytes) -> None:
        if self._whole:
            try:
                self._whole = file.write(record) == len(record)
            except OSError:
                self._whole = False

    def _record(self, window: Window) -> bytes:
        reading = self._reading
        counted, self._before = since(self._before, reading.stats)
        counted.items = counted.passed = counted.failed = 0  # the business of whoever takes the items
        opened = reading.opened.since(self._opened)
        self._opened += len(opened)
        news = [(how, address, list(name), at) for how, address, name, at in reading.names.news or []]
        reading.names.news = []
        columns = packed_columns(window.packets)
        rest = (window.end_ns, [len(column) for column in columns], opened, news, astuple(counted), reading.progress[0])
        head, body = orjson.dumps(rest), b"".join(columns)
        return HEAD.pack(len(head), len(body), len(window.items)) + head + body


class Recall:
    """One reading of a capture that was dissected before; has what a `Dissection` has."""

    def __init__(self, folder: Path, source: Source, names: NameTable, stats: Stats) -> None:
        self.source = source
        self.names = names
        self.stats = stats
        self.opened = OpenedStreams() if sealed(folder) == FLOWS else Reopened(source)
        self._folder = folder
        self._read = 0

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes in all."""
        return self._read, self.source.total_bytes

    def windows(self) -> Iterator[Window]:
        """The windows, as they were. Raises NodeError: they cannot be read; the next reading dissects again."""
        try:
            with held(self._folder / DONE), (self._folder / WINDOWS).open("rb") as file:
                items = self._items()
                while head := file.read(HEAD.size):
                    yield self._window(file, items, *HEAD.unpack(head))
        except (OSError, ValueError, struct.error, StopIteration, pa.ArrowException):
            shutil.rmtree(self._folder, ignore_errors=True)
            raise NodeError(BROKEN.format(folder=self._folder)) from None

    def _window(self, file: BinaryIO, items: Items, head: int, body: int, count: int) -> Window:
        end_ns, sizes, opened, news, counted, self._read = orjson.loads(file.read(head))
        columns = [file.read(size) for size in sizes]
        if sum(map(len, columns)) != body:
            raise ValueError(body)
        parcel = Parcel(end_ns, packets=(columns[0], columns[1], columns[2], columns[3]))
        count_in(self.stats, tuple(counted))
        tell(self.names, [(how, address, tuple(name), at) for how, address, name, at in news])
        self.opened.extend((number, flow, kind) for number, flow, kind in opened)
        return Window(columns_of(parcel), items.take(count), end_ns)

    def _items(self) -> Items:
        spans = filter(None, (segment.span_of(path.name) for path in self._folder.iterdir()))
        return Items([self._folder / span.file_name for span in cover(list(spans))])


class Items:
    """The items of some segments, in order, without the verdicts of the run that wrote them."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = iter(paths)
        self._here: list[Item] = []
        self._at = 0

    def take(self, count: int) -> list[Item]:
        """The next ``count`` items. Raises ValueError when there are not so many."""
        taken: list[Item] = []
        while len(taken) < count:
            if self._at == len(self._here):
                path = next(self._paths, None)
                if path is None:
                    raise ValueError(count)
                self._here, self._at = items_of(segment.read(path, 0).batch), 0
            more = self._here[self._at : self._at + count - len(taken)]
            self._at += len(more)
            taken += more
        return taken


def items_of(batch: pa.RecordBatch) -> list[Item]:
    """The items of a segment, nobody having judged them yet."""
    items = [Item._make(row) for row in zip(*(listed(batch.column(name)) for name in Item._fields), strict=True)]
    judged = zip(items, listed(batch.column("passed")), listed(batch.column("failed")), strict=True)
    return [
        unjudged(item, passed=passed, failed=failed) if passed or failed else item for item, passed, failed in judged
    ]


def unjudged(item: Item, *, passed: bool, failed: bool) -> Item:
    """``item`` with `OPEN` in its document again."""
    verdict = WITH[passed, failed]
    head, _, tail = item.json.rpartition(verdict)
    return item._replace(json=head + OPEN + tail)


class Reopened(OpenedStreams):
    """Streams whose flows were hashed by a process that is gone: hashed again when somebody asks for packets."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source
        self._stale = True

    def columns(self) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int8]]:
        """See `OpenedStreams.columns`."""
        if self._stale:
            self._rehash()
            self._stale = False
        return super().columns()

    def _rehash(self) -> None:
        """One pass over the capture."""
        wanted = {number: row for row, number in enumerate(self._numbers)}
        fragments = Fragments(Stats())
        for batch in self._source.batches():
            packets, _ = fragments.join(decode(batch))
            for number in range(batch.first, batch.first + len(batch)):
                if (row := wanted.get(number)) is not None:
                    self._flows[row] = int(packets.flow[number - batch.first])


def known(folder: Path, key: str) -> Path | None:
    """Where ``key`` is kept, whole; ``None`` when it is not. What is damaged goes: it would be in a new one's way."""
    place = folder / key
    if not key or not place.is_dir():
        return None
    if sealed(place) is None:
        shutil.rmtree(place, ignore_errors=True)
        return None
    with suppress(OSError):
        place.touch()  # the one asked for longest ago goes first
    return place


def make_room(folder: Path, limit: int) -> None:
    """Remove what was asked for longest ago, until the rest takes at most ``limit`` bytes, and drafts nobody writes.

    What another session, perhaps in another process, reads now stays.

    Raises:
        OSError: what is there changes meanwhile.
    """
    stale = time.time() - STALE_S
    for draft in folder.glob(f"{DRAFT}*"):
        if max(path.stat().st_mtime for path in (draft, *draft.iterdir())) < stale:
            shutil.rmtree(draft, ignore_errors=True)
    kept = sorted((path for path in folder.iterdir() if (path / DONE).exists()), key=lambda path: path.stat().st_mtime)
    sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in kept}
    total = sum(sizes.values())
    for path in kept:
        if total <= limit:
            return
        if spare(path / DONE):
            total -= sizes[path]
            shutil.rmtree(path, ignore_errors=True)
