"""What values mean to KFL: their truth, text, number, equality and order (FACTS d.3).

Where the original compares numbers by a text of six digits, integers are compared exactly here (so a literal of seven
digits can equal a JSON integer); a number with a fraction still only needs to agree in six digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final


class Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
"""What a path that leads nowhere gives. Every operator hands it on; a group turns it into false."""

Getter = Callable[[Any], Any]
NUMERIC = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NUMBERS = (int, float)


def truth(value: Any) -> Any:
    """True or False; `MISSING` stays. Numbers are true above 0, strings and lists when not empty, objects never."""
    kind = type(value)
    if kind is bool or value is MISSING:
        return value
    if kind is str or kind is list:
        return bool(value)
    return kind in _NUMBERS and value > 0


def text(value: Any) -> str:
    """The text form: decimal integers, floats of six digits, `true`/`false`, `null`; nothing for lists and objects."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    if kind is int:
        return str(value)
    return f"{value:g}" if kind is float else ""


def number(value: Any) -> Any:
    """The number a value stands for in an ordering: 0 for what is none, 1 and 0 for booleans."""
    kind = type(value)
    if kind is str:
        return float(value) if NUMERIC.fullmatch(value) else 0
    return value if kind in _NUMBERS or kind is bool else 0


def same(left: Any, right: Any) -> bool:
    """`left == right`: two lists by their content, a list and a scalar when any element is equal."""
    if type(left) is list:
        return left == right if type(right) is list else any(same_scalar(element, right) for element in left)
    if type(right) is list:
        return any(same_scalar(left, element) for element in right)
    return same_scalar(left, right)


def same_scalar(left: Any, right: Any) -> bool:
    """Equal as numbers when one side is a number and the other a number or its text, else equal in text."""
    left_is_number, right_is_number = type(left) in _NUMBERS, type(right) in _NUMBERS
    if left_is_number and right_is_number:
        return same_number(left, right)
    if left_is_number:
        return text(left) == text(right) or _same_numeric(left, right)
    if right_is_number:
        return text(left) == text(right) or _same_numeric(right, left)
    return text(left) == text(right)


def same_number(left: float, right: float) -> bool:
    """Equal, or equal in six digits when one of the two has a fraction."""
    if left == right:
        return True
    return (_has_fraction(left) or _has_fraction(right)) and f"{float(left):g}" == f"{float(right):g}"


def ordered(holds: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    """An ordering: any element of a list against a scalar, every pair of two lists."""
    left_is_list, right_is_list = type(left) is list, type(right) is list
    if left_is_list and right_is_list:
        return all(holds(number(a), number(b)) for a in left for b in right)
    if left_is_list:
        limit = number(right)
        return any(holds(number(element), limit) for element in left)
    if right_is_list:
        value = number(left)
        return any(holds(value, number(element)) for element in right)
    return holds(number(left), number(right))


def _same_numeric(value: float, other: Any) -> bool:
    return type(other) is str and NUMERIC.fullmatch(other) is not None and same_number(value, float(other))


def _has_fraction(value: float) -> bool:
    return type(value) is float and not value.is_integer()
