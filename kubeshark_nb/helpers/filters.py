"""``kfl.match(query, data)`` and ``kfl.validate(query, quiet?)``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb import kfl

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.helpers.namespace import Exports


class Filters:
    """The namespace ``kfl``.

    Args:
        now: the node's clock (ns), what ``now()`` in a query means.
        complain: writes a line to the error console.
    """

    name = "kfl"
    javascript = ""

    def __init__(self, now: Callable[[], int], complain: Callable[[str], None]) -> None:
        self._now = now
        self._complain = complain

    def exports(self) -> Exports:
        """See the module."""
        return {"match": ("so", self.match), "validate": ("sb", self.validate)}

    def match(self, query: str, data: Any) -> bool:
        """Whether ``data`` matches; an empty query matches everything. Raises KFLError."""
        return kfl.match(query, data, now_ns=self._now())

    def validate(self, query: str, quiet: bool) -> bool:  # noqa: FBT001 - JavaScript has no keywords
        """Whether ``query`` can be read; if not, the reason goes to the error console unless ``quiet``."""
        if kfl.validate(query):
            return True
        if not quiet:
            self._complain(_reason(query))
        return False


def _reason(query: str) -> str:
    try:
        kfl.compile(query)
    except kfl.KFLError as error:
        return str(error)
    return "the query cannot be read"
