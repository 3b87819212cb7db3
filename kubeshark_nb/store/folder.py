"""One folder per node below the folder of the store."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PREFIX = "node="
LONGEST = 200  # bytes of a name that are kept; file systems allow 255


def folder_of(store: Path, node: str) -> Path:
    """The folder of ``node``, whatever characters its name has."""
    quoted = quote(node, safe="")
    if len(quoted) > LONGEST:
        quoted = f"{quoted[: LONGEST - 17]}~{sha256(node.encode()).hexdigest()[:16]}"
    return store / f"{PREFIX}{quoted}"


def node_folders(store: Path) -> Iterator[tuple[str, Path]]:
    """Name and folder of every node of a store, by name. A very long name is cut, yet still its own."""
    for folder in sorted(store.glob(f"{PREFIX}*")):
        yield unquote(folder.name.removeprefix(PREFIX)), folder
