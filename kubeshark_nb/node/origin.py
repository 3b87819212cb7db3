"""Which source a `CaptureSpec` means: the one place that knows all kinds."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from kubeshark_nb.capture import Source, open_source
from kubeshark_nb.capture.arriving import Arriving
from kubeshark_nb.capture.hub import HubSource
from kubeshark_nb.capture.items_file import ItemFiles
from kubeshark_nb.capture.live import LiveSource
from kubeshark_nb.capture.pacing import factor
from kubeshark_nb.capture.pipe import CommandSource, InputSource
from kubeshark_nb.capture.remote import is_remote
from kubeshark_nb.capture.resolved import are_items, resolved
from kubeshark_nb.capture.sniffed import SniffedSource
from kubeshark_nb.capture.spool import Spool
from kubeshark_nb.capture.spooled import Spooled
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.name_files import read_names
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.named import user_path
from kubeshark_nb.node.dissection import Dissection
from kubeshark_nb.node.documents import Documents
from kubeshark_nb.node.identity import identity
from kubeshark_nb.node.recall import Recall, known
from kubeshark_nb.node.shards import Shards

if TYPE_CHECKING:
    from pathlib import Path

    from kubeshark_nb.capture.frames import Frames
    from kubeshark_nb.model import NodeInfo, Stats
    from kubeshark_nb.node.crew import Crew
    from kubeshark_nb.node.spec import CaptureSpec, NodeSpec

STDIN = "-"
WORTHWHILE = 64 << 20  # bytes of captures: a second or two of dissection, several times what it costs to start shards


def origin_of(capture: CaptureSpec, folder: Path | None = None) -> Arriving | Source | HubSource | ItemFiles:
    """The source, not read yet; what is packed is unpacked in ``folder``.

    Raises:
        CaptureError: it is not there, or the options do not go together.
    """
    speed = factor(capture.speed)
    if capture.hub:
        return HubSource(capture.hub, capture.duration, capture.count)
    if capture.pipe:
        return CommandSource(capture.pipe, capture.duration, capture.count)
    if capture.live:
        return interface_of(capture)
    if capture.files == (STDIN,):
        return InputSource("standard input", capture.duration, capture.count)
    files = resolved(capture.files)
    return ItemFiles(files) if are_items(files) else open_source(files, speed=speed, folder=folder)


def named_by(capture: CaptureSpec, origin: object) -> NameTable:
    """The names that come with a capture, and those the user gave, which win."""
    names = NameTable()
    for file in (*getattr(origin, "name_files", ()), *([capture.names] if capture.names else [])):
        read_names(file, names)
    return names


def key_of(capture: CaptureSpec, node: NodeInfo) -> str:
    """Under which word the items of a capture are kept, ``""`` when they are not. Raises CaptureError."""
    files = resolved(capture.files)
    if not capture.cache or capture.is_live or factor(capture.speed) or files == (STDIN,) or are_items(files):
        return ""
    try:
        return identity(capture, files, node)
    except OSError:
        return ""


def dissected(capture: CaptureSpec, spec: NodeSpec) -> Path | None:
    """Where the items of a capture are that was dissected before; ``None`` when it was not. Raises CaptureError."""
    return None if spec.cache is None else known(spec.cache, key_of(capture, spec.info))


def worthwhile(capture: CaptureSpec, size: int, cores: int) -> int:
    """Processes that should share out a capture of ``size`` bytes when nobody said how many, on ``cores``."""
    if capture.shards or capture.is_live or factor(capture.speed) or are_items(resolved(capture.files)):
        return capture.shards
    return cores if cores > 1 and size >= WORTHWHILE else 1


def interface_of(capture: CaptureSpec) -> LiveSource | SniffedSource:
    """The interface, by the best means of this system."""
    bounds = (capture.live, capture.duration, capture.count)
    if hasattr(socket, "AF_PACKET"):
        return LiveSource(*bounds, bpf=capture.bpf, ring=capture.ring)
    return SniffedSource(*bounds, bpf=capture.bpf)


def check(capture: CaptureSpec) -> int:
    """Whether the capture can be read, as far as can be said without reading it; its bytes, 0 when unknown.

    Raises:
        CaptureError: it cannot; or the options do not go together.
    """
    kinds = [name for name in ("files", "live", "pipe", "hub") if getattr(capture, name)]
    if not kinds:
        raise CaptureError("no capture given; name a file, or use live=, pipe= or hub=")
    if len(kinds) > 1:
        raise CaptureError(f"{' and '.join(kinds)} do not go together; bind one capture at a time")
    if capture.shards > 1 and (capture.is_live or capture.speed != "max"):
        raise CaptureError("--shards share out the dissection of files that are replayed as fast as can be")
    if capture.bpf and not capture.live:
        raise CaptureError("--bpf filters what --live captures; give a --pipe command its filter itself")
    if capture.pipe and not capture.pipe.strip():
        raise CaptureError("--pipe needs a command that writes pcap to its standard output")
    if capture.keylog and not user_path(capture.keylog).is_file():
        raise CaptureError("no such key log", file=capture.keylog)
    origin = origin_of(capture)
    named_by(capture, origin)
    if isinstance(origin, LiveSource | SniffedSource | HubSource | ItemFiles):
        origin.check()
    return int(getattr(origin, "total_bytes", 0))


def shards_ahead(capture: CaptureSpec, spec: NodeSpec) -> int:
    """Processes that a reading of the capture by a node will be shared out to, 0 when it needs none.

    A capture elsewhere is not asked for: that may take longer than the processes do. Raises CaptureError.
    """
    files = resolved(capture.files)
    if capture.shards <= 1 or are_items(files) or any(map(is_remote, files)) or dissected(capture, spec):
        return 0
    return capture.shards


def reading_of(
    capture: CaptureSpec, spec: NodeSpec, stats: Stats, crew: Crew
) -> Dissection | Documents | Shards | Recall:
    """One reading of the capture by a node, with the names and secrets that were given for it.

    What arrives while we read goes to disk first, in the node's folder. A capture that was dissected before is recalled
    from its cache; one that is shared out is dissected by processes of ``crew``. Raises CaptureError.
    """
    origin = origin_of(capture, spec.folder)
    if isinstance(origin, Source) and (place := dissected(capture, spec)):
        return Recall(place, origin, named_by(capture, origin), stats)
    if capture.shards > 1 and isinstance(origin, Source):
        return Shards(capture, origin, spec, stats, crew)
    names = named_by(capture, origin)
    if isinstance(origin, HubSource | ItemFiles):
        return Documents(origin, names, stats)
    frames: Frames = origin
    if isinstance(origin, Arriving) and capture.keep:
        frames = Spooled(origin, Spool(spec.folder, capture.keep << 20))
    return Dissection(frames, spec.info, names, stats, keys=KeyLog(capture.keylog or None))
