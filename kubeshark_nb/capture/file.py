"""One capture file as a series of batches; a file cut short keeps everything before the cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from kubeshark_nb.capture.compression import DAMAGES, EARLY, decompressed
from kubeshark_nb.capture.parts import Part
from kubeshark_nb.capture.pcap import HEADER
from kubeshark_nb.capture.records import Records
from kubeshark_nb.capture.remote import fetched, is_remote
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.named import masked, user_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubeshark_nb.traffic import Batch

BLOCK = 1 << 23  # bytes read at a time: large enough for numpy, small enough to stay in the cache


class CaptureFile:
    """A pcap or pcapng stream.

    Args:
        name: as the user named it; part of every error.
        stream: the bytes; gzip and zstd are recognised.
        cut: called with a reason (words) when the file ends in the middle of a packet or stops making sense.

    Attributes:
        ended: whether the batch given out last was certainly the last.
    """

    def __init__(self, name: str, stream: BinaryIO, cut: Callable[[str], None], block: int = BLOCK) -> None:
        self.name = name
        self._cut = cut
        self._block = block
        self._file = stream
        self._stream = self._opened(stream)
        self._left = 0
        self.ended = False
        self._records = Records(name, self._head(), cut)
        self.reader = self._records.reader

    def close(self) -> None:
        """Close the stream."""
        if not self._file.closed:
            self._left = self._file.tell()
            self._stream.close()
            self._file.close()

    @property
    def position(self) -> int:
        """Bytes of the file that were read so far, compressed as they are."""
        return self._left if self._file.closed else self._file.tell()

    def batches(self) -> Iterator[Batch]:
        """The frames, in file order; ``first`` is left 0. The file is closed before the last of them is given out."""
        while not self._records.damaged and (block := self._next()):
            if len(block) < self._block:
                yield from self._last(block)
                break
            yield from self._records.batches(block)
        self._records.end()

    def _last(self, block: bytes) -> Iterator[Batch]:
        self.close()
        batches = list(self._records.batches(block))
        for number, batch in enumerate(batches, 1):
            self.ended = number == len(batches)
            yield batch

    def _opened(self, stream: BinaryIO) -> BinaryIO:
        try:
            return decompressed(stream)
        except DAMAGES as error:
            raise CaptureError(EARLY.format(error=error), file=self.name) from error
        except OSError as error:
            raise unreadable(error, self.name) from error

    def _head(self) -> bytes:
        """The first `HEADER` bytes, fewer only where there are no more."""
        head, damage = self._read(HEADER)
        if damage and len(head) < HEADER:
            raise CaptureError(EARLY.format(error=damage), file=self.name)
        return head

    def _next(self) -> bytes:
        """The next block, shorter only where the stream ends or is damaged."""
        block, damage = self._read(self._block)
        if damage:
            self._cut(f"compressed captures cut short or damaged ({self.name}: {damage})")
        return block

    def _read(self, size: int) -> tuple[bytes, Exception | None]:
        """``size`` bytes; fewer where the stream ends, or by the damage that comes with them."""
        parts: list[bytes] = []
        damage: Exception | None = None
        try:
            while size > 0 and (part := self._stream.read(size)):
                parts.append(part)
                size -= len(part)
        except DAMAGES as error:
            damage = error
        except OSError as error:
            raise unreadable(error, self.name) from error
        return parts[0] if len(parts) == 1 else b"".join(parts), damage


def unreadable(error: OSError, name: str) -> CaptureError:
    """What to raise when a file that was opened cannot be read."""
    return CaptureError(f"cannot be read: {error.strerror or error}", file=name)


def open_file(file: str | Part, cut: Callable[[str], None], block: int = BLOCK) -> CaptureFile:
    """The capture file at a path or an address, or one that came out of an archive.

    Raises:
        CaptureError: missing, a directory, empty, or not a capture.
    """
    stream = open_bytes(file)
    try:
        return CaptureFile(label_of(file), stream, cut, block)
    except CaptureError:
        stream.close()
        raise


def open_bytes(file: str | Part) -> BinaryIO:
    """The bytes of a file. Raises CaptureError when there are none."""
    if isinstance(file, str) and is_remote(file):
        return fetched(file)
    name = label_of(file)
    try:
        if isinstance(file, Part):
            return cast("BinaryIO", file.open())
        return user_path(file).open("rb", buffering=0)
    except FileNotFoundError:
        raise CaptureError(f"no such file; paths are relative to {Path.cwd()}", file=name) from None
    except IsADirectoryError:
        raise CaptureError(
            "is a folder; name a capture file in it, or use a pattern such as *.pcap", file=name
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise CaptureError(f"cannot be opened: {getattr(error, 'strerror', None) or error}", file=name) from error


def label_of(file: str | Part) -> str:
    """What errors call it."""
    return file.label if isinstance(file, Part) else masked(file)


def size_of(file: str | Part) -> int:
    """Bytes of the file, compressed as they are; 0 when it is elsewhere, where nobody says. Raises OSError."""
    if isinstance(file, Part):
        return file.size
    return 0 if is_remote(file) else user_path(file).stat().st_size
