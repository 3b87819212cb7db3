"""The helpers of KFL 1: one row of `HELPERS` each.

A helper is compiled once per place it is used: it gets the getter of what stands before it (``None`` when it comes
first), its arguments and what the query knows, and gives a getter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kubeshark_nb.kfl import moments, nested, xmltree
from kubeshark_nb.kfl.ast import Call, Literal, Negative, Node
from kubeshark_nb.kfl.redact import parse_path, redacted
from kubeshark_nb.kfl.values import MISSING, Getter, text


class BadArgumentError(ValueError):
    """An argument that can never work."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a query knows before it meets an item: ``now_ms`` is its `now()`."""

    now_ms: int


Builder = Callable[[Getter | None, tuple[Node, ...], Known], Getter]


def constant(value: Any) -> Getter:
    """Always ``value``."""
    return lambda _item: value


def literal(arguments: tuple[Node, ...]) -> Any:
    """The value of the first argument when it is a literal (perhaps with a minus), else `MISSING`."""
    match arguments:
        case (Literal(value=value), *_):
            return value
        case (Negative(operand=Literal(value=value)), *_) if type(value) in (int, float):
            return -value  # type: ignore[operator] # a number, as just seen
    return MISSING


def _on_text(holds: Callable[[str, str], bool]) -> Builder:
    """A test of the text form against a literal. On a missing path it sees the text `false`, as in the original."""

    def build(receiver: Getter | None, arguments: tuple[Node, ...], _known: Known) -> Getter:
        wanted = literal(arguments)
        if wanted is MISSING or receiver is None:
            return constant(value=False)
        part, get = text(wanted), receiver

        def test(item: Any) -> Any:
            value = get(item)
            if type(value) is str:
                return holds(value, part)
            return holds("false" if value is MISSING else text(value), part)

        return test

    return build


def _document(read: Callable[[str], Any]) -> Builder:
    """The document inside a text; false when there is none. Kept for the last text, as queries often look twice."""

    def build(receiver: Getter | None, _arguments: tuple[Node, ...], _known: Known) -> Getter:
        if receiver is None:
            return constant(value=False)

        def get(item: Any) -> Any:
            value = receiver(item)
            try:
                return read("false" if value is MISSING else text(value))
            except ValueError:
                return False

        return get

    return build


def _redact(_receiver: Getter | None, arguments: tuple[Node, ...], _known: Known) -> Getter:
    if not arguments:
        return constant(value=False)
    paths = []
    for argument in arguments:
        if isinstance(argument, Literal) and isinstance(argument.value, str):
            try:
                paths.append(parse_path(argument.value))
            except ValueError as error:
                raise BadArgumentError(f"redact: {error}") from None

    def run(item: Any) -> bool:
        """Change the working copy of the item, so that the rest of the query sees it; true."""
        changed = item
        for path in paths:
            changed = redacted(changed, path)
        if changed is not item and type(item) is dict and type(changed) is dict:
            item.update(changed)
        return True

    return run


def _limit(_receiver: Getter | None, _arguments: tuple[Node, ...], _known: Known) -> Getter:
    return constant(value=True)


def _datetime(_receiver: Getter | None, arguments: tuple[Node, ...], _known: Known) -> Getter:
    wanted = literal(arguments)
    found = moments.from_text(wanted) if isinstance(wanted, str) else None
    return constant(value=False if found is None else found)


def _shifted(unit: int) -> Builder:
    def build(_receiver: Getter | None, arguments: tuple[Node, ...], known: Known) -> Getter:
        amount = literal(arguments)
        shift = amount * unit if type(amount) in (int, float) else 0
        return constant(known.now_ms + (int(shift) if abs(shift) < 2**63 else shift))

    return build


def _now(_receiver: Getter | None, _arguments: tuple[Node, ...], known: Known) -> Getter:
    return constant(known.now_ms)


HELPERS: dict[str, Builder] = {
    "startsWith": _on_text(str.startswith),
    "endsWith": _on_text(str.endswith),
    "contains": _on_text(str.__contains__),
    "json": _document(lambda inner: nested.read_json(inner)[0]),
    "xml": _document(lambda inner: xmltree.plain(nested.read_xml(inner)[0])),
    "redact": _redact,
    "limit": _limit,
    "datetime": _datetime,
    "now": _now,
    **{unit: _shifted(length) for unit, length in moments.UNITS.items()},
}

DOCUMENTS = ("json", "xml")
"""Helpers after which a path that leads nowhere is false instead of missing."""

TIMES = ("now", *moments.UNITS)
"""Helpers whose value depends on when the query was compiled."""


def limit_of(call: Call) -> int:
    """The number of results `limit(n)` allows; 0, no limit, when n is not a positive number."""
    amount = literal(call.arguments)
    return int(amount) if type(amount) in (int, float) and 0 < amount < 2**63 else 0
