"""Operands whose value is known when a query is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.kfl import helpers
from kubeshark_nb.kfl.ast import Call, Literal, Member, Negative, Node, Selector
from kubeshark_nb.kfl.values import MISSING

if TYPE_CHECKING:
    from kubeshark_nb.kfl.helpers import Known


def value_of(node: Node, known: Known) -> Any:
    """The value of a literal, a negative number or a time; `MISSING` for everything else."""
    match node:
        case Literal(value=value):
            return value
        case Negative():
            return helpers.literal((node,))
        case Selector(steps=(Member(name="now"),)):
            return known.now_ms
        case Selector(steps=(Call(name=name, arguments=arguments),)) if name in (*helpers.TIMES, "datetime"):
            return helpers.HELPERS[name](None, arguments, known)(None)
    return MISSING
