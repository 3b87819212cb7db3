"""The functions of KFL 2: one row per overload.

An overload is (kinds of the arguments, kind of the result, implementation). `x.f(y)` and `f(x, y)` share one table: a
method's receiver is its first argument; `METHODS` are those that may be written after a dot.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from kubeshark_nb.kfl.cel.values import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    LIST,
    MAP,
    NULL,
    STRING,
    TIMESTAMP,
    Duration,
    FailedError,
    Timestamp,
    kind_of,
)
from kubeshark_nb.kfl.regex import searcher

Overload = tuple[tuple[str, ...], str, Callable[..., Any]]

NS = 1_000_000_000
_UNITS = {"h": 3600 * NS, "m": 60 * NS, "s": NS, "ms": 1_000_000, "us": 1_000, "µs": 1_000, "ns": 1}
_DURATION = re.compile(r"[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})(?:ms|us|µs|ns|h|m|s)")
_WHOLE_DURATION = re.compile(r"[+-]?(?:(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})(?:ms|us|µs|ns|h|m|s)){1,16}")
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def duration(text: str) -> Duration:
    """`duration("1h30m")`. Raises FailedError."""
    if not _WHOLE_DURATION.fullmatch(text):
        raise FailedError(f"not a duration: {text}")
    total = 0
    for part in _DURATION.findall(text.lstrip("+-")):
        number = part.rstrip("hmsunµ")
        total += round(float(number) * _UNITS[part[len(number) :]])
    return Duration(-total if text.startswith("-") else total)


def timestamp(text: str) -> Timestamp:
    """`timestamp("2023-11-14T22:13:20Z")`, RFC 3339. Raises FailedError."""
    found = _TIMESTAMP.fullmatch(text)
    try:
        date, clock, fraction, sign, hours, minutes = found.groups()  # type: ignore[union-attr] # checked by except
        whole = datetime.fromisoformat(f"{date}T{clock}+00:00") - _EPOCH
    except (AttributeError, ValueError):
        raise FailedError(f"not an RFC 3339 time: {text}") from None
    shift = (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1) if sign else 0
    seconds = whole // timedelta(seconds=1) - shift
    return Timestamp(seconds * NS + int((fraction or "0").ljust(9, "0")))


def rfc3339(value: int) -> str:
    """`string(timestamp)`."""
    seconds, rest = divmod(value, NS)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{_moment(seconds * NS):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _moment(value: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=value // 1000)
    except OverflowError:
        raise FailedError("a time out of range") from None


def _matches(text: str, pattern: str) -> bool:
    try:
        return searcher(pattern)(text)
    except ValueError as error:
        raise FailedError(f"error parsing regexp: {error}") from None


def _int(value: Any) -> int:
    try:
        number = int(value)
    except (ValueError, OverflowError):
        raise FailedError("not an integer") from None
    if not -(2**63) <= number < 2**63:
        raise FailedError("integer overflow")
    return number


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", text):
        raise FailedError("not an integer")
    return _int(text)


def _double(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise FailedError("not a number") from None


def _bool(text: str) -> bool:
    wanted = {"true": True, "True": True, "TRUE": True, "t": True, "1": True}
    if text not in wanted and text not in ("false", "False", "FALSE", "f", "0"):
        raise FailedError("not a boolean")
    return wanted.get(text, False)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise FailedError("not UTF-8") from None


def _get(container: dict[Any, Any], key: Any, default: Any) -> Any:
    return container.get(key, default) if type(key) in (str, int, bool, float) else default


def _part(read: Callable[[datetime], int]) -> list[Overload]:
    return [((TIMESTAMP,), INT, lambda value: read(_moment(value)))]


def _span(name: str, unit: int) -> list[Overload]:
    """A getter that timestamps (the part of the clock) and durations (the whole length) share."""
    part = {"getHours": "hour", "getMinutes": "minute", "getSeconds": "second"}
    if name in part:
        of_clock = _part(lambda moment: int(getattr(moment, part[name])))
    else:
        of_clock = _part(lambda moment: moment.microsecond // 1000)
    return [*of_clock, ((DURATION,), INT, lambda value: int(value / unit))]


FUNCTIONS: dict[str, list[Overload]] = {
    "contains": [((STRING, STRING), BOOL, lambda text, part: part in text)],
    "startsWith": [((STRING, STRING), BOOL, str.startswith)],
    "endsWith": [((STRING, STRING), BOOL, str.endswith)],
    "matches": [((STRING, STRING), BOOL, _matches)],
    "size": [((kind,), INT, len) for kind in (STRING, BYTES, LIST, MAP)],
    "map_get": [((MAP, DYN, DYN), DYN, _get)],
    "timestamp": [
        ((STRING,), TIMESTAMP, timestamp),
        ((INT,), TIMESTAMP, lambda s: Timestamp(s * NS)),
        ((TIMESTAMP,), TIMESTAMP, Timestamp),
    ],
    "duration": [((STRING,), DURATION, duration), ((DURATION,), DURATION, Duration)],
    "int": [
        ((INT,), INT, int),
        ((DOUBLE,), INT, _int),
        ((STRING,), INT, _whole),
        ((TIMESTAMP,), INT, lambda value: int(value) // NS),
    ],
    "uint": [((INT,), INT, int), ((DOUBLE,), INT, _int), ((STRING,), INT, _whole)],
    "double": [((INT,), DOUBLE, float), ((DOUBLE,), DOUBLE, float), ((STRING,), DOUBLE, _double)],
    "string": [
        ((STRING,), STRING, str),
        ((INT,), STRING, str),
        ((DOUBLE,), STRING, lambda value: f"{value:.17g}" if value != int(value) else str(int(value))),
        ((BOOL,), STRING, lambda value: "true" if value else "false"),
        ((BYTES,), STRING, _decoded),
        ((TIMESTAMP,), STRING, rfc3339),
        ((DURATION,), STRING, lambda value: f"{value / NS:.9f}".rstrip("0").rstrip(".") + "s"),
    ],
    "bytes": [((STRING,), BYTES, str.encode), ((BYTES,), BYTES, bytes)],
    "bool": [((BOOL,), BOOL, bool), ((STRING,), BOOL, _bool)],
    "type": [((DYN,), STRING, kind_of)],
    "dyn": [((DYN,), DYN, lambda value: value)],
    "getFullYear": _part(lambda moment: moment.year),
    "getMonth": _part(lambda moment: moment.month - 1),
    "getDate": _part(lambda moment: moment.day),
    "getDayOfMonth": _part(lambda moment: moment.day - 1),
    "getDayOfWeek": _part(lambda moment: moment.isoweekday() % 7),
    "getDayOfYear": _part(lambda moment: moment.timetuple().tm_yday - 1),
    "getHours": _span("getHours", 3600 * NS),
    "getMinutes": _span("getMinutes", 60 * NS),
    "getSeconds": _span("getSeconds", NS),
    "getMilliseconds": _span("getMilliseconds", 1_000_000),
}

METHODS = frozenset(
    ["contains", "startsWith", "endsWith", "matches", "size", *(name for name in FUNCTIONS if name.startswith("get"))]
)
NAMES = {NULL: "null_type"}


def fitting(name: str, kinds: tuple[str, ...]) -> list[Overload]:
    """The overloads of ``name`` that arguments of these kinds may mean; an unknown kind (`dyn`) may be any."""
    return [overload for overload in FUNCTIONS[name] if _fits(overload[0], kinds)]


def _fits(wanted: tuple[str, ...], kinds: tuple[str, ...]) -> bool:
    pairs = zip(wanted, kinds, strict=False)
    return len(wanted) == len(kinds) and all(want == kind or DYN in (want, kind) for want, kind in pairs)


def call(name: str, arguments: tuple[Any, ...]) -> Any:
    """The result for arguments whose kinds are only known now. Raises FailedError when no overload fits."""
    for overload in fitting(name, tuple(map(kind_of, arguments))):
        return overload[2](*arguments)
    raise FailedError("no such overload")
