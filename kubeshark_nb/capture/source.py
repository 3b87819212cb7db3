"""A source: whatever the user named, as one series of batches in time order."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kubeshark_nb.capture.file import open_file, size_of
from kubeshark_nb.capture.merge import merge
from kubeshark_nb.capture.pacing import paced
from kubeshark_nb.capture.parts import Part
from kubeshark_nb.capture.pcapng import PcapngReader
from kubeshark_nb.capture.resolved import LEAVE_OUT, SNAPSHOT, is_kind, resolved
from kubeshark_nb.capture.series import Series
from kubeshark_nb.capture.snapshot import Snapshot
from kubeshark_nb.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubeshark_nb.capture.pcap import PcapReader
    from kubeshark_nb.items.name_files import NameText
    from kubeshark_nb.traffic import Batch


@dataclass
class Source:
    """Capture files, bound but not read yet; every call of `batches` reads them from the start.

    Attributes:
        files: the files, in no particular order; they are merged by time.
        reasons: what was cut or damaged (words -> how often), of the last reading.
        read_bytes: bytes of the files read so far, compressed as they are, of the last reading.
        speed: how many times faster than captured, at most; 0: as fast as can be. May change while it is read.
        name_files: the name files that belong to the captures.
        keep: what must live as long as the source.
    """

    files: tuple[str | Part, ...]
    reasons: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    read_bytes: int = 0
    names: list[tuple[str, list[str]]] = field(default_factory=list)
    key_log: list[str] = field(default_factory=list)
    speed: float = 0.0
    name_files: tuple[NameText, ...] = ()
    keep: tuple[object, ...] = ()

    @property
    def total_bytes(self) -> int:
        """Bytes of the files, compressed as they are; 0 when some are elsewhere, where nobody says."""
        sizes = [size_of(file) for file in self.files]
        return sum(sizes) if all(sizes) else 0

    def batches(self) -> Iterator[Batch]:
        """Every frame in time order, numbered from 1.

        Raises:
            CaptureError: a file has gone or cannot be read.
        """
        self.reasons, self.read_bytes, self.names, self.key_log = {}, 0, [], []
        series = [Series(file, self._cut, self._hear) for file in self.files]
        for one in series[: len(series) if len(series) > 1 else 0]:
            one.glance()
        number = 1
        for batch in paced(merge(series), lambda: self.speed):
            self.read_bytes = sum(one.position for one in series)
            batch.first = number
            number += len(batch)
            yield batch

    def _hear(self, reader: PcapReader | PcapngReader) -> None:
        if isinstance(reader, PcapngReader):
            self.names += reader.names
            self.key_log += reader.key_log
            reader.names.clear()
            reader.key_log.clear()

    def _cut(self, reason: str) -> None:
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


def open_source(
    spec: str | Path | Sequence[str | Path | Part], *, speed: float = 0.0, folder: Path | None = None
) -> Source:
    """The source behind what the user typed: files, snapshots, addresses, patterns and folders, one or several.

    Every file is opened once to see that it is a capture, so that a wrong name fails here and not later. Snapshots are
    unpacked in ``folder``.

    Raises:
        CaptureError: nothing there, a folder or pattern without captures, an empty file, not a capture.
    """
    specs = [spec] if isinstance(spec, str | Path) else list(spec)
    named = resolved(str(one) for one in specs if not isinstance(one, Part))
    snapshots = [Snapshot(file, folder) for file in named if is_kind(file, SNAPSHOT)]
    files: tuple[str | Part, ...] = (
        *(file for file in named if not is_kind(file, SNAPSHOT)),
        *(one for one in specs if isinstance(one, Part)),
        *(file for one in snapshots for file in one.captures),
    )
    if not files:
        raise CaptureError("no capture named; give a file, a pattern or a folder")
    for file in files:
        _check(file, alone=len(files) == 1)
    histories = tuple(history for one in snapshots for history in one.histories)
    return Source(files, speed=speed, name_files=histories, keep=tuple(snapshots))


def _check(file: str | Part, *, alone: bool) -> None:
    try:
        open_file(file, lambda _reason: None).close()
    except CaptureError as error:
        error.args = (str(error) + ("" if alone else LEAVE_OUT),)
        raise
