"""The node's folder: the only place scripts read and write, and the one function that decides what a path means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.helpers.namespace import HelperError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

LONGEST_SHOWN = 200


class Folder:
    """Paths inside ``root``. ``chance`` makes the suffixes of temporary names.

    ``fetch(path)`` is asked for a file that does not exist (yet): captured streams are written only when wanted. Its
    argument is relative to the root; it writes the file or does nothing.
    """

    def __init__(self, root: Path, chance: Random, *, quota: int = 4 << 30) -> None:
        self.root = root.resolve()
        self.fetch: Callable[[str], None] = lambda _path: None
        self._chance = chance
        self._room = quota

    def path(self, text: str) -> Path:
        """The absolute path ``text`` names: relative to the root, or absolute and inside it.

        Raises:
            HelperError: it leads out of the root, by ``..``, a symbolic link or as an absolute path.
        """
        try:
            found = (self.root / text).resolve()
        except (OSError, ValueError, RuntimeError):
            raise HelperError(f"{shown(text)} is no path") from None
        if found != self.root and self.root not in found.parents:
            raise HelperError(f"{shown(text)} is outside the node's folder")
        return found

    def existing(self, text: str) -> Path:
        """The same for something that must exist. Raises HelperError."""
        found = self.path(text)
        if not found.exists():
            self.fetch(self.relative(found))
        if not found.exists():
            raise HelperError(f"{shown(text)}: no such file or directory")
        return found

    def directory(self, text: str) -> Path:
        """The same for a directory that must exist; ``""`` is the root. Raises HelperError."""
        found = self.path(text)
        if not found.is_dir():
            raise HelperError(f"{shown(text)}: no such directory")
        return found

    def relative(self, path: Path) -> str:
        """``path`` as scripts see it: relative to the root, with forward slashes."""
        return path.relative_to(self.root).as_posix()

    def temporary(self, name: str, text: str, ending: str = "") -> Path:
        """A path in directory ``text`` that is not taken: ``name``, a random number, ``ending``. Raises HelperError."""
        directory = self.directory(text)
        if "/" in name or "\\" in name:
            raise HelperError(f"{shown(name)} is no file name")
        while True:
            found = self.path(str(directory / f"{name}{self._chance.randrange(10**9, 10**10)}{ending}"))
            if not found.exists():
                return found

    def reserve(self, size: int) -> None:
        """Note that ``size`` bytes will be written. Raises HelperError when a run has written too much."""
        if size > self._room:
            raise HelperError("the scripts of this node have written too much: the folder's limit is reached")
        self._room -= size


def shown(text: str) -> str:
    """A path for a message: short and quoted."""
    return f'"{text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"}"'
