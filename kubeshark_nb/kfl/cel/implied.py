"""CEL tree -> the condition on the envelope that every match meets (`kubeshark_nb.kfl.prefilter`).

Only comparisons of a variable with a literal are understood: they never fail, so their two bounds can be negated.
Variables have defaults, so nothing is ever missing; a condition that fails does not match, which is never true.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kubeshark_nb.kfl import fields
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
    exactly,
    flag,
    not_of,
)
from kubeshark_nb.kfl.cel.ast import Binary, Call, Const, Ident, ListOf, Logic, Node, Select, Unary
from kubeshark_nb.kfl.cel.values import Timestamp
from kubeshark_nb.kfl.comparisons import MIRRORED
from kubeshark_nb.kfl.prefilter import NAMES, In, Text
from kubeshark_nb.kfl.prefilter import Node as Condition

Field = Callable[[str, Any], Bounds]
Constant = Callable[[Node], Any]
_TESTS = {"startsWith": "startswith", "endsWith": "endswith", "contains": "contains", "matches": "search"}


def condition(tree: Node, constant: Constant) -> Condition | None:
    """What every item that matches ``tree`` meets, or ``None`` when that says nothing.

    ``constant`` gives the value of a node that needs no item, and raises ValueError for one that does.
    """
    may = _Reading(constant).bounds(tree).may
    return None if may == TRUE else may


class _Reading:
    def __init__(self, constant: Constant) -> None:
        self._constant = constant

    def bounds(self, node: Node) -> Bounds:  # noqa: PLR0911 - one case per kind of node
        """Bounds of ``node`` being true."""
        match node:
            case Const(value=bool() as value):
                return ALWAYS if value else NEVER
            case Logic(op=op, terms=terms):
                parts = [self.bounds(term) for term in terms]
                join = all_of if op == "&&" else any_of
                return Bounds(join([part.may for part in parts]), join([part.must for part in parts]))
            case Unary(op="!", operand=operand):
                may, must = self.bounds(operand)
                return Bounds(not_of(must), not_of(may))
            case Ident(name=name):
                return FLAGS.get(name, UNKNOWN)
            case Binary(op=op, left=left, right=right):
                return self._binary(op, left, right)
            case Call(name=name, receiver=receiver, arguments=(Const(value=str() as part),)) if name in _TESTS:
                return _text_test(_name(receiver), _TESTS[name], part)
        return UNKNOWN

    def _binary(self, op: str, left: Node, right: Node) -> Bounds:
        if _name(right) in VARIABLES:
            left, right, op = right, left, MIRRORED.get(op, op)
        field = VARIABLES.get(_name(left))
        if field is None:
            return UNKNOWN
        if op == "in":
            return self._among(field, right)
        try:
            constant = self._constant(right)
        except ValueError:
            return UNKNOWN
        return field(op, constant) if op in ("==", "!=", *MIRRORED) else UNKNOWN

    def _among(self, field: Field, right: Node) -> Bounds:
        if not isinstance(right, ListOf) or not all(isinstance(item, Const) for item in right.items):
            return UNKNOWN
        parts = [field("==", item.value) for item in right.items if isinstance(item, Const)]
        return Bounds(any_of([part.may for part in parts]), any_of([part.must for part in parts]))


def _text_test(name: str, how: str, part: str) -> Bounds:
    column, of_http = TEXTS.get(name, ("", False))
    if not column:
        return UNKNOWN
    bounds = Bounds(Text(column, how, part), FALSE)
    return among_http(bounds) if of_http else bounds


def _name(node: Node | None) -> str:
    match node:
        case Ident(name=name):
            return name
        case Select(operand=Ident(name=first), name=second):
            return f"{first}.{second}"
    return ""


# -- what comparisons say about columns --------------------------------------------------------------------------------


def _timestamp(op: str, constant: Any) -> Bounds:
    """Documents hold whole milliseconds, the column ns."""
    return (
        fields.milliseconds("time_ns", 1_000_000, op, int(constant) / 1e6)
        if isinstance(constant, Timestamp)
        else UNKNOWN
    )


def _elapsed(op: str, constant: Any) -> Bounds:
    """µs made of the document's whole milliseconds."""
    return fields.milliseconds("elapsed_us", 1_000, op, constant / 1000)


def _http_only(field: Callable[[str, str, Any], Bounds], column: str) -> Field:
    return lambda op, constant: Bounds(among_http(field(column, op, constant)).may, FALSE)


VARIABLES: dict[str, Field] = {
    "protocol": fields.protocol_name,
    "stream": partial(fields.text, "stream"),
    "index": partial(fields.integer, "index"),
    **{
        f"{side}.{name}": partial(fields.text, f"{side}_{name}")
        for side in ("src", "dst")
        for name in ("ip", "name", "namespace")
    },
    **{f"{side}.port": partial(fields.integer, f"{side}_port") for side in ("src", "dst")},
    "method": _http_only(fields.text, "method"),
    "path": _http_only(fields.text, "path"),
    "status_code": _http_only(fields.integer, "status"),
    "elapsed_time": _elapsed,
    "timestamp": _timestamp,
}

TEXTS: dict[str, tuple[str, bool]] = {
    "stream": ("stream", False),
    **{f"{side}.{name}": (f"{side}_{name}", False) for side in ("src", "dst") for name in ("ip", "name", "namespace")},
    "method": ("method", True),
    "path": ("path", True),
}
"""Variable -> text column, and whether it only means something for the HTTP family."""

FLAGS: dict[str, Bounds] = {
    "tls": flag("tls", wanted=True),
    "grpc": exactly(In("protocol", ("gRPC",))),
    "gql": exactly(In("protocol", ("GQL",))),
    **{name: exactly(In("protocol", abbreviations)) for name, abbreviations in NAMES.items()},
}
