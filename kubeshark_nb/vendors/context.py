"""Where a call comes from, and what a call may use while it is sent."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import VendorError

if TYPE_CHECKING:
    from kubeshark_nb.model import NodeInfo
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


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a service whose Effect should show something else than what the script gets."""

    value: Any
    shown: str


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

    def key(self, path: str) -> str:
        """The name an uploaded file gets: ``<NODE_NAME>_<NODE_IP>_<RUN_ID>/<FILENAME>`` (``Settings.run_folder``)."""
        run = f"_{self.node.run_id}" if self.settings.run_folder else ""
        return f"{self._base}{run}/{Path(path).name}"

    @property
    def prefixes(self) -> tuple[str, str]:
        """What the names of this node's uploads begin with, with and without a run."""
        return f"{self._base}/", f"{self._base}_"

    def owns(self, key: str) -> bool:
        """Whether ``key`` is in a folder of this node: not one of ``10.0.0.11`` when this is ``10.0.0.1``."""
        return re.match(rf"{re.escape(self._base)}(_\d+)?/", key) is not None

    @property
    def _base(self) -> str:
        return f"{self.node.name}_{self.node.ip}"
