"""The tree of a KFL 2 (CEL) query. Every node has ``at``: its offset in the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Union


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; ``kind`` is its type."""

    kind: str
    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Ident:
    """A name."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.name`."""

    operand: Node
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Index:
    """`operand[key]`."""

    operand: Node
    key: Node
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`, or `receiver.name(arguments)`."""

    name: str
    receiver: Node | None
    arguments: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[items]`."""

    items: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class MapOf:
    """`{key: value}`."""

    entries: tuple[tuple[Node, Node], ...]
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`!operand` or `-operand`."""

    op: str
    operand: Node
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """``left op right`` for comparisons, `in` and arithmetic."""

    op: str
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True)
class Logic:
    """Terms joined by one operator, `&&` or `||`."""

    op: str
    terms: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Conditional:
    """`test ? yes : no`."""

    test: Node
    yes: Node
    no: Node
    at: int


Node = Union[  # noqa: UP007 - used before its parts exist
    Const, Ident, Select, Index, Call, ListOf, MapOf, Unary, Binary, Logic, Conditional
]
