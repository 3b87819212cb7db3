"""Captures that came out of an archive: stretches of one file on disk, which has no name in its folder.

So nothing is left behind, however the process ends, and thousands of captures take one file descriptor.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, NamedTuple

PIECE = 1 << 20


class Part(NamedTuple):
    """``size`` bytes from ``start`` on of the file at ``path``; ``label`` is what errors call it.

    Other processes of the same user can open it, as long as its `Unpacked` is there.
    """

    label: str
    path: str
    start: int
    size: int

    def open(self) -> Stretch:
        """Its bytes, from the first. Raises OSError."""
        return Stretch(self)


class Stretch(io.RawIOBase):
    """The bytes of a part as a stream."""

    def __init__(self, part: Part) -> None:
        self._file = Path(part.path).open("rb", buffering=0)  # noqa: SIM115 - closed with this
        self._start, self._size = part.start, part.size
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Bytes read so far."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes. Raises OSError."""
        left = self._size - self._at
        data = os.pread(self._file.fileno(), left if size < 0 else min(size, left), self._start + self._at)
        self._at += len(data)
        return data

    def close(self) -> None:
        """Close the file behind it, too."""
        self._file.close()
        super().close()


class Unpacked:
    """The file that parts are stretches of; it goes with this object.

    Args:
        folder: where it is; the system's folder for temporary files when not given.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file, self._path = _nameless(folder) if _are_open_files_ours() else _named(folder)
        self._end = 0

    def add(self, label: str, content: IO[bytes]) -> Part:
        """Write what ``content`` holds, and call it ``label``. Raises OSError."""
        start = self._end
        while piece := content.read(PIECE):
            self._end += self._file.write(piece)
        self._file.flush()
        return Part(label, self._path, start, self._end - start)


def _nameless(folder: Path | None) -> tuple[IO[bytes], str]:
    file = TemporaryFile(dir=folder)  # noqa: SIM115 - kept open
    return file, str(_open_files() / str(file.fileno()))


def _named(folder: Path | None) -> tuple[IO[bytes], str]:
    file = NamedTemporaryFile(dir=folder, prefix="kubeshark-snapshot-")  # noqa: SIM115 - kept open
    return file, file.name


def _open_files() -> Path:
    return Path(f"/proc/{os.getpid()}/fd")


def _are_open_files_ours() -> bool:
    """Whether the system shows them to our child processes (Linux; not for a Python with capabilities of its own)."""
    try:
        return _open_files().stat().st_uid == os.geteuid()
    except OSError:
        return False
