"""Macros: names that stand for a condition, such as `http`.

A macro is replaced in the tree, not in the text: only a whole identifier that stands alone is one, so
`request.httpVersion`, `https`, `http.x` and `"http"` are left alone, and positions stay those of what the user typed.
`tls` and `error` are item fields as well: compared with something, they are the field.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubeshark_nb.errors import KFLError
from kubeshark_nb.kfl.ast import Call, Compare, Group, Logic, Member, Negative, Node, Not, Selector, Step
from kubeshark_nb.kfl.parser import parse
from kubeshark_nb.kfl.reference import MACROS

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = ("tls", "error")


def expand(node: Node, macros: Mapping[str, str] = MACROS) -> Node:
    """``node`` with each macro replaced by its condition in parentheses. Raises KFLError for a bad custom macro."""
    return _Expansion(macros).of(node)


class _Expansion:
    """``using`` are the macros whose text is being read: a name in its own text is not a macro again."""

    def __init__(self, macros: Mapping[str, str], using: tuple[str, ...] = ()) -> None:
        self._macros = macros
        self._using = using

    def of(self, node: Node) -> Node:  # noqa: PLR0911 - one case per kind of node
        match node:
            case Selector(steps=(Member(name=name),), at=at) if name in self._macros and name not in self._using:
                return Group(self._read(name), at, macro=name)
            case Selector():
                return replace(node, steps=tuple(self._step(step) for step in node.steps))
            case Logic(terms=terms):
                return replace(node, terms=tuple(map(self.of, terms)))
            case Compare(left=left, right=right):
                return replace(node, left=self._operand(left), right=self._operand(right))
            case Not(operand=operand) | Negative(operand=operand):
                return replace(node, operand=self.of(operand))
            case Group(inner=inner):
                return replace(node, inner=self.of(inner))
        return node

    def _step(self, step: Step) -> Step:
        return replace(step, arguments=tuple(map(self.of, step.arguments))) if isinstance(step, Call) else step

    def _operand(self, node: Node) -> Node:
        match node:
            case Selector(steps=(Member(name=name),)) if name in FIELDS:
                return node
        return self.of(node)

    def _read(self, name: str) -> Node:
        text = self._macros[name]
        try:
            return _Expansion(self._macros, (*self._using, name)).of(parse(text))
        except KFLError as error:
            raise KFLError(f"the macro {name} is not a query: {error}") from None
