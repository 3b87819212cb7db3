"""``prometheus.metric`` and ``prometheus.vector``: values kept by name and labels, and their text exposition."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kubeshark_nb.helpers.namespace import HelperError
from kubeshark_nb.helpers.values import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kubeshark_nb.helpers.namespace import Exports

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
KINDS = {1: "counter", 2: "gauge", 3: "untyped"}
MOST = 10_000  # different sets of labels of one node


@dataclass(slots=True)
class Metric:
    """One metric: ``values`` by its labels, each a sorted tuple of pairs. ``updated`` is the clock (ns)."""

    name: str
    description: str
    kind: str
    values: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)
    updated: int = 0


class Metrics:
    """The namespace ``prometheus``. ``now`` is the node's clock (ns)."""

    name = "prometheus"
    javascript = ""

    def __init__(self, now: Callable[[], int]) -> None:
        self.known: dict[str, Metric] = {}
        self._now = now
        self._count = 0

    def exports(self) -> Exports:
        """See the module."""
        return {"metric": ("ssnno", self.put), "vector": ("ssnno", self.put)}

    def put(self, name: str, description: str, kind: float | None, value: float | None, labels: Any = None) -> str:
        """Keep the latest value of a metric with these labels; ``"ok"``. Raises HelperError."""
        if not NAME.fullmatch(name):
            raise HelperError(f"prometheus: {name[:100]!r} is no metric name")
        given = tuple(sorted(texts(labels).items()))
        if wrong := next((label for label, _ in given if not LABEL.fullmatch(label)), None):
            raise HelperError(f"prometheus: {wrong[:100]!r} is no label name")
        metric = self.known.setdefault(name, Metric(name, description, KINDS.get(int(kind or 3), "untyped")))
        if given not in metric.values:
            self._count += 1
        if self._count > MOST:
            raise HelperError(f"prometheus: more than {MOST} different sets of labels")
        metric.values[given] = math.nan if value is None else value
        metric.updated = self._now()
        return "ok"


def exposition(nodes: Mapping[str, Sequence[Metric]]) -> str:
    """The metrics of ``nodes`` in Prometheus' text format 0.0.4, ready to be scraped.

    The first node to use a name says what kind it is. Of several nodes, samples get a label ``node``.
    """
    heads: dict[str, str] = {}
    samples: dict[str, list[str]] = {}
    for node, metrics in nodes.items():
        origin = {"node": node} if len(nodes) > 1 else {}
        for metric in metrics:
            help_text = metric.description.replace("\\", "\\\\").replace("\n", "\\n")
            heads.setdefault(metric.name, f"# HELP {metric.name} {help_text}\n# TYPE {metric.name} {metric.kind}\n")
            lines = samples.setdefault(metric.name, [])
            lines += [
                _sample(metric.name, {**origin, **dict(labels)}, value) for labels, value in metric.values.items()
            ]
    return "".join(head + "".join(samples[name]) for name, head in heads.items())


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{inside}}} {_number(value)}\n" if inside else f"{name} {_number(value)}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return "NaN" if math.isnan(value) else repr(float(value))
