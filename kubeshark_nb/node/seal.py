"""What says that a record of a capture is whole: how large its files are, and a sum of the one that is read first.

The segments beside it may take gigabytes: they are checked by their size alone, and by Arrow when they are read.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from pathlib import Path

WINDOWS, DONE = "windows", "done"
PIECE = 1 << 20


def seal(folder: Path, flows: str) -> None:
    """Say that the record in ``folder`` is whole; its streams' flows were hashed by ``flows``. Raises OSError."""
    (folder / DONE).write_bytes(orjson.dumps({"flows": flows, "sizes": sizes(folder), "sum": summed(folder)}))


def sealed(folder: Path) -> str | None:
    """Whose flows a record has; ``None`` when it is not whole, or not any more."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        said = orjson.loads((folder / DONE).read_bytes())
        if said["sizes"] == sizes(folder) and said["sum"] == summed(folder):
            return str(said["flows"])
    return None


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of every file of a record, by name."""
    return {path.name: path.stat().st_size for path in folder.iterdir() if path.name != DONE}


def summed(folder: Path) -> int:
    """A sum of the windows: some gigabytes a second."""
    total = 0
    with (folder / WINDOWS).open("rb") as file:
        while piece := file.read(PIECE):
            total = zlib.crc32(piece, total)
    return total
