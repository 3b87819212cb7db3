"""Values of CEL while a query runs: what kind they are, when they are equal, how they are ordered and computed with.

A `timestamp` is ns since the epoch UTC, a `duration` ns. Documents give the kinds of JSON; a JSON number is an `int`
when it has no fraction. Whatever goes wrong with an item is a `FailedError`, and the item does not match.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

BOOL, INT, DOUBLE, STRING, BYTES = "bool", "int", "double", "string", "bytes"
TIMESTAMP, DURATION, LIST, MAP, NULL, DYN = "timestamp", "duration", "list", "map", "null", "dyn"

NUMERIC = (INT, DOUBLE)
ORDERED = (*NUMERIC, BOOL, STRING, BYTES, TIMESTAMP, DURATION)


class FailedError(Exception):
    """An evaluation that has no value: a missing key, a division by zero, kinds that do not fit."""


class Timestamp(int):
    """A point in time, ns since the epoch UTC."""


class Duration(int):
    """A length of time in ns."""


_KINDS: dict[type, str] = {
    bool: BOOL,
    int: INT,
    float: DOUBLE,
    str: STRING,
    bytes: BYTES,
    list: LIST,
    dict: MAP,
    type(None): NULL,
    Timestamp: TIMESTAMP,
    Duration: DURATION,
}
DEFAULTS: dict[str, Any] = {
    STRING: "",
    INT: 0,
    BOOL: False,
    LIST: [],
    MAP: {},
    BYTES: b"",
    DOUBLE: 0.0,
    TIMESTAMP: Timestamp(0),
}
"""What an absent variable is."""


def kind_of(value: Any) -> str:
    """The kind of a value."""
    return _KINDS.get(type(value), DYN)


def comparable(left: str, right: str) -> bool:
    """Whether values of these kinds may be compared by ``==``."""
    same = left == right or (left in NUMERIC and right in NUMERIC) or DYN in (left, right)
    return same or {left, right} <= {NULL, LIST, MAP}


def equal(left: Any, right: Any) -> bool:
    """``left == right``; values of different kinds are not equal, numbers are equal by value."""
    kind, other = kind_of(left), kind_of(right)
    return bool(left == right) if kind == other or (kind in NUMERIC and other in NUMERIC) else False


ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def can_order(left: str, right: str) -> bool:
    """Whether values of these kinds have an order."""
    return left in ORDERED and (left == right or (left in NUMERIC and right in NUMERIC))


def _int(value: int) -> int:
    if -(2**63) <= value < 2**63:
        return value
    raise FailedError("integer overflow")


def _quotient(left: int, right: int) -> int:
    if not right:
        raise FailedError("division by zero")
    return _int(abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1))


def _remainder(left: int, right: int) -> int:
    if not right:
        raise FailedError("modulus by zero")
    return abs(left) % abs(right) * (-1 if left < 0 else 1)


def _ratio(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)


ARITHMETIC: dict[tuple[str, str, str], tuple[str, Callable[[Any, Any], Any]]] = {
    ("+", INT, INT): (INT, lambda a, b: _int(a + b)),
    ("-", INT, INT): (INT, lambda a, b: _int(a - b)),
    ("*", INT, INT): (INT, lambda a, b: _int(a * b)),
    ("/", INT, INT): (INT, _quotient),
    ("%", INT, INT): (INT, _remainder),
    ("+", DOUBLE, DOUBLE): (DOUBLE, operator.add),
    ("-", DOUBLE, DOUBLE): (DOUBLE, operator.sub),
    ("*", DOUBLE, DOUBLE): (DOUBLE, operator.mul),
    ("/", DOUBLE, DOUBLE): (DOUBLE, _ratio),
    ("+", STRING, STRING): (STRING, operator.add),
    ("+", BYTES, BYTES): (BYTES, operator.add),
    ("+", LIST, LIST): (LIST, operator.add),
    ("+", TIMESTAMP, DURATION): (TIMESTAMP, lambda a, b: Timestamp(a + b)),
    ("+", DURATION, TIMESTAMP): (TIMESTAMP, lambda a, b: Timestamp(a + b)),
    ("+", DURATION, DURATION): (DURATION, lambda a, b: Duration(a + b)),
    ("-", TIMESTAMP, DURATION): (TIMESTAMP, lambda a, b: Timestamp(a - b)),
    ("-", TIMESTAMP, TIMESTAMP): (DURATION, lambda a, b: Duration(a - b)),
    ("-", DURATION, DURATION): (DURATION, lambda a, b: Duration(a - b)),
}
"""(operator, kind, kind) -> kind of the result, and how to compute it."""


def ordered(op: str, left: Any, right: Any) -> bool:
    """``left op right`` of kinds only known now. Raises FailedError when they have no order."""
    if not can_order(kind_of(left), kind_of(right)):
        raise FailedError("no such overload")
    return ORDERS[op](left, right)


def computed(op: str, left: Any, right: Any) -> Any:
    """``left op right`` of kinds only known now. Raises FailedError when there is no such operation."""
    overload = ARITHMETIC.get((op, kind_of(left), kind_of(right)))
    if overload is None:
        raise FailedError("no such overload")
    return overload[1](left, right)


def contains(container: Any, value: Any) -> bool:
    """`value in container`. Raises FailedError when it is neither a list nor a map."""
    if type(container) is list:
        return any(equal(value, element) for element in container)
    if type(container) is dict:
        return type(value) in (str, int, bool, float) and value in container
    raise FailedError("no such overload")


def element(container: Any, key: Any) -> Any:
    """`container[key]`. Raises FailedError when it is not there."""
    if type(container) is dict and type(key) in (str, int, bool, float) and key in container:
        return container[key]
    if type(container) is list and type(key) is int and 0 <= key < len(container):
        return container[key]
    raise FailedError(f"no such key: {key}")


def folded(container: Any, key: Any) -> Any:
    """`container[key]` where names do not mind their case: HTTP headers. Raises FailedError when it is not there."""
    if type(container) is dict and type(key) is str:
        if key in container:
            return container[key]
        if (canonical := key.title()) in container:  # how items write headers: found without a walk
            return container[canonical]
        wanted = key.lower()
        for name, value in container.items():
            if name.lower() == wanted:
                return value
    raise FailedError(f"no such key: {key}")
