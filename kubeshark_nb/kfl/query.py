"""A compiled query: a callable that knows its limit and explains itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Query:
    """A filter over items.

    ``query(item)`` is whether it matches; ``str(query)`` says in words what it looks for.

    Attributes:
        text: the query as written.
        language: ``kfl1`` or ``kfl2``.
        limit: most results the query asks for, 0 when it sets no limit.
        redacts: whether it replaces values (`apply` gives the altered item).
        timed: whether its meaning depends on when it was compiled (`now()` and its kin).
    """

    _UNREAD = object()

    def __init__(  # noqa: PLR0913 - a record with behaviour, built in one place
        self,
        text: str,
        *,
        language: str,
        test: Callable[[Any], Any],
        explain: Callable[[], str],
        prefilter: Callable[[], Any],
        certainty: Callable[[], Any] = lambda: None,
        limit: int = 0,
        redacts: bool = False,
        timed: bool = False,
    ) -> None:
        self.text = text
        self.language = language
        self.limit = limit
        self.redacts = redacts
        self.timed = timed
        self._test = test
        self._explain = explain
        self._read_prefilter = prefilter
        self._prefilter: Any = self._UNREAD
        self._certainty = certainty

    def __call__(self, item: Any) -> bool:
        """Whether ``item`` matches."""
        if self.redacts:
            return self.apply(item)[0]
        return self._test(item) is True

    def apply(self, item: Any) -> tuple[bool, Any]:
        """Whether ``item`` matches, and the item: a redacted copy where `redact()` changed it, else the same object."""
        if not self.redacts or type(item) is not dict:
            return self._test(item) is True, item
        copy = dict(item)
        matched = self._test(copy) is True
        changed = any(copy[name] is not value for name, value in item.items())
        return matched, copy if changed else item

    @property
    def prefilter(self) -> Any:
        """A condition on envelope columns that every match meets (`kubeshark_nb.kfl.prefilter`), or ``None``."""
        if self._prefilter is self._UNREAD:
            self._prefilter = self._read_prefilter()
        return self._prefilter

    @property
    def certainty(self) -> Any:
        """A condition on envelope columns that only matches meet, so that they need not be read; ``None`` for none."""
        return self._certainty()

    def __str__(self) -> str:
        return self._explain()

    def __repr__(self) -> str:
        return f"<{self.language} query {self.text!r}: {self}>"
