"""Compiled comparisons. A constant on one side, the usual case, gets a closure made for its type."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from kubeshark_nb.kfl.values import MISSING, Getter, number, ordered, same, same_number, text

if TYPE_CHECKING:
    from collections.abc import Callable

ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
EQUALITIES = ("==", "!=")


def equals(get: Getter, constant: Any, *, wanted: bool) -> Getter:
    """`get == constant` (``wanted``), or `!=`."""
    if type(constant) is str:
        return _equals_text(get, constant, wanted=wanted)
    if type(constant) in (int, float):
        return _equals_number(get, constant, wanted=wanted)
    return _equals_any(get, constant, wanted=wanted)


def _equals_text(get: Getter, constant: str, *, wanted: bool) -> Getter:
    def test(item: Any) -> Any:
        value = get(item)
        if type(value) is str:
            return (value == constant) is wanted
        return value if value is MISSING else same(value, constant) is wanted

    return test


def _equals_number(get: Getter, constant: float, *, wanted: bool) -> Getter:
    def test(item: Any) -> Any:
        value = get(item)
        if type(value) is int:
            return (value == constant or same_number(value, constant)) is wanted
        return value if value is MISSING else same(value, constant) is wanted

    return test


def _equals_any(get: Getter, constant: Any, *, wanted: bool) -> Getter:
    def test(item: Any) -> Any:
        value = get(item)
        return value if value is MISSING else same(value, constant) is wanted

    return test


def matches(get: Getter, search: Callable[[str], bool], *, wanted: bool) -> Getter:
    """`get == r"…"` (``wanted``), or `!=`: on the text form."""

    def test(item: Any) -> Any:
        value = get(item)
        if type(value) is str:
            return search(value) is wanted
        return value if value is MISSING else search(text(value)) is wanted

    return test


def both_equal(left: Getter, right: Getter, *, wanted: bool) -> Getter:
    """Equality of two things that are only known with the item."""

    def test(item: Any) -> Any:
        a = left(item)
        if a is MISSING:
            return MISSING
        b = right(item)
        return b if b is MISSING else same(a, b) is wanted

    return test


def in_order(op: str, get: Getter, constant: Any) -> Getter:
    """`get op constant` for an ordering."""
    holds, limit = ORDERS[op], number(constant)

    def test(item: Any) -> Any:
        value = get(item)
        kind = type(value)
        if kind is int or kind is float:
            return holds(value, limit)
        return value if value is MISSING else ordered(holds, value, constant)

    return test


def both_in_order(op: str, left: Getter, right: Getter) -> Getter:
    """An ordering of two things that are only known with the item."""
    holds = ORDERS[op]

    def test(item: Any) -> Any:
        a = left(item)
        if a is MISSING:
            return MISSING
        b = right(item)
        return b if b is MISSING else ordered(holds, a, b)

    return test
