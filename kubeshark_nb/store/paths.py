"""Paths into a document as users name columns: ``request.headers.Host``, ``request.headers["X-Id"]``, ``a[0].b``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import StoreError
from kubeshark_nb.kfl.ast import Index, Member
from kubeshark_nb.kfl.redact import parse_path
from kubeshark_nb.store.envelope import value_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.kfl.ast import Step


def path_of(text: str) -> Callable[[Any], Any]:
    """What stands at the path ``text`` in a document; ``None`` where nothing does.

    Raises:
        StoreError: it is no path of members and elements.
    """
    try:
        steps = parse_path(text)
    except ValueError as error:
        raise StoreError(f"{text!r} is no column: {error}") from None
    keys = tuple(_key(step) for step in steps)
    if None in keys:
        raise StoreError(f"{text!r} is no column; name one value, as in request.headers.Host")
    return lambda document: value_at(document, keys)


def _key(step: Step) -> str | int | None:
    match step:
        case Member(name=name):
            return name
        case Index(number=number):
            return number
    return None
