"""A virtual node: what one Kubeshark worker is on a cluster, as a plain object that runs in any process.

It owns one capture, its dissectors and items, one JavaScript runtime with its scripts, jobs and clock, and a folder.
Whoever owns a node calls its methods, and gives it time by calling `step` while it is `busy`.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import KubesharkError, NodeError
from kubeshark_nb.model import Stats
from kubeshark_nb.node.pipeline import Pipeline
from kubeshark_nb.node.player import Player
from kubeshark_nb.node.report import Reporter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kubeshark_nb.node.report import Report
    from kubeshark_nb.node.spec import CaptureSpec, NodeSpec, ScriptSpec


class Node:
    """One node. Not thread-safe: one thread, the main one where time limits are wanted, calls everything."""

    def __init__(self, spec: NodeSpec, send: Callable[[Report], None]) -> None:
        self.spec = spec
        self.reporter = Reporter(spec.info.name, send)
        self.stats = Stats()
        self.player = self._fresh_player(live=False)
        self._scripts: dict[str, ScriptSpec] = {}
        self._run: Iterator[None] | None = None

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

        Raises:
            CaptureError: the capture cannot be opened.
            ScriptError: a script does not load.
        """
        self._run = None
        self.stats = Stats()
        self.player.close()
        shutil.rmtree(self._files, ignore_errors=True)
        self.player = self._fresh_player(live=capture.is_live)
        self._run = iter(self._pipeline(capture, scripts, items))

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

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the player: globals, jobs, explain, profile ... (see `Player`)."""
        answer = getattr(self.player, method)(*arguments)
        self._settle()
        return answer

    def close(self) -> None:
        """Let go of everything; the folder stays."""
        self.stop()
        self.player.close()

    @property
    def _files(self) -> Path:
        return self.spec.folder / "data"

    def _fresh_player(self, *, live: bool) -> Player:
        self._files.mkdir(parents=True, exist_ok=True)
        return Player(self.spec.info, self._files, self.reporter, live=live, limit=self.spec.limit)

    def _pipeline(self, capture: CaptureSpec, scripts: list[ScriptSpec], items: Path) -> Pipeline:
        raise NodeError(f"not wired: {capture} {scripts} {items}")

    def _settle(self) -> None:
        """Tell the kernel where things stand."""
        self.reporter.jobs(self.player.jobs())
        self.reporter.stats(self.stats)
        self.reporter.flush()

    def _end(self, how: str) -> None:
        self._run = None
        self._settle()
        self.reporter.finished(how)
