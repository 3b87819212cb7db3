"""One capture file as a series of batches; a file cut short keeps everything before the cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kubeshark_nb.capture.compression import DAMAGES, decompressed
from kubeshark_nb.capture.damage import Damage
from kubeshark_nb.capture.pcap import HEADER, MAGICS, PcapReader
from kubeshark_nb.capture.pcapng import MAGIC, PcapngReader
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.traffic import PADDING, Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK = 1 << 23  # bytes read at a time: large enough for numpy, small enough to stay in the cache
TOO_SHORT = "the capture ends inside its header; was the copy complete?"


class CaptureFile:
    """A pcap or pcapng stream.

    Args:
        name: as the user named it; part of every error.
        stream: the bytes; gzip and zstd are recognised.
        cut: called with a reason (words) when the file ends in the middle of a packet or stops making sense.
    """

    def __init__(self, name: str, stream: BinaryIO, cut: Callable[[str], None], block: int = BLOCK) -> None:
        self.name = name
        self._cut = cut
        self._block = block
        self._stream = self._opened(stream)
        self._rest = self._read(HEADER)
        self.reader = self._recognise(self._rest)

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def batches(self) -> Iterator[Batch]:
        """The frames, in file order; ``first`` is left 0."""
        rest = self._rest[self.reader.header(self._rest) :]
        while block := self._read(self._block):
            data = b"".join((rest, block, PADDING))
            end = len(data) - len(PADDING)
            at = 0
            try:
                while (step := self.reader.read(data, at, end))[1] > at:
                    batch, at = step
                    if batch is not None:
                        yield batch
            except Damage as damage:
                self._cut(f"captures with damaged records ({self.name}: {damage}); the rest of the file was not read")
                return
            rest = data[at:end]
        if rest:
            self._cut(f"captures cut in the middle of a packet ({self.name})")

    def _opened(self, stream: BinaryIO) -> BinaryIO:
        try:
            return decompressed(stream)
        except DAMAGES as error:
            raise CaptureError(f"compressed, but damaged at its very beginning: {error}", file=self.name) from error

    def _read(self, size: int) -> bytes:
        """``size`` bytes, fewer only where the stream ends or is damaged."""
        parts: list[bytes] = []
        try:
            while size > 0 and (part := self._stream.read(size)):
                parts.append(part)
                size -= len(part)
        except DAMAGES as error:
            self._cut(f"compressed captures cut short or damaged ({self.name}: {error})")
        except OSError as error:
            raise CaptureError(f"cannot be read: {error.strerror or error}", file=self.name) from error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _recognise(self, head: bytes) -> PcapReader | PcapngReader:
        if not head:
            raise CaptureError("the file is empty; was the capture stopped before it wrote anything?", file=self.name)
        if head[:4] == MAGIC:
            return PcapngReader()
        if head[:4] in MAGICS:
            if len(head) < HEADER:
                raise CaptureError(TOO_SHORT, file=self.name)
            return PcapReader()
        raise CaptureError(
            f"not a capture: it begins with {_shown(head)}; expected pcap or pcapng, plain, gzip or zstd",
            file=self.name,
        )


def _shown(head: bytes) -> str:
    text = head[:16]
    return repr(text.decode("ascii")) if text.isascii() and text.decode().isprintable() else text[:8].hex(" ")


def open_file(name: str, cut: Callable[[str], None]) -> CaptureFile:
    """The capture file at path ``name``.

    Raises:
        CaptureError: missing, a directory, empty, or not a capture.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        raise CaptureError("is a folder; name a capture file in it, or use a pattern such as *.pcap", file=name)
    try:
        stream = path.open("rb", buffering=0)
    except FileNotFoundError:
        raise CaptureError("no such file; paths are relative to the notebook's folder", file=name) from None
    except OSError as error:
        raise CaptureError(f"cannot be opened: {error.strerror}", file=name) from error
    try:
        return CaptureFile(name, stream, cut)
    except CaptureError:
        stream.close()
        raise
