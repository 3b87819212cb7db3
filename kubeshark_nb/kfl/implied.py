"""KFL 1 tree -> the condition on the envelope that every match meets (`kubeshark_nb.kfl.prefilter`).

A node that is not understood here is unknown: it may be true of any row and must be true of none. After a `redact()`
everything is, since the rest of the query sees another document than the one the columns were made from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kubeshark_nb.kfl.ast import Call, Compare, Group, Literal, Logic, Member, Node, Not, Regex, Selector, Step
from kubeshark_nb.kfl.bounds import (
    ALWAYS,
    FALSE,
    NEVER,
    TRUE,
    UNKNOWN,
    Bounds,
    all_of,
    among_http,
    any_of,
    flag,
    not_of,
)
from kubeshark_nb.kfl.comparisons import MIRRORED
from kubeshark_nb.kfl.constants import value_of
from kubeshark_nb.kfl.fields import ALWAYS_THERE, FIELDS, FLAGS, TEXTS
from kubeshark_nb.kfl.prefilter import Document, Text
from kubeshark_nb.kfl.prefilter import Node as Condition
from kubeshark_nb.kfl.values import MISSING, NUMERIC, truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.kfl.helpers import Known

MAX_MIXED = 32
"""Longest chain that mixes `and` with `or` and is still worth a nested condition."""

TESTS = {"startsWith": "startswith", "endsWith": "endswith", "contains": "contains"}
_FALSE_HAS = {"startsWith": "false".startswith, "endsWith": "false".endswith, "contains": "false".__contains__}
_PLAIN = re.compile(r"[^\x00-\x1f\"\\\x7f]{3,}")
_NUMBER_LIKE = re.compile(r"[0-9.+\-e]*")


def condition(tree: Node, known: Known) -> Condition | None:
    """What every item that matches ``tree`` meets, or ``None`` when that says nothing."""
    may = _Reading(known).bounds(tree).may
    return None if may == TRUE else may


def certainty(tree: Node, known: Known) -> Condition | None:
    """What only items that match ``tree`` meet, or ``None`` when nothing is certain before they are read."""
    must = _Reading(known).bounds(tree).must
    return None if must == FALSE else must


class _Reading:
    """One walk through a tree in the order of evaluation."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._redacted = False

    def bounds(self, node: Node) -> Bounds:  # noqa: PLR0911 - one case per kind of node
        """Bounds of ``node`` being true."""
        match node:
            case Literal(value=value):
                return ALWAYS if truth(value) else NEVER
            case Logic(terms=terms, ops=ops):
                return _logic(terms, ops, [self.bounds(term) for term in terms])
            case Group(inner=inner):
                return self.bounds(inner)
            case Not(operand=operand):
                return self._not(operand)
            case Compare(op=op, left=left, right=right):
                return self._compare(op, left, right)
            case Selector(steps=steps):
                return self._selector(steps)
        return UNKNOWN

    def _not(self, operand: Node) -> Bounds:
        """Whatever is boolean here is never missing: a flag, a test of a text, or something in parentheses."""
        may, must = self.bounds(operand)
        return Bounds(not_of(must), not_of(may)) if _is_boolean(operand) else UNKNOWN

    def _compare(self, op: str, left: Node, right: Node) -> Bounds:
        if isinstance(right, Selector) and value_of(right, self._known) is MISSING:
            left, right, op = right, left, MIRRORED.get(op, op)
        if not isinstance(left, Selector) or self._redacted:
            return self._watched(left, right)
        if isinstance(right, Regex):
            return self._search(left, right.pattern) if op == "==" else UNKNOWN
        constant = value_of(right, self._known)
        if constant is MISSING:
            return self._watched(left, right)
        path = _path(left.steps)
        if path in FIELDS:
            return FIELDS[path](op, constant)
        return _somewhere(left.steps, constant) if op == "==" else UNKNOWN

    def _watched(self, *nodes: Node) -> Bounds:
        """Unknown, but a `redact()` inside is not overlooked."""
        for node in nodes:
            self.bounds(node)
        return UNKNOWN

    def _search(self, selector: Selector, pattern: str) -> Bounds:
        column, of_http = TEXTS.get(_path(selector.steps), ("", False))
        return _may(Text(column, "search", pattern), of_http=of_http) if column else UNKNOWN

    def _selector(self, steps: tuple[Step, ...]) -> Bounds:
        last = steps[-1]
        if isinstance(last, Call):
            return self._call(last, steps[:-1])
        path = _path(steps)
        if len(path) == 1 and path[0] in FLAGS and not self._redacted:
            return flag(path[0], wanted=True)
        self._redacted |= any(isinstance(step, Call) and step.name == "redact" for step in steps)
        return UNKNOWN

    def _call(self, call: Call, before: tuple[Step, ...]) -> Bounds:
        for argument in call.arguments:
            self.bounds(argument)
        if call.name == "redact" or any(isinstance(step, Call) and step.name == "redact" for step in before):
            self._redacted = True
        if call.name in TESTS and before and not self._redacted:
            return _text_test(call, before)
        return ALWAYS if call.name == "limit" else UNKNOWN


def _text_test(call: Call, before: tuple[Step, ...]) -> Bounds:
    """`path.contains("x")` and its kin. A missing path reads `false`, so a part of that word says nothing."""
    match call.arguments:
        case (Literal(value=str() as part), *_) if not _FALSE_HAS[call.name](part):
            pass
        case _:
            return UNKNOWN
    column, of_http = TEXTS.get(_path(before), ("", False))
    if column:
        return _may(Text(column, TESTS[call.name], part), of_http=of_http)
    return _in_document(before, part) if not _NUMBER_LIKE.fullmatch(part) else UNKNOWN


def _somewhere(steps: Sequence[Step], constant: Any) -> Bounds:
    """`path == "x"` for any other path: the text, unless it is a number's, stands in the document."""
    if type(constant) is not str or NUMERIC.fullmatch(constant):
        return UNKNOWN
    return _in_document(steps, constant)


def _in_document(steps: Sequence[Step], text: str) -> Bounds:
    if any(isinstance(step, Call) for step in steps) or not _PLAIN.fullmatch(text):
        return UNKNOWN
    return Bounds(Document(text), FALSE)


def _may(condition: Condition, *, of_http: bool) -> Bounds:
    bounds = Bounds(condition, FALSE)
    return among_http(bounds) if of_http else bounds


def _path(steps: Sequence[Step]) -> tuple[str, ...]:
    """The names of a path made of members alone; else empty."""
    names = tuple(step.name for step in steps if isinstance(step, Member))
    return names if len(names) == len(steps) else ()


# -- logic -----------------------------------------------------------------------------------------------------------


def _logic(terms: Sequence[Node], ops: Sequence[str], parts: list[Bounds]) -> Bounds:
    if set(ops) == {"and"}:
        return Bounds(all_of([part.may for part in parts]), all_of([part.must for part in parts]))
    if set(ops) == {"or"}:
        return Bounds(any_of([part.may for part in parts]), any_of(_reached(terms, parts)))
    if len(terms) > MAX_MIXED:
        return UNKNOWN
    rest = parts[-1]
    for term, part, op in zip(terms[-2::-1], parts[-2::-1], ops[::-1], strict=True):
        if op == "and":
            rest = Bounds(all_of((part.may, rest.may)), all_of((part.must, rest.must)))
        else:
            reached = rest.must if _is_certain(term) else FALSE
            rest = Bounds(any_of((part.may, rest.may)), any_of((part.must, reached)))
    return rest


def _reached(terms: Sequence[Node], parts: Sequence[Bounds]) -> list[Condition]:
    """The ``must`` of each alternative up to the first one that may be missing: it would decide the whole."""
    found = []
    for term, part in zip(terms, parts, strict=True):
        found.append(part.must)
        if not _is_certain(term):
            break
    return found


def _is_boolean(node: Node) -> bool:
    """Whether the value of ``node`` is a boolean (or missing) for every item."""
    match node:
        case Compare() | Logic():
            return True
        case Literal(value=value):
            return type(value) is bool
        case Group(inner=inner) | Not(operand=inner):
            return _is_boolean(inner)
        case Selector(steps=steps):
            last = steps[-1]
            return (isinstance(last, Call) and last.name in TESTS) or (
                len(steps) == 1 and _path(steps)[:1] in _FLAG_PATHS
            )
    return False


def _is_certain(node: Node) -> bool:
    """Whether ``node`` is never missing, whatever the item."""
    match node:
        case Literal() | Group() | Regex():
            return True
        case Not(operand=inner):
            return _is_certain(inner)
        case Compare(left=left, right=right):
            return _is_certain(left) and _is_certain(right)
        case Logic(terms=terms):
            return all(map(_is_certain, terms))
        case Selector(steps=steps):
            last = steps[-1]
            return _path(steps) in ALWAYS_THERE or (isinstance(last, Call) and last.name in (*TESTS, "limit"))
    return False


_FLAG_PATHS = tuple((name,) for name in FLAGS)
