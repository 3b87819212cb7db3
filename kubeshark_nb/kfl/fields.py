"""Item fields that have an envelope column, and what a comparison with a constant says about that column.

`FIELDS` is the table: path -> the function that turns (op, constant) into `Bounds`. Each row relies on what `Item` and
`prefilter.envelope` promise about its column, and on the rules of comparison in `values`; where the two do not fit
exactly (rounded milliseconds, ports that are strings, members that may be absent) it says less.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil, floor
from typing import Any

from kubeshark_nb.kfl.bounds import FALSE, UNKNOWN, Bounds, all_of, among_http, exactly, flag, not_of
from kubeshark_nb.kfl.comparisons import ORDERS
from kubeshark_nb.kfl.prefilter import NAMES, Compare, In
from kubeshark_nb.kfl.values import NUMERIC

Field = Callable[[str, Any], Bounds]
INT64 = 2**63 - 1


def text(column: str, op: str, constant: Any) -> Bounds:
    """A text that every item has."""
    if type(constant) is str and op in ("==", "!="):
        return exactly(Compare(column, op, constant))
    return UNKNOWN


def optional_text(column: str, op: str, constant: Any) -> Bounds:
    """A text that an item may lack: the column is empty then, and every comparison false."""
    may, must = text(column, op, constant)
    return Bounds(may, must if op == "==" and constant else FALSE)


def integer(column: str, op: str, constant: Any) -> Bounds:
    """A whole number that every item has."""
    number = _number(constant)
    if number is None or (op in ("==", "!=") and type(number) is not int):
        return UNKNOWN
    return exactly(Compare(column, op, number))


def optional_integer(column: str, op: str, constant: Any) -> Bounds:
    """A whole number that an item may lack: the column is 0 then, and every comparison false."""
    bounds = integer(column, op, constant)
    return Bounds(bounds.may, FALSE) if _true_of_zero(op, _number(constant)) else bounds


def port(column: str, op: str, constant: Any) -> Bounds:
    """A number that items write as text; 0 in the column may be an empty text."""
    number = _number(constant)
    if not number or (type(constant) is str and op in ("==", "!=") and str(number) != constant):
        return UNKNOWN
    return integer(column, op, number)


def milliseconds(column: str, unit: int, op: str, constant: Any) -> Bounds:
    """Milliseconds of a column in finer ``unit``s per ms. Rounding may go either way: one ms of slack on both sides."""
    number = _number(constant)
    if number is None or op == "!=" or (op == "==" and type(number) is not int) or abs(number) * unit >= INT64 - unit:
        return UNKNOWN
    lowest = Compare(column, ">=", floor((number - 1) * unit))
    highest = Compare(column, "<=", ceil((number + 1) * unit))
    parts = {"<": [highest], "<=": [highest], ">": [lowest], ">=": [lowest], "==": [lowest, highest]}[op]
    return Bounds(all_of(parts), FALSE)


def boolean(column: str, op: str, constant: Any) -> Bounds:
    """A flag; `tls == "true"` is `tls == true`."""
    wanted = {"true": True, "false": False}.get(constant, constant) if type(constant) is str else constant
    if type(wanted) is not bool or op not in ("==", "!="):
        return UNKNOWN
    return flag(column, wanted=wanted is (op == "=="))


def protocol_name(op: str, constant: Any) -> Bounds:
    """`protocol.name`, by the abbreviations that go with it."""
    if op not in ("==", "!=") or constant not in NAMES:
        return UNKNOWN
    found = exactly(In("protocol", NAMES[constant]))
    return found if op == "==" else Bounds(not_of(found.must), not_of(found.may))


def _of_http(field: Callable[[str, str, Any], Bounds], column: str) -> Field:
    return lambda op, constant: among_http(field(column, op, constant))


def _number(constant: Any) -> float | None:
    """The constant as an exact number that fits a column, or ``None``."""
    if type(constant) is str and NUMERIC.fullmatch(constant):
        constant = float(constant)
    if type(constant) not in (int, float) or not abs(constant) <= INT64:
        return None
    return int(constant) if constant == int(constant) else float(constant)


def _true_of_zero(op: str, number: float | None) -> bool:
    return number is None or {"==": number == 0, "!=": number != 0}.get(op, op in ORDERS and ORDERS[op](0, number))


FIELDS: dict[tuple[str, ...], Field] = {
    ("protocol", "abbr"): partial(text, "protocol"),
    ("protocol", "name"): protocol_name,
    ("stream",): partial(text, "stream"),
    ("index",): partial(integer, "index"),
    **{
        (side, name): partial(text, f"{side}_{name}") for side in ("src", "dst") for name in ("ip", "name", "namespace")
    },
    **{(side, "port"): partial(port, f"{side}_port") for side in ("src", "dst")},
    ("request", "method"): _of_http(optional_text, "method"),
    ("request", "path"): _of_http(optional_text, "path"),
    ("response", "status"): _of_http(optional_integer, "status"),
    ("elapsedTime",): partial(milliseconds, "elapsed_us", 1_000),
    ("timestamp",): partial(milliseconds, "time_ns", 1_000_000),
    ("requestSize",): partial(integer, "request_size"),
    ("responseSize",): partial(integer, "response_size"),
    ("error", "type"): partial(optional_text, "error"),
    ("tls",): partial(boolean, "tls"),
    ("passed",): partial(boolean, "passed"),
    ("failed",): partial(boolean, "failed"),
}

TEXTS: dict[tuple[str, ...], tuple[str, bool]] = {
    ("protocol", "abbr"): ("protocol", False),
    ("stream",): ("stream", False),
    **{(side, name): (f"{side}_{name}", False) for side in ("src", "dst") for name in ("ip", "name", "namespace")},
    ("request", "method"): ("method", True),
    ("request", "path"): ("path", True),
    ("error", "type"): ("error", False),
}
"""Path -> text column, and whether it only means something for the HTTP family."""

FLAGS = ("tls", "passed", "failed")
ALWAYS_THERE = tuple(path for path in FIELDS if path[0] not in ("request", "response", "error"))
"""Paths that no item lacks."""
