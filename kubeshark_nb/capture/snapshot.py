"""A Kubeshark snapshot: a ``.tar.gz`` of captures and the history of names (what ``kubeshark tap --pcap`` replays)."""

from __future__ import annotations

import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kubeshark_nb.capture.file import open_bytes
from kubeshark_nb.capture.parts import Unpacked
from kubeshark_nb.capture.resolved import CAPTURE, is_kind
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.escape import one_line
from kubeshark_nb.items.name_files import NameText
from kubeshark_nb.named import masked

if TYPE_CHECKING:
    from pathlib import Path

    from kubeshark_nb.capture.parts import Part

HISTORY = "name_resolution_history.json"


class Snapshot:
    """An archive, unpacked; what was unpacked lives as long as this object.

    Archives are read as a stream, and nothing in them decides where anything is written.

    Args:
        name: of the archive.
        folder: where it is unpacked.

    Attributes:
        captures: the captures in it, called by the archive's name and their own.
        histories: the histories of names in it.

    Raises:
        CaptureError: it cannot be read, or has no capture in it.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.captures: list[Part] = []
        self.histories: list[NameText] = []
        try:
            self._unpacked = Unpacked(folder)
            with open_bytes(name) as stream, tarfile.open(fileobj=stream, mode="r|*") as archive:
                self._unpack(archive, masked(name))
        except (tarfile.TarError, EOFError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CaptureError(f"the snapshot cannot be unpacked: {reason}", file=name) from error
        if not self.captures:
            raise CaptureError("a snapshot with no captures in it (.pcap, .pcapng ...)", file=name)

    def _unpack(self, archive: tarfile.TarFile, name: str) -> None:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            base = PurePosixPath(member.name).name
            label = f"{name}: {one_line(member.name)}"
            if content is None:
                continue
            if base == HISTORY:
                self.histories.append(NameText(label, content.read()))
            elif is_kind(base, CAPTURE):
                self.captures.append(self._unpacked.add(label, content))
