"""Where a call comes from, and what a call may use while it is sent."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kubeshark_nb.errors import VendorError
from kubeshark_nb.model import NodeInfo

if TYPE_CHECKING:
    from kubeshark_nb.vendors.clients import Clients
    from kubeshark_nb.vendors.settings import Settings


@dataclass(frozen=True, slots=True)
class CallContext:
    """The place in a script that calls: ``time`` is the node's clock in ns; the rest as in :class:`~model.Effect`."""

    time: int
    script: str = ""
    line: int = 0
    hook: str = ""
    item: str = ""


class Deadline:
    """A point in wall time after which work stops, so that an abandoned call never goes on in the background."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, 0 when it has passed."""
        return max(0.0, self._end - time.monotonic())

    def check(self, done: str = "") -> None:
        """Raise VendorError when the time is up; ``done`` says what was finished by then."""
        if not self.left():
            raise VendorError(f"not finished after {self.seconds:g} s{done and f' ({done})'}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything a call may use: whose it is, which files, which clients, how long.

    ``root`` is the node's folder, the only one files are read from. ``number`` counts the node's calls from 1.
    """

    node: NodeInfo
    root: Path | None
    settings: Settings
    clients: Clients
    time: int
    number: int
    deadline: Deadline

    @property
    def folder(self) -> str:
        """The folder of an upload: ``<NODE_NAME>_<NODE_IP>_<RUN_ID>``, or without the run (``Settings.run_folder``)."""
        base = f"{self.node.name}_{self.node.ip}"
        return f"{base}_{self.node.run_id}" if self.settings.run_folder else base

    def key(self, path: str) -> str:
        """The name an uploaded file gets."""
        return f"{self.folder}/{Path(path).name}"
