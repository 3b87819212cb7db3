"""Where a worker keeps things: folders that only this user can read, swept of what processes that died left behind."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from kubeshark_nb.errors import NodeError

UNUSED_S = 86_400.0  # what nobody has written to or asked for so long is nobody's
FOREIGN = "{folder} belongs to somebody else; set TMPDIR to a folder of your own where the worker starts"


def place(name: str) -> Path:
    """The folder ``name`` of this user, the same for all workers of the machine. Raises NodeError: it is not ours."""
    root = Path(tempfile.gettempdir()) / f"kubeshark-nb-{os.getuid()}"
    try:
        root.mkdir(mode=0o700, exist_ok=True)
        found = root.lstat()
        if found.st_uid != os.getuid() or not stat.S_ISDIR(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o077:
            raise NodeError(FOREIGN.format(folder=root))
        (root / name).mkdir(exist_ok=True)
    except OSError as error:
        raise NodeError(f"{root}: {error.strerror}; a worker needs a temporary folder it can write") from None
    return root / name


def swept(folder: Path) -> Path:
    """``folder`` without the folders in it that nobody has used for `UNUSED_S`."""
    for one in folder.iterdir():
        with suppress(OSError):  # another worker sweeps, too
            if newest(one) < time.time() - UNUSED_S:
                shutil.rmtree(one, ignore_errors=True)
    return folder


def newest(folder: Path) -> float:
    """When something in ``folder`` was last written. Raises OSError: it changes meanwhile."""
    return max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
