"""The service map and the timeline: the traffic that matches a filter, added up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.store.query import Watch
from kubeshark_nb.widgets import fallback
from kubeshark_nb.widgets.bundle import bundle
from kubeshark_nb.widgets.service_edges import service_map
from kubeshark_nb.widgets.time_buckets import timeline
from kubeshark_nb.widgets.view import Question, View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from kubeshark_nb.widgets.feed import Feed

HEADS = ("Source", "Destination", "Proto", "Items", "Errors", "p95", "Rate")
STATIC_EDGES = 30


class MapView(View):
    """A map of who talks to whom, and a timeline.

    Args:
        columns: ``columns(kfl, watch)`` -> the columns `service_edges.COLUMNS` of the matching items (``""``: of all);
            stops early when ``watch`` says so, and raises `KFLError`.
        kfl: the filter to begin with.
        feed: its channel ``items`` tells when there is more.
    """

    _esm = bundle("map_view.js")

    def __init__(self, columns: Callable[[str, Watch], pa.Table], *, kfl: str = "", feed: Feed | None = None) -> None:
        self._columns, self._kfl = columns, kfl
        super().__init__({}, {"traffic": self._traffic}, feed=feed)

    def static_html(self) -> str:
        """The busiest edges as a table."""
        return fallback.table(
            HEADS, [("failed" if edge["errors"] else "", _cells(edge)) for edge in self._edges()], "Service map"
        )

    def static_text(self) -> str:
        """The busiest edges as text."""
        return fallback.plain(HEADS, [_cells(edge) for edge in self._edges()], "Service map")

    def _edges(self) -> list[dict[str, Any]]:
        edges: list[dict[str, Any]] = service_map(self._columns(self._kfl, Watch()))["edges"]
        return sorted(edges, key=lambda edge: -int(edge["items"]))[:STATIC_EDGES]

    def _traffic(self, question: Question, watch: Watch) -> dict[str, Any]:
        kfl = str(question.get("query", self._kfl))
        columns = self._columns(kfl, watch)
        return {"map": service_map(columns), "timeline": timeline(columns), "query": kfl}


def _cells(edge: Mapping[str, Any]) -> list[object]:
    rate, latency = f"{edge['rate']:.1f}/s", f"{edge['p95_us'] / 1000:g} ms"
    return [edge["source"], edge["target"], edge["protocol"], edge["items"], edge["errors"], latency, rate]
