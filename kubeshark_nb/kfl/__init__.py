"""The Kubeshark Filter Language: `match`, `validate` and `compile` are the whole interface."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import KFLError
from kubeshark_nb.kfl import kfl1
from kubeshark_nb.kfl.query import Query
from kubeshark_nb.kfl.reference import MACROS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KFLError", "Query", "compile", "match", "validate"]


def compile(  # noqa: A001 - the name of the public contract
    query: str,
    *,
    language: str | None = None,
    now_ns: int | None = None,
    macros: Mapping[str, str] | None = None,
) -> Query:
    """``query`` as a callable: ``compile(q)(item)`` is whether it matches.

    Args:
        query: KFL 1 or KFL 2; empty matches everything.
        language: ``kfl1`` or ``kfl2``; recognised from the text by default.
        now_ns: what `now()` means, ns since the epoch; the wall clock by default.
        macros: KFL 1 macros, name -> query; `MACROS` by default.

    Raises:
        KFLError: the query cannot be parsed, typed or run; it says where.
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    return kfl1.compile_query(query, now_ns=now_ns, macros=MACROS if macros is None else macros)


def match(query: str, item: Any, *, language: str | None = None, now_ns: int | None = None) -> bool:
    """Whether ``item`` (a parsed document, never changed) matches ``query``. Raises KFLError for a bad query.

    The last 512 queries are kept compiled.
    """
    compiled = _compiled(query, language)
    if compiled.timed:
        compiled = compile(query, language=language, now_ns=now_ns)
    return compiled(item)


@lru_cache(maxsize=512)
def _compiled(query: str, language: str | None) -> Query:
    return compile(query, language=language)


def validate(query: str, *, language: str | None = None, macros: Mapping[str, str] | None = None) -> bool:
    """Whether ``query`` can be parsed. Never raises; a bad regular expression is only found by `compile`."""
    try:
        kfl1.read(query, MACROS if macros is None else macros)
    except KFLError:
        return False
    return True
