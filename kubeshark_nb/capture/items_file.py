"""Items instead of packets: ``.jsonl`` with one document a line, ``.json`` with a list of them; compressed or not."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import orjson

from kubeshark_nb.capture.compression import DAMAGES, decompressed
from kubeshark_nb.capture.file import open_bytes, size_of, unreadable
from kubeshark_nb.capture.resolved import LEAVE_OUT, LINES, is_kind
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.named import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_ITEMS = "no items: expected JSON documents, one a line, or a list of them"
EMPTY = "the file is empty; items are JSON documents, one a line, or a list of them"
TOGETHER = 500  # documents given at a time
PIECE = 1 << 20


@dataclass
class ItemFiles:
    """Files of items, read one after the other.

    Attributes:
        reasons: what could not be read, in words, and how often.
        read_bytes: bytes of documents given out so far.
    """

    files: tuple[str, ...]
    reasons: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    read_bytes: int = 0
    ended: str = ""

    @property
    def total_bytes(self) -> int:
        """Bytes of the files, compressed as they are; 0 when some are elsewhere. Raises OSError."""
        sizes = [size_of(file) for file in self.files]
        return sum(sizes) if all(sizes) else 0

    def check(self) -> None:
        """Whether every file is there and begins like items. Raises CaptureError."""
        for file in self.files:
            with told(file), open_bytes(file) as stream:
                head = decompressed(stream).read(64).lstrip()
            if head[:1] not in (b"{", b"["):
                rest = "" if len(self.files) == 1 else LEAVE_OUT
                raise CaptureError(f"{NO_ITEMS if head else EMPTY}{rest}", file=file)

    def documents(self) -> Iterator[list[bytes]]:
        """The documents, in file order, a few hundred at a time.

        Raises:
            CaptureError: a file has gone, cannot be read, or is no list of items; what came before was given.
        """
        for file in self.files:
            with told(file), open_bytes(file) as stream:
                read = self._lines if is_kind(file, LINES) else _listed
                yield from self._together(read(decompressed(stream), file))

    def _together(self, series: Iterator[bytes]) -> Iterator[list[bytes]]:
        found: list[bytes] = []
        try:
            for document in series:
                self.read_bytes += len(document)
                found.append(document)
                if len(found) >= TOGETHER:
                    yield found
                    found = []
        except (CaptureError, OSError):
            yield found
            raise
        yield found

    def _lines(self, stream: BinaryIO, file: str) -> Iterator[bytes]:
        """The lines; those before a damage are all there are."""
        rest = b""
        try:
            while piece := stream.read(PIECE):
                *whole, rest = (rest + piece).split(b"\n")
                yield from (line for line in whole if line.strip())
        except DAMAGES as error:
            self.reasons[f"compressed files cut short or damaged ({masked(file)}: {error})"] = 1
            return
        if rest.strip():
            yield rest


def _listed(stream: BinaryIO, file: str) -> Iterator[bytes]:
    text = b"".join(iter(lambda: stream.read(PIECE), b""))
    try:
        parsed = orjson.loads(text)
    except ValueError as error:
        raise CaptureError(f"not JSON ({error}); one document a line belongs in a .jsonl file", file=file) from None
    for document in parsed if isinstance(parsed, list) else [parsed]:
        yield orjson.dumps(document)


@contextmanager
def told(file: str) -> Iterator[None]:
    """Say in a `CaptureError` that ``file`` cannot be read."""
    try:
        yield
    except DAMAGES as error:
        raise CaptureError(f"compressed, but damaged or cut ({error}); was the copy complete?", file=file) from error
    except OSError as error:
        raise unreadable(error, file) from error
