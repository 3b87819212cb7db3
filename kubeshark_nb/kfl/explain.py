"""KFL 1 tree -> words, as written: macros keep their names, and the grouping of `and` and `or` is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.kfl.ast import (
    Call,
    Compare,
    Deep,
    Every,
    Group,
    Index,
    Literal,
    Logic,
    Member,
    Negative,
    Node,
    Not,
    Regex,
    Selector,
    Step,
)
from kubeshark_nb.kfl.quote import quote, selector
from kubeshark_nb.kfl.words import COMPARED, EVERYTHING, TESTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def in_words(tree: Node, macros: Mapping[str, str]) -> str:
    """What ``tree``, with its macros not yet expanded, looks for."""
    return _Words(macros).condition(tree)


class _Words:
    def __init__(self, macros: Mapping[str, str]) -> None:
        self._macros = macros

    def condition(self, node: Node) -> str:  # noqa: PLR0911 - one case per kind of node
        match node:
            case Literal(value=True):
                return EVERYTHING
            case Literal(value=False):
                return "nothing"
            case Logic(terms=terms, ops=ops):
                return self._logic(terms, ops)
            case Group(inner=inner):
                return f"({self.condition(inner)})"
            case Not(operand=Group() as operand):
                return f"not {self.condition(operand)}"
            case Not(operand=operand):
                return f"not ({self.condition(operand)})"
            case Compare():
                return self._compare(node)
            case Selector(steps=(Member(name=name),)) if name in self._macros:
                return f"it is {name}"
            case Selector(steps=(*before, Call() as call)):
                return self._call(before, call)
        return f"{self.value(node)} is true or not empty"

    def _logic(self, terms: Sequence[Node], ops: Sequence[str]) -> str:
        """The terms in a row. From where the operator changes, the rest is one side: it is set in parentheses."""
        text = self.condition(terms[-1])
        for at in range(len(ops) - 1, -1, -1):
            changes = at + 1 < len(ops) and ops[at + 1] != ops[at]
            text = f"{self.condition(terms[at])} {ops[at]} {f'({text})' if changes else text}"
        return text

    def _compare(self, node: Compare) -> str:
        left, right = node.left, node.right
        if isinstance(left, Regex) and not isinstance(right, Regex):
            left, right = right, left
        if isinstance(right, Regex):
            verb = "matches" if node.op == "==" else "does not match"
            return f"{self.value(left)} {verb} /{right.pattern}/"
        return f"{self.value(left)} {COMPARED[node.op]} {self.value(right)}"

    def _call(self, before: Sequence[Step], call: Call) -> str:
        arguments = " and ".join(self.value(argument) for argument in call.arguments)
        if call.name == "limit" and not before:
            return f"at most {arguments} results"
        if call.name == "redact":
            return f"with {arguments} redacted"
        if call.name in TESTED and before:
            return f"{_path(before)} {TESTED[call.name]} {arguments}"
        return f"{_path([*before, call])} is true or not empty"

    def value(self, node: Node) -> str:
        match node:
            case Literal(value=value):
                return "null" if value is None else quote(value)
            case Regex(pattern=pattern):
                return f"/{pattern}/"
            case Negative(operand=operand):
                return f"minus {self.value(operand)}"
            case Selector(steps=(Call(name="datetime", arguments=(Literal(value=str() as moment),)),)):
                return f"{moment} UTC"
            case Selector(steps=steps):
                return _path(steps)
        return self.condition(node) if isinstance(node, Group) else f"({self.condition(node)})"


def _path(steps: Sequence[Step]) -> str:
    text = ""
    for step in steps:
        match step:
            case Member(name=name):
                part = selector(name)
                text += part if part.startswith("[") or not text else f".{part}"
            case Index(number=number):
                text += f"[{number}]"
            case Every():
                text += ".*"
            case Deep(name=name):
                text += f"..{name}"
            case Call(name=name):
                text += f".{name}()" if text else f"{name}()"
    return text
