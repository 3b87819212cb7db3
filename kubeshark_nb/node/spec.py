"""What a node is asked to do, as plain data that crosses a process boundary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kubeshark_nb.errors import ScriptError
from kubeshark_nb.named import masked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kubeshark_nb.capture.parts import Part
    from kubeshark_nb.items.name_files import NameText
    from kubeshark_nb.model import NodeInfo
    from kubeshark_nb.vendors.policy import VendorPolicy


@dataclass(frozen=True, slots=True)
class CaptureSpec:
    """Where a node's packets come from.

    Exactly one of ``files``, ``live``, ``pipe`` and ``hub`` is set. ``names`` is a name file, ``keylog`` a TLS key log.
    ``speed`` paces a replay: ``max``, or a factor such as ``1x`` and ``10x``. ``duration`` is in seconds, ``ring`` and
    ``keep`` are in MB: what the kernel may hold back, and what packets may take on disk (0: they are not kept).
    ``shards`` is the number of processes that share out the dissection of files; 0: as many as are worthwhile.
    ``cache`` is what the items of captures may take on disk (MB) so that they need not be dissected again; 0: nothing.
    """

    files: tuple[str, ...] = ()
    live: str = ""
    pipe: str = ""
    hub: str = ""
    bpf: str = ""
    duration: float | None = None
    count: int | None = None
    ring: int = 64
    keep: int = 1024
    names: str = ""
    keylog: str = ""
    speed: str = "max"
    shards: int = 0
    cache: int = 2048

    @property
    def is_live(self) -> bool:
        """Whether packets arrive as they happen, so that the clock is the wall's."""
        return bool(self.live or self.hub or self.pipe)

    @property
    def label(self) -> str:
        """What the user called it, for messages; a URL without its password and query, which may be a signature."""
        named = self.live or self.pipe or self.hub or ", ".join(self.files) or "no capture"
        return masked(named)


@dataclass(frozen=True, slots=True)
class ShardSpec:
    """What a shard dissects: share ``part`` (from 0) of ``capture.shards``.

    ``files`` are those of the capture, unpacked; ``names`` the name files that came with it.
    """

    capture: CaptureSpec
    node: NodeInfo
    files: tuple[str | Part, ...]
    names: tuple[NameText, ...] = ()
    part: int = 0

    @property
    def all_names(self) -> tuple[str | NameText, ...]:
        """Every name file, the user's last: it wins."""
        return (*self.names, *([self.capture.names] if self.capture.names else []))


@dataclass(frozen=True, slots=True)
class ScriptSpec:
    """One script as the user wrote it: JavaScript ``source``, loaded under ``name``, with its own ``env``.

    Raises:
        ScriptError: name or source is no text.
    """

    name: str
    source: str
    env: Mapping[str, object] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not (isinstance(self.name, str) and isinstance(self.source, str)):
            raise ScriptError(str(self.name), None, None, "a script's name and its JavaScript are texts")


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """Everything a node needs to start: who it is, its folder, its limits (``limit``: seconds per hook call).

    ``policy`` says which vendor calls are sent; all are recorded without one. ``hub``: it is no worker but the hub.
    ``cache``: folder of the items of captures that were dissected before.
    """

    info: NodeInfo
    folder: Path
    limit: float = 10.0
    policy: VendorPolicy | None = None
    hub: bool = False
    cache: Path | None = None
