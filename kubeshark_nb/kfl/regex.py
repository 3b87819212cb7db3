"""Regular expressions with RE2's syntax and its promise: time is linear in the text, whatever the pattern."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@lru_cache(maxsize=256)
def searcher(pattern: str) -> Callable[[str], bool]:
    """Whether ``pattern`` occurs somewhere in a text (unanchored). Raises ValueError with RE2's reason."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        find = re2.compile(pattern.encode(), options).search
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args and isinstance(error, re2.error) else error
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None
    return lambda text: find(text.encode("utf-8", "surrogatepass")) is not None
