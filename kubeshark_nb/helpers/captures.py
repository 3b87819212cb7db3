"""``pcap.*``: the history of names, snapshots of streams, and where a stream's file is.

Streams are not written while they are captured: a stream's file appears in ``pcaps/`` when a script first uses it.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from kubeshark_nb.helpers.folder import Folder, shown
from kubeshark_nb.helpers.namespace import HelperError
from kubeshark_nb.helpers.packetfile import ETHERNET, Record, content, read
from kubeshark_nb.model import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from kubeshark_nb.helpers.namespace import Exports

PCAPS = "pcaps"
HISTORY = "name_resolution_history.json"


class Streams(Protocol):
    """What the capture knows of its streams so far."""

    def names(self) -> Iterable[str]:
        """All stream names."""

    def packets(self, stream: str) -> tuple[int, Sequence[tuple[int, int, bytes]]] | None:
        """Link type and (time in ns, bytes on the wire, bytes) of one stream's packets; ``None`` when unknown."""

    def history(self) -> dict[str, Any]:
        """The history of names: unix seconds -> address -> FullAddress and Namespace."""


class NoStreams:
    """No capture."""

    def names(self) -> Iterable[str]:
        """None."""
        return ()

    def packets(self, stream: str) -> tuple[int, Sequence[tuple[int, int, bytes]]] | None:  # noqa: ARG002
        """None."""
        return None

    def history(self) -> dict[str, Any]:
        """Empty."""
        return {}


class Captures:
    """The namespace ``pcap``. ``now`` is the node's clock (ns), for the names of snapshots."""

    name = "pcap"
    javascript = ""

    def __init__(self, folder: Folder, now: Callable[[], int]) -> None:
        self.streams: Streams = NoStreams()
        self._folder = folder
        self._now = now
        folder.fetch = self._fetch
        (folder.root / PCAPS).mkdir(exist_ok=True)

    def exports(self) -> Exports:
        """See the module."""
        return {
            "nameResolutionHistory": ("", self._history),
            "snapshot": ("*", self.snapshot),
            "path": ("s", lambda stream: f"{PCAPS}/{stream}"),
        }

    def _history(self) -> dict[str, Any]:
        return self.streams.history()

    def snapshot(self, selected: Any = None, directory: Any = None) -> str:
        """Merge pcap files in order of time; the new file's path.

        ``selected`` is a list of base names in ``directory`` (the captured streams by default), empty for all. The
        older form is one text: a directory the snapshot of all captured streams is put into. Raises HelperError.
        """
        if isinstance(selected, str):
            return self._merged(self._all(PCAPS), self._folder.directory(selected))
        source = directory if isinstance(directory, str) and directory else PCAPS
        self._folder.directory(source)
        names = [str(name) for name in selected] if isinstance(selected, list) else []
        chosen = [self._stream(source, name) for name in dict.fromkeys(names)] if names else self._all(source)
        return self._merged(chosen, self._folder.root)

    def _merged(self, files: Sequence[Path], directory: Path) -> str:
        parts = [read(path) for path in files]
        links = {link for link, records in parts if records}
        if len(links) > 1:
            raise HelperError("the streams have different link types and cannot be in one pcap file")
        records = sorted((record for _, found in parts for record in found), key=lambda record: record.time_ns)
        data = content(links.pop() if links else ETHERNET, records)
        target = directory / f"{self._now() // NS_PER_S}.pcap"
        self._folder.reserve(len(data))
        target.write_bytes(data)
        return self._folder.relative(target)

    def _all(self, source: str) -> list[Path]:
        if source == PCAPS:
            for name in self.streams.names():
                self._folder.existing(f"{PCAPS}/{name}")
        return sorted(path for path in self._folder.directory(source).glob("*.pcap") if path.is_file())

    def _stream(self, source: str, name: str) -> Path:
        if "/" in name:
            raise HelperError(f"{shown(name)} is no file name")
        return self._folder.existing(f"{source}/{name}")

    def _fetch(self, path: str) -> None:
        """Write what scripts expect to be there: a captured stream, or the history of names."""
        place = PurePosixPath(path)
        if path == HISTORY:
            (self._folder.root / HISTORY).write_bytes(orjson.dumps(self.streams.history()))
        elif place.parent.as_posix() == PCAPS and (found := self.streams.packets(place.name)) is not None:
            link, packets = found
            data = content(link, [Record(*packet) for packet in packets])
            self._folder.reserve(len(data))
            (self._folder.root / PCAPS / place.name).write_bytes(data)
