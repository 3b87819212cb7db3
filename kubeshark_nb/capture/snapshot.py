"""A Kubeshark snapshot: a ``.tar.gz`` of captures and the history of names (what ``kubeshark tap --pcap`` replays)."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from kubeshark_nb.capture.remote import fetched, is_remote
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.named import user_path

SUFFIXES = (".tar.gz", ".tgz", ".tar")
CAPTURES = (".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz")
HISTORY = "name_resolution_history.json"
PIECE = 1 << 20


def is_snapshot(name: str) -> bool:
    """Whether ``name`` is that of an archive."""
    return name.lower().endswith(SUFFIXES)


class Snapshot:
    """An archive, unpacked into a temporary folder that lives as long as this object.

    Archives are read as a stream, and nothing in them decides where anything is written.

    Attributes:
        captures: paths of the captures in it.
        history: path of the history of names, ``""`` when it has none.

    Raises:
        CaptureError: it cannot be read, or has no capture in it.
    """

    def __init__(self, name: str) -> None:
        self._folder = TemporaryDirectory(prefix="kubeshark-snapshot-")
        self.captures: list[str] = []
        self.history = ""
        try:
            with self._opened(name) as archive:
                self._unpack(archive)
        except (tarfile.TarError, EOFError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CaptureError(f"the snapshot cannot be unpacked: {reason}", file=name) from error
        if not self.captures:
            raise CaptureError(f"a snapshot with no captures in it ({', '.join(CAPTURES[:2])} ...)", file=name)

    def _opened(self, name: str) -> tarfile.TarFile:
        if is_remote(name):
            return tarfile.open(fileobj=fetched(name), mode="r|*")
        return tarfile.open(user_path(name), mode="r|*")

    def _unpack(self, archive: tarfile.TarFile) -> None:
        for member in archive:
            base = PurePosixPath(member.name).name
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            if base == HISTORY:
                self.history = self._saved(content, HISTORY)
            elif base.lower().endswith(CAPTURES):
                suffix = ".gz" if base.endswith(".gz") else ""
                self.captures.append(self._saved(content, f"{len(self.captures):06d}.pcap{suffix}"))

    def _saved(self, content: IO[bytes], name: str) -> str:
        path = Path(self._folder.name) / name
        with path.open("wb") as file:
            shutil.copyfileobj(content, file, PIECE)
        return str(path)
