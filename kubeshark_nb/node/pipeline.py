"""The whole product in one screen: packets become items, scripts judge them, the store keeps them.

source → windows of packets and items → player (scripts, jobs, clock) → store
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubeshark_nb.node.report import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubeshark_nb.model import Stats
    from kubeshark_nb.node.dissection import Dissection, Window
    from kubeshark_nb.node.documents import Documents
    from kubeshark_nb.node.player import Player
    from kubeshark_nb.node.recall import Recall
    from kubeshark_nb.node.report import Reporter
    from kubeshark_nb.node.shards import Shards
    from kubeshark_nb.store.writer import SegmentWriter


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One run over one capture. Iterating it does the work, one window at a time; stop iterating to stop the run.

    ``live``: the clock is the wall's, and windows come even when nothing else does, so that jobs are on time.
    """

    windows: Iterable[Window]
    dissection: Dissection | Documents | Shards | Recall
    player: Player
    writer: SegmentWriter
    reporter: Reporter
    stats: Stats
    live: bool = False

    def __iter__(self) -> Iterator[None]:
        end_ns = 0
        try:
            for window in self.windows:
                end_ns = window.end_ns
                self._play(window)
                self._tell(time.time_ns() if self.live else end_ns)
                yield
            self.player.finish(end_ns)
        finally:
            self.writer.close()

    def _play(self, window: Window) -> None:
        verdicts = self.player.play(window)
        self.writer.append(window.items, verdicts)
        self.stats.items += len(window.items)
        self.stats.passed += sum(passed for passed, _ in verdicts)
        self.stats.failed += sum(failed for _, failed in verdicts)

    def _tell(self, clock_ns: int) -> None:
        if self.live:  # there is no end to them
            self.dissection.opened.trim()
        if self.reporter.is_due:
            self.writer.flush()
            self.reporter.stats(self.stats)
            self.reporter.jobs(self.player.jobs())
            self.reporter.progress(Progress(*self.dissection.progress, clock_ns))
            self.reporter.flush()
