"""What can be said about a condition from the envelope alone: two bounds around the truth.

``may`` is true whenever the condition is true; ``must`` is only true when it is. Negation swaps them, which is why
both are kept: `!(response.status == 500)` can only be narrowed down by rows where the inside is certainly true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.kfl.prefilter import HTTP, All, Any, Compare, In, Node, Not

if TYPE_CHECKING:
    from collections.abc import Sequence

TRUE = All(())
FALSE = Any(())


class Bounds(NamedTuple):
    """``may`` ⊇ the condition ⊇ ``must``."""

    may: Node
    must: Node


UNKNOWN = Bounds(TRUE, FALSE)
ALWAYS = Bounds(TRUE, TRUE)
NEVER = Bounds(FALSE, FALSE)


def exactly(node: Node) -> Bounds:
    """A condition that is ``node`` itself."""
    return Bounds(node, node)


def all_of(parts: Sequence[Node]) -> Node:
    """`All`, without parts that say nothing."""
    if FALSE in parts:
        return FALSE
    kept = [part for part in parts if part != TRUE]
    return kept[0] if len(kept) == 1 else All(tuple(kept))


def any_of(parts: Sequence[Node]) -> Node:
    """`Any`, without parts that are never true."""
    if TRUE in parts:
        return TRUE
    kept = [part for part in parts if part != FALSE]
    return kept[0] if len(kept) == 1 else Any(tuple(kept))


def not_of(part: Node) -> Node:
    """`Not`, which constants do not need."""
    return FALSE if part == TRUE else TRUE if part == FALSE else Not(part)


def among_http(bounds: Bounds) -> Bounds:
    """``bounds`` of columns that only mean something for the HTTP family."""
    http = In("protocol", HTTP)
    return Bounds(any_of((Not(http), bounds.may)), all_of((http, bounds.must)))


def flag(column: str, *, wanted: bool) -> Bounds:
    """A flag that is ``wanted``."""
    return exactly(Compare(column, "==", wanted))
