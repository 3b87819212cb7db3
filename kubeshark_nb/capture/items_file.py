"""Items instead of packets: ``.jsonl`` with one document a line, ``.json`` with a list of them; compressed or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson

from kubeshark_nb.capture.compression import DAMAGES, decompressed
from kubeshark_nb.capture.file import open_bytes
from kubeshark_nb.capture.remote import is_remote
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.named import user_path

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES, LIST = (".jsonl", ".ndjson"), (".json",)
PACKED = (".gz", ".zst")
TOGETHER = 500  # documents given at a time
PIECE = 1 << 20


def is_items(name: str) -> bool:
    """Whether ``name`` is that of a file of items."""
    return _plain(name).endswith(LINES + LIST)


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
        """Bytes of the files, compressed as they are; 0 when some are elsewhere."""
        if any(is_remote(file) for file in self.files):
            return 0
        return sum(user_path(file).stat().st_size for file in self.files)

    def check(self) -> None:
        """Whether every file is there and begins like items. Raises CaptureError."""
        for file in self.files:
            with open_bytes(file) as stream:
                head = decompressed(stream).read(64).lstrip()
            if head[:1] not in (b"{", b"["):
                raise CaptureError("no items: expected JSON documents, one a line, or a list of them", file=file)

    def documents(self) -> Iterator[list[bytes]]:
        """The documents, in file order, a few hundred at a time.

        Raises:
            CaptureError: a file has gone, or is no list of items.
        """
        for file in self.files:
            with open_bytes(file) as stream:
                series = _lines(decompressed(stream)) if _plain(file).endswith(LINES) else _listed(stream, file)
                try:
                    yield from self._together(series)
                except DAMAGES as error:
                    self.reasons[f"compressed files cut short or damaged ({file}: {error})"] = 1

    def _together(self, series: Iterator[bytes]) -> Iterator[list[bytes]]:
        found: list[bytes] = []
        for document in series:
            self.read_bytes += len(document)
            found.append(document)
            if len(found) >= TOGETHER:
                yield found
                found = []
        yield found


def _plain(name: str) -> str:
    """The name without what says that it is compressed."""
    path = Path(name.lower())
    return str(path.with_suffix("")) if path.suffix in PACKED else str(path)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while piece := stream.read(PIECE):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
    if rest.strip():
        yield rest


def _listed(stream: BinaryIO, file: str) -> Iterator[bytes]:
    source = decompressed(stream)
    text = b"".join(iter(lambda: source.read(PIECE), b""))
    try:
        parsed = orjson.loads(text)
    except ValueError as error:
        raise CaptureError(f"not JSON ({error}); one document a line belongs in a .jsonl file", file=file) from None
    for document in parsed if isinstance(parsed, list) else [parsed]:
        yield orjson.dumps(document)
