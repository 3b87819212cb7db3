"""The bytes of one capture, in pieces of any size as they come, turned into batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.capture.damage import Damage
from kubeshark_nb.capture.pcap import HEADER, MAGICS, PcapReader
from kubeshark_nb.capture.pcapng import MAGIC, PcapngReader
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.traffic import PADDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubeshark_nb.traffic import Batch

TOO_SHORT = "the capture ends inside its header; was the copy complete?"
EMPTY = "the file is empty; was the capture stopped before it wrote anything?"


class Records:
    """Give pieces to `batches`, one after the other, and say `end` after the last.

    Args:
        name: as the user named it; part of every error.
        head: the first `HEADER` bytes; fewer only when there are no more.
        cut: called with a reason (words) when the capture ends in the middle of a packet or stops making sense.

    Raises:
        CaptureError: this is no capture.
    """

    def __init__(self, name: str, head: bytes, cut: Callable[[str], None], empty: str = EMPTY) -> None:
        self.name = name
        self.reader = recognised(name, head, empty)
        self.damaged = False
        self._cut = cut
        self._rest = head[self.reader.header(head) :]

    def batches(self, piece: bytes) -> Iterator[Batch]:
        """The frames that ``piece`` completes; none after a damage."""
        if self.damaged:
            return
        data = b"".join((self._rest, piece, PADDING))
        end = len(data) - len(PADDING)
        at = 0
        try:
            while (step := self.reader.read(data, at, end))[1] > at:
                batch, at = step
                if batch is not None:
                    yield batch
        except Damage as damage:
            self._cut(f"captures with damaged records ({self.name}: {damage}); the rest of the file was not read")
            self.damaged = True
        self._rest = data[at:end]

    def end(self) -> None:
        """There are no more bytes."""
        if self._rest and not self.damaged:
            self._cut(f"captures cut in the middle of a packet ({self.name})")


def recognised(name: str, head: bytes, empty: str = EMPTY) -> PcapReader | PcapngReader:
    """The reader for a capture that begins with ``head``. Raises CaptureError when it is none."""
    if not head:
        raise CaptureError(empty, file=name)
    if head[:4] == MAGIC:
        return PcapngReader()
    if head[:4] in MAGICS:
        if len(head) < HEADER:
            raise CaptureError(TOO_SHORT, file=name)
        return PcapReader()
    raise CaptureError(
        f"not a capture: it begins with {_shown(head)}; expected pcap or pcapng, plain, gzip or zstd", file=name
    )


def _shown(head: bytes) -> str:
    text = head[:16]
    return repr(text.decode("ascii")) if text.isascii() and text.decode().isprintable() else text[:8].hex(" ")
