"""``session.globals``: the scripts' top-level variables, node by node, and what they come to over all nodes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

from kubeshark_nb.errors import NodeError

HUB = "hub"

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Reduce = Callable[[list[Any]], Any]


class Nodes(Protocol):
    """The nodes whose variables are meant."""

    def names(self) -> list[str]:
        """Their names; at least one."""

    def ask(self, node: str, method: str, *arguments: Any) -> Any:
        """Ask one of them. Raises NodeError when there is no such node."""

    def clock(self, node: str) -> int:
        """How late it is on a node (ns)."""


def joined(values: list[Any]) -> list[Any]:
    """Lists one after another; what is no list counts as a list of one."""
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def counted(values: list[Any]) -> dict[str, Any]:
    """Objects of numbers, key by key; a list counts how often each of its values occurs."""
    whole: Counter[str] = Counter()
    for value in values:
        whole.update(value if isinstance(value, dict) else map(str, joined([value])))
    return dict(whole)


REDUCERS: dict[str, Reduce] = {
    "sum": sum,
    "max": max,
    "min": min,
    "concat": joined,
    "counter": counted,
    "last": lambda values: values[-1],
}


class Globals:
    """The scripts' top-level variables as a mapping: ``session.globals["packetCount"]`` reads, assignment writes.

    Where there are several nodes each has its own: ``globals.node("a")["n"]``, ``globals.each("n")``, and over all of
    them ``globals.reduce("n", "sum")``. Assignment writes on every node.
    """

    def __init__(self, nodes: Nodes, only: str | None = None) -> None:
        self._nodes = nodes
        self._only = only

    def node(self, name: str) -> Globals:
        """The variables on the node of this name, or on the hub. Raises NodeError when there is no such node."""
        if name not in (*self._nodes.names(), HUB):
            known = ", ".join(map(repr, self._nodes.names()[:8]))
            raise NodeError(f"there is no node {name!r}, only {known}")
        return Globals(self._nodes, name)

    def each(self, name: str) -> dict[str, Any]:
        """The value on every node that has the variable, by node. Raises KeyError when none has."""
        found: dict[str, Any] = {}
        for node in self._here:
            try:
                found[node] = self._nodes.ask(node, "globals_get", name)
            except KeyError:
                continue
        if not found:
            raise KeyError(name)
        return found

    def reduce(self, name: str, how: str | Reduce) -> Any:
        """One value made of those of all nodes, which come by the nodes' clocks: a key of `REDUCERS` or a function.

        Raises:
            KeyError: no node has the variable.
            NodeError: there is no such reducer, or the values are not what it takes.
        """
        reduce = REDUCERS.get(how) if isinstance(how, str) else how
        if reduce is None:
            raise NodeError(f"{how!r} is no way to reduce values; there are {', '.join(REDUCERS)}, or give a function")
        found = self.each(name)
        values = [found[node] for node in sorted(found, key=lambda node: (self._nodes.clock(node), node))]
        try:
            return reduce(values)
        except (TypeError, ValueError) as error:
            raise NodeError(f"the values of {name!r} cannot be reduced: {error}") from None

    def __getitem__(self, name: str) -> Any:
        """The value as JSON allows. Raises KeyError: no script has it; NodeError: there are several nodes."""
        if len(self._here) > 1:
            raise NodeError(
                f"{name!r} has a value on each of {len(self._here)} nodes; use globals.node(NODE)[{name!r}], "
                f"globals.each({name!r}) or globals.reduce({name!r}, 'sum')"
            )
        return self._nodes.ask(self._here[0], "globals_get", name)

    def __setitem__(self, name: str, value: Any) -> None:
        """Give the variable a value that JSON has. Raises KeyError: no script has it; TypeError: no such value."""
        import orjson

        plain = orjson.loads(orjson.dumps(value))
        for node in self._here:
            self._nodes.ask(node, "globals_set", name, plain)

    def __iter__(self) -> Iterator[str]:
        names = (name for node in self._here for name in self._nodes.ask(node, "globals_names"))
        return iter(dict.fromkeys(names))

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    @property
    def _here(self) -> list[str]:
        return self._nodes.names() if self._only is None else [self._only]
