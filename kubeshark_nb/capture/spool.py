"""Frames on disk: written as they come, read in order when there is time, found again by number while there is room.

Files have no name in their folder, so nothing is left behind, however the process ends. One thread writes, another
reads; frames that were not read yet are never overwritten: the writer waits instead.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import numpy as np

from kubeshark_nb.errors import CaptureError
from kubeshark_nb.traffic import PADDING, Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from kubeshark_nb.traffic import Ints

    Frame = tuple[int, int, bytes]  # capture time (ns), bytes on the wire, captured bytes

FILES = 16  # the room is given up in so many parts
LARGEST_FILE, SMALLEST_FILE = 64 << 20, 1 << 20
AT_ONCE = 2 << 20  # bytes read at a time, at most
FULL = "packets cannot be kept: {reason}; --keep 0 captures without keeping them"
ROW = np.dtype([("time", "<i8"), ("start", "<u4"), ("captured", "<u4"), ("length", "<u4"), ("link", "<u4")])


@dataclass(eq=False)
class File:
    """A part of the spool; it goes when nothing refers to it any more."""

    stream: IO[bytes]
    size: int = 0

    def read(self, at: int, size: int) -> bytes:
        """``size`` bytes from offset ``at``."""
        return os.pread(self.stream.fileno(), size, at)

    def append(self, data: memoryview) -> None:
        """Write ``data`` at the end. Raises OSError; then nothing has been added."""
        at = self.size
        while data:
            written = os.pwrite(self.stream.fileno(), data, at)
            at, data = at + written, data[written:]
        self.size = at


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Frames ``first`` to ``first + count - 1``: their bytes at ``at`` in ``file``, and one `ROW` for each behind."""

    file: File
    at: int
    size: int
    first: int
    count: int

    @property
    def end(self) -> int:
        """Where the next chunk of the file begins."""
        return self.at + self.size + self.count * ROW.itemsize

    def batch(self) -> Batch:
        """All of it."""
        return _batch([self])

    def rows(self) -> NDArray[np.void]:
        """What is known of each frame; ``start`` counts from ``at``."""
        return np.frombuffer(self.file.read(self.at + self.size, self.count * ROW.itemsize), ROW)

    def frames(self, numbers: Iterable[int]) -> Iterator[Frame]:
        """Some frames, by their numbers."""
        rows = self.rows()
        for number in numbers:
            time_ns, start, captured, length, _ = rows[number - self.first].item()
            yield time_ns, length, self.file.read(self.at + start, captured)


@dataclass
class Spool:
    """A bounded store of frames.

    Attributes:
        folder: where the files are.
        room: bytes they may have together; ``None``: as many as it takes.
    """

    folder: Path
    room: int | None = None
    _chunks: deque[Chunk] = field(default_factory=deque)
    _unread: deque[Chunk] = field(default_factory=deque)
    _files: deque[File] = field(default_factory=deque)
    _change: threading.Condition = field(default_factory=threading.Condition)
    _closed: bool = False

    @property
    def waiting(self) -> int:
        """Frames that were not read yet."""
        with self._change:
            return sum(chunk.count for chunk in self._unread)

    def chunks(self, after: int = 0) -> list[Chunk]:
        """The chunks that are there, from the one that holds frame number ``after + 1`` on."""
        with self._change:
            known = list(self._chunks)
        return known[max(bisect_right(known, after + 1, key=lambda chunk: chunk.first) - 1, 0) :]

    def write(self, batch: Batch) -> None:
        """Add numbered frames; waits for the reader while there is no room.

        Raises:
            CaptureError: the disk is full, or cannot be written.
        """
        if not len(batch):
            return
        low, high = int(batch.starts.min()), int((batch.starts + batch.captured).max())
        rows = np.zeros(len(batch), ROW)
        rows["time"], rows["start"], rows["link"] = batch.time_ns, batch.starts - low, batch.link
        rows["captured"], rows["length"] = batch.captured, batch.length
        try:
            file = self._writable(high - low + rows.nbytes)
            chunk = Chunk(file, file.size, high - low, batch.first, len(batch))
            file.append(memoryview(batch.data)[low:high])
            file.append(memoryview(rows.tobytes()))
        except OSError as error:
            raise CaptureError(FULL.format(reason=error.strerror)) from error
        with self._change:
            self._chunks.append(chunk)
            self._unread.append(chunk)
            self._change.notify_all()

    def read(self, wait: float, size: int = AT_ONCE) -> Batch | None:
        """The next frames, about ``size`` bytes when many wait; ``None`` when none come within ``wait`` seconds."""
        with self._change:
            if not self._unread:
                self._change.wait(wait)
            run = self._run(min(size, AT_ONCE))
        batch = _batch(run) if run else None
        with self._change:
            for _ in run:
                self._unread.popleft()
            self._change.notify_all()
        return batch

    def close(self) -> None:
        """Nobody reads any more: the writer need not wait. What is kept stays."""
        with self._change:
            self._closed = True
            self._change.notify_all()

    def _run(self, size: int) -> list[Chunk]:
        """The next unread chunks that follow each other in a file."""
        run: list[Chunk] = []
        for chunk in self._unread:
            if run and (chunk.file is not run[0].file or chunk.end - run[0].at > size):
                break
            run.append(chunk)
        return run

    def _writable(self, size: int) -> File:
        """The file to write ``size`` bytes to."""
        if self.room is not None:
            self._make_room(size, self.room)
        limit = LARGEST_FILE if self.room is None else min(max(self.room // FILES, SMALLEST_FILE), LARGEST_FILE)
        with self._change:
            if not self._files or self._files[-1].size >= limit:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._files.append(File(TemporaryFile(dir=self.folder, buffering=0)))  # noqa: SIM115 - kept open
            return self._files[-1]

    def _make_room(self, size: int, room: int) -> None:
        with self._change:
            while self._files and sum(file.size for file in self._files) + size > room and not self._closed:
                if self._unread and self._unread[0].file is self._files[0]:
                    self._change.wait()
                else:
                    self._evict(self._files.popleft())

    def _evict(self, file: File) -> None:
        while self._chunks and self._chunks[0].file is file:
            self._chunks.popleft()


def _batch(run: list[Chunk]) -> Batch:
    """Chunks of one file that follow each other, read in one go."""
    begin = run[0].at
    data = run[0].file.read(begin, run[-1].end - begin)
    tables = [np.frombuffer(data, ROW, chunk.count, chunk.at - begin + chunk.size) for chunk in run]
    rows = tables[0] if len(run) == 1 else np.concatenate(tables)
    bases = np.repeat([chunk.at - begin for chunk in run], [chunk.count for chunk in run])
    captured, length, link = (rows[column].astype(np.int64) for column in ("captured", "length", "link"))
    starts: Ints = rows["start"] + bases
    return Batch(data + PADDING, run[0].first, starts, captured, length, rows["time"].astype(np.int64), link)
