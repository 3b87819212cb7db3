"""What a worker does for a node: run it in a child process of its own, keep its items, tell what came of it."""

from __future__ import annotations

import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, astuple, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubeshark_nb.cluster import spare
from kubeshark_nb.cluster.parquet import Sheet
from kubeshark_nb.cluster.places import place, swept
from kubeshark_nb.errors import KubesharkError, NodeError
from kubeshark_nb.node.ledger import Ledger
from kubeshark_nb.node.report import Report

if TYPE_CHECKING:
    from kubeshark_nb.node.process import NodeProcess
    from kubeshark_nb.node.spec import CaptureSpec, NodeSpec, ScriptSpec

TELL = 0.5  # seconds between two words about progress, and two looks at whether the run is to stop


@dataclass(frozen=True, slots=True)
class Errand:
    """What a task is to do. ``place``: where the items go; ``run``: the topic and the event of this run."""

    spec: NodeSpec
    capture: CaptureSpec
    scripts: list[ScriptSpec]
    place: str
    run: str


@dataclass(slots=True)
class Outcome:
    """What came of it: all reports as one, the scripts' variables, the manifest of the items."""

    report: Report
    variables: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)


def run_node(errand: Errand) -> Outcome:
    """Run one node from start to end. It is done whole or, when the worker dies, whole again on another."""
    try:
        with tempfile.TemporaryDirectory(dir=swept(place("nodes")), ignore_cleanup_errors=True) as folder:
            return _run(errand, Path(folder))
    except NodeError as error:  # no folder
        return Outcome(Report(node=errand.spec.info.name, finished=str(error)))


def _run(errand: Errand, folder: Path) -> Outcome:
    spec = replace(errand.spec, folder=folder / "node", cache=place("dissected"))
    told = Gathered(spec.info.name)
    outcome = Outcome(told.report)
    try:
        sheet = Sheet(folder / "items", spec.info.name, errand.place)
        with spare.hired(spec, told.enter) as node:
            watch = Watch(errand, node, told, sheet)
            node.call("start", errand.capture, errand.scripts, folder / "items")
            node.wait(watch.look)
            if node.alive:
                with suppress(KubesharkError):  # it died now that its run is over: its items are there
                    outcome.variables = node.call("variables")
                    node.call("prepare", replace(errand.capture, cache=0))  # for the next task, likely of the same kind
        outcome.manifest = sheet.finish({"run": errand.run})
    except KubesharkError as error:
        told.report.finished = str(error)
    told.finish()
    return outcome


class Gathered:
    """The reports of a node as one report, within the bounds of a ledger."""

    def __init__(self, node: str) -> None:
        self.report = Report(node=node)
        self.ledger = Ledger()

    def enter(self, report: Report) -> None:
        """One more."""
        self.ledger.enter(report)
        whole = self.report
        whole.actions += report.actions
        for name in ("jobs", "stats", "progress", "finished"):
            if (news := getattr(report, name)) is not None:
                setattr(whole, name, news)
        whole.recalled |= report.recalled
        whole.began = report.began or whole.began

    def finish(self) -> None:
        """Nothing more comes."""
        self.report.console = list(self.ledger.console)
        self.report.effects = list(self.ledger.effects)
        self.report.errors = self.ledger.errors
        self.report.dropped = self.ledger.console.dropped


class Watch:
    """Looks after what has come, tells the session how far the node is, and the node when it is enough."""

    def __init__(self, errand: Errand, node: NodeProcess, told: Gathered, sheet: Sheet) -> None:
        self._errand = errand
        self._node = node
        self._told = told
        self._sheet = sheet
        self._due = 0.0
        self._stopped = False

    def look(self) -> None:
        """To be called often."""
        self._sheet.look()
        if time.monotonic() < self._due or self._stopped:
            return
        from distributed import Event, get_worker

        self._due = time.monotonic() + TELL
        report = self._told.report
        with suppress(OSError, ValueError):  # who listens may be gone; then this worker ends soon
            progress = astuple(report.progress) if report.progress else None
            stats = asdict(report.stats) if report.stats else None
            get_worker().log_event(self._errand.run, {"node": report.node, "progress": progress, "stats": stats})
            if Event(self._errand.run).is_set():
                self._stopped = True
                self._node.call("stop")
