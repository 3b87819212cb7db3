"""Everything in one layout: figures, timeline, table with details, console, jobs, effects, map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from ipywidgets import widget_serialization

from kubeshark_nb.widgets.bundle import bundle
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.item_table import ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView
from kubeshark_nb.widgets.map_view import MapView
from kubeshark_nb.widgets.view import Question, View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubeshark_nb.store.query import Watch
    from kubeshark_nb.widgets.feed import Feed

SPEEDS = ("1x", "10x", "100x", "max")
ACTIONS = ("pause", "resume", "stop", "replay", *(f"speed {speed}" for speed in SPEEDS))


class Dashboard(View):
    """One page made of other widgets, each answering its own questions.

    Args:
        table, console, jobs, effects, traffic: the widgets to show.
        stats: the figures of the top line: names and numbers in the order they are shown.
        progress: where the run is: ``{"state", "part" (0 to 1, -1 unknown), "time" (ns), "speed", "sending"}``.
        control: ``control(action)``, one of `ACTIONS`; without it there are no such buttons.
        feed: its channels ``stats`` and ``progress`` keep the top lines up to date.
    """

    _esm = bundle("dashboard.js")
    table = traitlets.Instance(ItemTable).tag(sync=True, **widget_serialization)
    console = traitlets.Instance(ConsoleView).tag(sync=True, **widget_serialization)
    jobs = traitlets.Instance(JobsView).tag(sync=True, **widget_serialization)
    effects = traitlets.Instance(EffectsView).tag(sync=True, **widget_serialization)
    traffic = traitlets.Instance(MapView).tag(sync=True, **widget_serialization)

    def __init__(  # noqa: PLR0913 (each is one part of the page)
        self,
        *,
        table: ItemTable,
        console: ConsoleView,
        jobs: JobsView,
        effects: EffectsView,
        traffic: MapView,
        stats: Callable[[], Mapping[str, int]],
        progress: Callable[[], Mapping[str, Any]] | None = None,
        control: Callable[[str], object] | None = None,
        feed: Feed | None = None,
    ) -> None:
        self.table, self.console, self.jobs, self.effects, self.traffic = table, console, jobs, effects, traffic
        self._stats, self._progress, self._command = stats, progress, control
        super().__init__({"stats": self._figures}, {"control": self._control}, feed=feed)

    def static_html(self) -> str:
        """The table's and the console's pictures, one below the other."""
        return self.table.static_html() + self.console.static_html()

    def static_text(self) -> str:
        """The same as text."""
        return f"{self.table.static_text()}\n\n{self.console.static_text()}"

    def _figures(self, _question: Question) -> dict[str, Any]:
        progress = dict(self._progress()) if self._progress else None
        control = {"control": self._command is not None, "speeds": list(SPEEDS)}
        return {"stats": dict(self._stats()), "progress": progress, **control}

    def _control(self, question: Question, _watch: Watch) -> dict[str, Any]:
        action = str(question["action"])
        if self._command is None or action not in ACTIONS:
            raise ValueError(f"a capture cannot be told to {action!r} here")
        self._command(action)
        return self._figures(question)
