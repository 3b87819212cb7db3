"""``file.*``: write, append, move, copy, delete, make directories, temporary names, archives, in the node's folder."""

from __future__ import annotations

import io
import shutil
import tarfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kubeshark_nb.helpers.folder import Folder, shown
from kubeshark_nb.helpers.namespace import HelperError
from kubeshark_nb.model import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kubeshark_nb.helpers.namespace import Exports


class Files:
    """The namespace ``file``. ``now`` is the node's clock (ns), for the names of archives."""

    name = "file"
    javascript = ""

    def __init__(self, folder: Folder, now: Callable[[], int]) -> None:
        self._folder = folder
        self._now = now

    def exports(self) -> Exports:
        """See the module."""
        return {
            "write": ("ss", self.write),
            "append": ("ss", self.append),
            "move": ("ss", self.move),
            "copy": ("ss", self.copy),
            "delete": ("s", self.delete),
            "mkdir": ("s", self.mkdir),
            "mkdirTemp": ("SS", self.mkdir_temp),
            "temp": ("SSS", self.temp),
            "tar": ("s", self.tar),
        }

    def write(self, path: str, content: str) -> None:
        """Create or replace a file. Raises HelperError, also when its directory is missing."""
        self._put(path, content, "wb")

    def append(self, path: str, content: str) -> None:
        """Add to a file, creating it. Raises HelperError, also when its directory is missing."""
        self._put(path, content, "ab")

    def move(self, old: str, new: str) -> None:
        """Move a file or directory; into ``new`` when that is a directory. Replaces a file. Raises HelperError."""
        source, target = self._pair(old, new)
        with _said(old):
            shutil.move(source, target)

    def copy(self, old: str, new: str) -> None:
        """Copy a file; into ``new`` when that is a directory. Raises HelperError, also for a directory."""
        source, target = self._pair(old, new)
        if source.is_dir():
            raise HelperError(f"{shown(old)} is a directory")
        self._folder.reserve(source.stat().st_size)
        with _said(new):
            shutil.copyfile(source, target)

    def delete(self, path: str) -> None:
        """Delete a file, or a directory with all that is in it; what is missing is fine. Raises HelperError."""
        found = self._folder.path(path)
        self._spare_root(found)
        with _said(path):
            if found.is_dir():
                shutil.rmtree(found)
            else:
                found.unlink(missing_ok=True)

    def mkdir(self, path: str) -> None:
        """Make a directory and its parents; an existing one is fine. Raises HelperError."""
        with _said(path):
            self._folder.path(path).mkdir(parents=True, exist_ok=True)

    def mkdir_temp(self, name: str | None, directory: str | None) -> str:
        """A new directory called ``name`` and a random number; its relative path. Raises HelperError."""
        made = self._folder.temporary(name or "", directory or "")
        with _said(name or ""):
            made.mkdir()
        return self._folder.relative(made)

    def temp(self, name: str | None, directory: str | None, extension: str | None) -> str:
        """A new empty file ``name<random>.<extension>``; its relative path. Raises HelperError."""
        ending = f".{(extension or 'txt').removeprefix('.')}"
        if "/" in ending or "\\" in ending:
            raise HelperError(f"{shown(ending)} is no file extension")
        made = self._folder.temporary(name or "", directory or "", ending)
        with _said(name or ""):
            made.touch()
        return self._folder.relative(made)

    def tar(self, directory: str) -> str:
        """Pack the files under ``directory`` into ``kubeshark_<unix seconds>.tar.gz`` in the root.

        Raises:
            HelperError: there is no such directory.
        """
        source = self._folder.directory(directory)
        seconds = self._now() // NS_PER_S
        made = self._folder.path(f"kubeshark_{seconds}.tar.gz")
        files = sorted(path for path in source.rglob("*") if path.is_file() and not path.is_symlink() and path != made)
        self._folder.reserve(sum(path.stat().st_size for path in files))
        with _said(directory), tarfile.open(made, "w:gz", compresslevel=6) as archive:
            for path in files:
                archive.addfile(*_entry(path, path.relative_to(source).as_posix(), seconds))
        return self._folder.relative(made)

    def _put(self, path: str, content: str, mode: str) -> None:
        found = self._folder.path(path)
        if not found.parent.is_dir():
            raise HelperError(f"{shown(path)}: its directory does not exist")
        data = content.encode("utf-8", "replace")
        self._folder.reserve(len(data))
        with _said(path), found.open(mode) as file:
            file.write(data)

    def _pair(self, old: str, new: str) -> tuple[Path, Path]:
        """Source and target of a move or copy; a directory as target keeps the base name."""
        source, target = self._folder.existing(old), self._folder.path(new)
        self._spare_root(source)
        if target.is_dir():
            target /= source.name
        if target == source or source in target.parents:
            raise HelperError(f"{shown(old)} cannot go into itself")
        return source, target

    def _spare_root(self, path: Path) -> None:
        if path == self._folder.root:
            raise HelperError("that is the node's folder itself")


@contextmanager
def _said(path: str) -> Iterator[None]:
    """System errors as one line that names the path as the script wrote it."""
    try:
        yield
    except (OSError, shutil.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise HelperError(f"{shown(path)}: {reason.lower()}") from None


def _entry(path: Path, name: str, seconds: int) -> tuple[tarfile.TarInfo, io.BytesIO]:
    """A file of an archive; the same bytes in every replay."""
    data = path.read_bytes()
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = len(data), seconds, 0o644
    return info, io.BytesIO(data)
