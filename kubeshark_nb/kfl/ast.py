"""The tree of a KFL 1 query. Every node has ``at``: its offset in the text it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from collections.abc import Iterator

Scalar = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Member:
    """`.name` or `["name"]`."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Index:
    """`[number]`, from 0."""

    number: int
    at: int


@dataclass(frozen=True, slots=True)
class Every:
    """`.*` or `[*]`: every element or member."""

    at: int


@dataclass(frozen=True, slots=True)
class Deep:
    """`..name`: members of that name at any depth."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`, as the first step or on what the steps before it selected."""

    name: str
    arguments: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Dangling:
    """A final `.`: accepted when a query is validated, refused when it is compiled, as in the original."""

    at: int


Step = Member | Index | Every | Deep | Call | Dangling


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, `true`, `false` or `nil`."""

    value: Scalar
    at: int


@dataclass(frozen=True, slots=True)
class Regex:
    """`r"pattern"` (RE2 syntax)."""

    pattern: str
    at: int


@dataclass(frozen=True, slots=True)
class Selector:
    """A path into the item, helpers included; never empty."""

    steps: tuple[Step, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    """`!operand`."""

    operand: Node
    at: int


@dataclass(frozen=True, slots=True)
class Negative:
    """`-operand`."""

    operand: Node
    at: int


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right``; ``op`` is one of ``== != < <= > >=``."""

    op: str
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True)
class Logic:
    """``terms[0] ops[0] terms[1] ops[1] …`` with ``and``/``or`` of equal rank, grouped to the right.

    Grouping to the right with short circuit is a walk from the left that stops early: no nesting is needed, so a query
    of thousands of terms is as flat as it reads.
    """

    terms: tuple[Node, ...]
    ops: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Group:
    """`(inner)`; a missing path makes the nearest one false. ``macro`` names the macro it stands for, if any."""

    inner: Node
    at: int
    macro: str = ""


Node = Union[  # noqa: UP007 - used before its parts exist
    Literal, Regex, Selector, Not, Negative, Compare, Logic, Group
]


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below ``node``, in the order they are evaluated."""
    match node:
        case Logic(terms=terms):
            return terms
        case Compare(left=left, right=right):
            return (left, right)
        case Not(operand=inner) | Negative(operand=inner) | Group(inner=inner):
            return (inner,)
        case Selector(steps=steps):
            return tuple(argument for step in steps if isinstance(step, Call) for argument in step.arguments)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything below it, in reading order."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))
