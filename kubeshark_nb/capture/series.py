"""One file of several: opened when its time comes, closed as soon as it has been read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubeshark_nb.capture.file import open_file
from kubeshark_nb.capture.remote import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubeshark_nb.capture.parts import Part
    from kubeshark_nb.capture.pcap import PcapReader
    from kubeshark_nb.capture.pcapng import PcapngReader
    from kubeshark_nb.traffic import Batch

GLANCE = 1 << 16  # bytes in which a first frame is looked for


@dataclass
class Series:
    """The frames of the capture ``file``.

    Attributes:
        start: no frame is earlier (ns); 0 when nobody knows.
        hear: given the reader before each batch, for what it found besides frames.
        position: bytes of the file that were read so far.
        ended: whether the batch given out last was the last.
    """

    file: str | Part
    cut: Callable[[str], None]
    hear: Callable[[PcapReader | PcapngReader], None]
    start: int = 0
    position: int = 0
    ended: bool = False

    def glance(self) -> None:
        """Find out when it starts; of files elsewhere that would cost as much as reading them."""
        if isinstance(self.file, str) and is_remote(self.file):
            return
        file = open_file(self.file, lambda _reason: None, GLANCE)
        first = next(file.batches(), None)
        file.close()
        self.start = int(first.time_ns[0]) if first is not None else 0

    def batches(self) -> Iterator[Batch]:
        """The frames, in file order.

        Raises:
            CaptureError: the file has gone or cannot be read.
        """
        file = open_file(self.file, self.cut)
        try:
            for batch in file.batches():
                self.position, self.ended = file.position, file.ended
                self.hear(file.reader)
                yield batch
            self.position = file.position
        finally:
            file.close()
