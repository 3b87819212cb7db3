"""A virtual node: what one Kubeshark worker is on a cluster, as a plain object that runs in any process.

It owns one capture, its dissectors and items, one JavaScript runtime with its scripts, jobs and clock, and a folder.
Whoever owns a node calls its methods, and gives it time by calling `step` while it is `busy`.
"""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.capture import Source, open_source
from kubeshark_nb.capture.pacing import factor
from kubeshark_nb.capture.spool import Spool
from kubeshark_nb.capture.spooled import Spooled
from kubeshark_nb.errors import KubesharkError, NodeError
from kubeshark_nb.model import ConsoleLine, Stats
from kubeshark_nb.node.crew import Crew
from kubeshark_nb.node.dissection import Dissection
from kubeshark_nb.node.documents import Documents
from kubeshark_nb.node.opened import OpenedStreams
from kubeshark_nb.node.origin import key_of, reading_of, shards_ahead
from kubeshark_nb.node.pacing import paced
from kubeshark_nb.node.pipeline import Pipeline
from kubeshark_nb.node.player import Player
from kubeshark_nb.node.recall import Recall, Recording
from kubeshark_nb.node.report import Progress, Reporter
from kubeshark_nb.node.shards import Shards
from kubeshark_nb.node.stream_log import StreamLog
from kubeshark_nb.node.targets import targets
from kubeshark_nb.store.folder import folder_of
from kubeshark_nb.store.writer import SegmentWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from kubeshark_nb.node.dissection import Window
    from kubeshark_nb.node.report import Report
    from kubeshark_nb.node.spec import CaptureSpec, NodeSpec, ScriptSpec
    from kubeshark_nb.node.stream_log import Packet
    from kubeshark_nb.vendors.policy import VendorPolicy

Reading = Dissection | Documents | Shards | Recall
ENDS = ("done", "stopped")
KEPT_BYTES = 1 << 20
NO_PACKETS = (
    "the packets of {stream!r} are not at hand: neither in the latest run's capture, nor kept from what arrived "
    "(items of a hub or of a file come without packets; --keep 0 keeps none)"
)


class Node:
    """One node. Not thread-safe: one thread, the main one where time limits are wanted, calls everything.

    Args:
        send: takes every report.
        crew: processes that an earlier node left waiting.
    """

    def __init__(self, spec: NodeSpec, send: Callable[[Report], None], crew: Crew | None = None) -> None:
        self.spec = spec
        self.reporter = Reporter(spec.info.name, send)
        self.stats = Stats()
        self.dissection: Reading | None = None
        self.streams: StreamLog | None = None
        self._run: Iterator[None] | None = None
        self._stopping = self._paused = False
        self._recording: Recording | None = None
        self._items: Path | None = None
        self._cache_limit = 0
        self._scripts: dict[str, ScriptSpec] = {}
        self._policy = spec.policy
        self._crew = crew or Crew()
        self.player = self._fresh_player()

    @property
    def busy(self) -> bool:
        """Whether a run is going on and not paused, so that `step` has something to do."""
        return self._run is not None and not self._paused

    def load(self, script: ScriptSpec) -> None:
        """Load a script, replacing the one of the same name.

        Raises:
            ScriptError: it does not compile or its top level threw; neither it nor its predecessor is loaded then.
        """
        self._scripts.pop(script.name, None)
        try:
            self.player.load(script.name, script.source, script.env)
            self._scripts[script.name] = script
        finally:  # what its top level printed before it threw is often the explanation
            self._settle()

    def unload(self, name: str) -> None:
        """Remove a script and its jobs; an unknown name is no error."""
        self._scripts.pop(name, None)
        self.player.unload(name)
        self._settle()

    def prepare(self, capture: CaptureSpec) -> None:
        """Start what a run over ``capture`` would have to wait for. What is wrong with it, the run will say."""
        wanted = 0
        with suppress(KubesharkError):
            wanted = shards_ahead(capture, self.spec)
        with suppress(NodeError):
            self._crew.fill(wanted, self.spec.folder)

    def start(self, capture: CaptureSpec, scripts: list[ScriptSpec], items: Path) -> None:
        """Begin a run over ``capture`` with exactly ``scripts``, in a fresh runtime, writing items to folder ``items``.

        The first window is read before the scripts are loaded, because their clock starts at its first packet; when
        live, because from then on nothing passes unseen.

        Raises:
            CaptureError: the capture cannot be opened.
            ScriptError: a script does not load.
        """
        self._run = None
        self._forget_recording()
        try:
            self._begin(capture, scripts, items)
        except BaseException:
            self._forget_recording()
            raise

    def step(self) -> None:
        """Work on the run for one window; report how it ended when it did."""
        if self._run is None:
            return
        try:
            next(self._run)
        except StopIteration:
            self._keep_dissected()
            self._end("stopped" if self._stopping else getattr(self._source, "ended", "") or "done")
        except KeyboardInterrupt:
            self._end("stopped")
        except KubesharkError as error:
            self._end(str(error))

    def pause(self) -> None:
        """Let the run wait, until `resume` or `stop`."""
        self._paused = True

    def resume(self) -> None:
        """Go on with a run that was paused."""
        self._paused = False

    def pace(self, speed: str) -> None:
        """Go on with a replay at another speed. Raises CaptureError when there is no such speed."""
        if isinstance(self._source, Source):
            self._source.speed = factor(speed)

    def stop(self) -> None:
        """End the run that goes on, keeping what it has brought. What has arrived live by now is still played."""
        self._paused = False
        if self.busy and (stop := getattr(self._source, "stop", None)) is not None:
            self._stopping = True
            stop()
            while self.busy:
                self.step()
        elif self.busy:
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

    def variables(self) -> dict[str, Any]:
        """What scripts have in their variables, for when this process ends: plain values up to `KEPT_BYTES` of JSON.

        Those that cannot be read (circular, a getter that throws) or are too much are counted and left out.
        """
        kept: dict[str, Any] = {}
        room = KEPT_BYTES
        for name in self.player.globals_names():
            with suppress(KubesharkError, TypeError):
                value = self.player.globals_get(name)
                size = len(orjson.dumps(value))
                if size <= room:
                    kept[name] = value
                    room -= size
                    continue
            self.stats.count("script variables that are too large, or no plain values, to be kept after the run")
            self._settle()
        return kept

    def close(self) -> None:
        """Let go of everything; the folder stays."""
        self.leave().fill(0, self.spec.folder)

    def leave(self) -> Crew:
        """`close`, but for the processes that wait: they are for the next node."""
        self.stop()
        self.player.close()
        return self._crew

    def packets_of(self, stream: str) -> tuple[int, Sequence[Packet]]:
        """Link type and packets of a stream of the latest run. Raises NodeError when there is none of this name."""
        found = self.streams.packets(stream) if self.streams else None
        if found is None:
            raise NodeError(NO_PACKETS.format(stream=stream))
        return found

    def _begin(self, capture: CaptureSpec, scripts: list[ScriptSpec], items: Path) -> None:
        self._stopping = self._paused = False
        self.stats = Stats()
        self.dissection = reading_of(capture, self.spec, self.stats, self._crew)
        self._recording = self._recorded(capture, self.dissection)
        windows = (self._recording or self.dissection).windows()
        if isinstance(self.dissection, Shards | Recall):
            windows = paced(windows, self._speed)
        first = list(islice(windows, 1)) if capture.is_live else beginning_of(windows)
        if isinstance(self.dissection, Recall):
            self.reporter.recalled()
        self.player.close()
        start_ns = 0 if capture.is_live else clock_of(first)
        self.player = self._fresh_player(live=capture.is_live, start_ns=start_ns)
        self.player.on_hub_action = self._to_hub
        self.player.targeted = self._targets
        self.streams = self._stream_log(capture, self.dissection)
        self.player.use_streams(self.streams)
        for script in scripts:
            self.load(script)
        self._items = items
        writer = SegmentWriter(items, self.spec.info.name, own=not isinstance(self.dissection, Documents))
        run = Pipeline(
            chain(first, windows), self.dissection, self.player, writer, self.reporter, self.stats, capture.is_live
        )
        self._run = iter(run)
        self.reporter.began(start_ns)
        self._settle()

    @property
    def _source(self) -> object:
        return self.dissection.source if self.dissection else None

    def _speed(self) -> float:
        return self._source.speed if isinstance(self._source, Source) else 0.0

    def _stream_log(self, capture: CaptureSpec, reading: Reading) -> StreamLog:
        """What is known of the streams: their packets only where they are kept, or can be read again."""
        source = self._source
        if isinstance(source, Spooled):
            return StreamLog(lambda: source.spool, reading.names, reading.opened)
        again = isinstance(source, Source)
        spool = partial(filled, capture.files, self.spec.folder)
        return StreamLog(spool, reading.names, reading.opened if again else OpenedStreams())

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
            hub=self.spec.hub,
            limit=self.spec.limit,
            start_ns=start_ns,
            policy=self._policy,
        )

    def _to_hub(self, action: str, value: Any) -> None:
        self.reporter.action(self.player.clock, action, value)

    def _targets(self) -> dict[str, Any]:
        return targets(self.dissection.names, self.spec.info.name) if self.dissection else {}

    def _settle(self) -> None:
        """Tell the kernel where things stand."""
        self.reporter.jobs(self.player.jobs())
        self.reporter.stats(self.stats)
        self.reporter.flush()

    def _recorded(self, capture: CaptureSpec, reading: Reading) -> Recording | None:
        """What keeps the items of this run for later ones, when they can be kept and are not yet."""
        self._cache_limit = capture.cache << 20
        if self.spec.cache is None or isinstance(reading, Documents | Recall):
            return None
        key = key_of(capture, self.spec.info)
        with suppress(OSError):
            return Recording(self.spec.cache, key, reading) if key else None
        return None

    def _keep_dissected(self) -> None:
        if self._recording is not None and self._items is not None:
            self._recording.keep(folder_of(self._items, self.spec.info.name), self._cache_limit)
            self._recording = None

    def _forget_recording(self) -> None:
        if self._recording is not None:
            self._recording.forget()
            self._recording = None

    def _end(self, how: str) -> None:
        self._run = None
        self._forget_recording()
        if how not in ENDS:  # nobody may be waiting for the end of a live capture: its console says it, too
            self.reporter.console(ConsoleLine("warning", how, time.time_ns(), node=self.spec.info.name))
        self._tell_progress()
        self._settle()
        self.reporter.finished(how)

    def _tell_progress(self) -> None:
        """How far it came in the end: the kernel may have heard of it a while ago."""
        if self.dissection is not None:
            self.reporter.progress(Progress(*self.dissection.progress, self.player.clock))


def filled(files: tuple[str, ...], folder: Path) -> Spool:
    """All frames of capture files, on disk. Raises CaptureError."""
    spool = Spool(folder)
    for batch in open_source(files, folder=folder).batches():
        spool.write(batch)
    return spool


def beginning_of(windows: Iterator[Window]) -> list[Window]:
    """The first windows, up to one in which something happens."""
    first: list[Window] = []
    for window in windows:
        first.append(window)
        if len(window.packets) or window.items:
            break
    return first


def clock_of(windows: list[Window]) -> int:
    """Time (ns) of the first packet or item, 0 when there is none."""
    packets = [int(window.packets.time_ns.min()) for window in windows if len(window.packets)]
    items = [item.ready_ns for window in windows for item in window.items[:1]]
    return min(packets + items, default=0)
