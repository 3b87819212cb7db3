"""The files a call may upload: those in the node's own folder, and no others."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kubeshark_nb.errors import VendorError

if TYPE_CHECKING:
    from kubeshark_nb.vendors.context import Deadline, Surroundings


class Upload(io.FileIO):
    """A file that stops being read when the time is up, so that an abandoned upload ends too."""

    def __init__(self, path: Path, deadline: Deadline) -> None:
        super().__init__(path)
        self._deadline = deadline

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes; VendorError when the time is up."""
        self._deadline.check()
        return super().read(-1 if size is None else size)

    def __len__(self) -> int:
        return os.fstat(self.fileno()).st_size


def inside(path: str, here: Surroundings) -> Path:
    """The regular file ``path`` names (absolute, or relative to the node's folder).

    Raises VendorError when it is missing, too large, or outside the folder by ``..``, an absolute path or a symlink.
    """
    name = Path(path).name
    if here.root is None:
        raise VendorError("this node has no folder to upload from")
    try:
        root = here.root.resolve(strict=True)
        found = (root / path).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        raise VendorError(f"there is no file {name!r} in the node's folder") from None
    if not found.is_relative_to(root):
        raise VendorError(f"the file {name!r} is outside the node's folder")
    if not found.is_file():
        raise VendorError(f"{name!r} is not a regular file")
    if found.stat().st_size > here.settings.upload_bytes:
        raise VendorError(f"the file {name!r} is larger than {here.settings.upload_bytes} bytes")
    return found


def opened(path: str, here: Surroundings) -> Upload:
    """The file ``path`` names, ready to be sent; errors as :func:`inside`."""
    return Upload(inside(path, here), here.deadline)
