"""A virtual node: what one Kubeshark worker is on a cluster, as a plain object that runs in any process.

It owns one capture, its dissectors and items, one JavaScript runtime with its scripts, jobs and clock, and a folder.
Whoever owns a node calls its methods, and gives it time by calling `step` while it is `busy`.
"""

from __future__ import annotations

import shutil
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from kubeshark_nb.capture import open_source
from kubeshark_nb.errors import KubesharkError, NodeError
from kubeshark_nb.items.name_files import read_names
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import Stats
from kubeshark_nb.node.dissection import Dissection
from kubeshark_nb.node.pipeline import Pipeline
from kubeshark_nb.node.player import Player
from kubeshark_nb.node.report import Reporter
from kubeshark_nb.node.stream_log import StreamLog
from kubeshark_nb.store.writer import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from kubeshark_nb.node.dissection import Window
    from kubeshark_nb.node.report import Report
    from kubeshark_nb.node.spec import CaptureSpec, NodeSpec, ScriptSpec
    from kubeshark_nb.node.stream_log import Packet
    from kubeshark_nb.vendors.policy import VendorPolicy


class Node:
    """One node. Not thread-safe: one thread, the main one where time limits are wanted, calls everything."""

    def __init__(self, spec: NodeSpec, send: Callable[[Report], None]) -> None:
        self.spec = spec
        self.reporter = Reporter(spec.info.name, send)
        self.stats = Stats()
        self.dissection: Dissection | None = None
        self.streams: StreamLog | None = None
        self._run: Iterator[None] | None = None
        self._scripts: dict[str, ScriptSpec] = {}
        self._policy: VendorPolicy | None = None
        self.player = self._fresh_player()

    @property
    def busy(self) -> bool:
        """Whether a run is going on, so that `step` has something to do."""
        return self._run is not None

    def load(self, script: ScriptSpec) -> None:
        """Load a script, replacing the one of the same name.

        Raises:
            ScriptError: it does not compile or its top level threw; neither it nor its predecessor is loaded then.
        """
        self._scripts.pop(script.name, None)
        self.player.load(script.name, script.source, script.env)
        self._scripts[script.name] = script
        self._settle()

    def unload(self, name: str) -> None:
        """Remove a script and its jobs; an unknown name is no error."""
        self._scripts.pop(name, None)
        self.player.unload(name)
        self._settle()

    def start(self, capture: CaptureSpec, scripts: list[ScriptSpec], items: Path) -> None:
        """Begin a run over ``capture`` with exactly ``scripts``, in a fresh runtime, writing items to folder ``items``.

        The first window is read before the scripts are loaded, because their clock starts at its first packet.

        Raises:
            CaptureError: the capture cannot be opened.
            ScriptError: a script does not load.
        """
        self._run = None
        self.stats = Stats()
        self.dissection = self._dissect(capture)
        windows = self.dissection.windows()
        first = [] if capture.is_live else list(islice(windows, 1))
        self.player.close()
        self.player = self._fresh_player(live=capture.is_live, start_ns=beginning(first))
        self.streams = StreamLog(partial(open_source, capture.files), self.dissection.names, self.dissection.opened)
        self.player.use_streams(self.streams)
        for script in scripts:
            self.load(script)
        writer = SegmentWriter(items, self.spec.info.name)
        run = Pipeline(chain(first, windows), self.dissection, self.player, writer, self.reporter, self.stats)
        self._run = iter(run)

    def step(self) -> None:
        """Work on the run for one window; report how it ended when it did."""
        if self._run is None:
            return
        try:
            next(self._run)
        except StopIteration:
            self._end("done")
        except KeyboardInterrupt:
            self._end("stopped")
        except KubesharkError as error:
            self._end(str(error))

    def stop(self) -> None:
        """End the run that goes on, keeping what it has brought."""
        if self.busy:
            self._end("stopped")

    def use_policy(self, policy: VendorPolicy) -> None:
        """Follow ``policy`` for vendor calls, from now on and in later runs."""
        self._policy = policy
        self.player.use_policy(policy)

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the player: globals, jobs, explain, profile ... (see `Player`)."""
        answer = getattr(self.player, method)(*arguments)
        self._settle()
        return answer

    def close(self) -> None:
        """Let go of everything; the folder stays."""
        self.stop()
        self.player.close()

    def packets_of(self, stream: str) -> tuple[int, Sequence[Packet]]:
        """Link type and packets of a stream of the latest run. Raises NodeError when there is none of this name."""
        found = self.streams.packets(stream) if self.streams else None
        if found is None:
            raise NodeError(f"the packets of {stream!r} are not at hand: the node has not replayed their capture")
        return found

    def _dissect(self, capture: CaptureSpec) -> Dissection:
        names = NameTable()
        if capture.names:
            read_names(capture.names, names)
        return Dissection(open_source(capture.files), self.spec.info, names, self.stats)

    def _fresh_player(self, *, live: bool = False, start_ns: int = 0) -> Player:
        """A fresh runtime in an empty folder: what scripts wrote in the run before is gone."""
        folder = self.spec.folder / "data"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._scripts = {}
        return Player(
            self.spec.info,
            folder,
            self.reporter,
            live=live,
            limit=self.spec.limit,
            start_ns=start_ns,
            policy=self._policy,
        )

    def _settle(self) -> None:
        """Tell the kernel where things stand."""
        self.reporter.jobs(self.player.jobs())
        self.reporter.stats(self.stats)
        self.reporter.flush()

    def _end(self, how: str) -> None:
        self._run = None
        self._settle()
        self.reporter.finished(how)


def beginning(windows: list[Window]) -> int:
    """Time (ns) of the first packet, 0 when there is none."""
    times = [window.packets.time_ns for window in windows]
    return int(times[0].min()) if times and len(times[0]) else 0
