r"""The Kubeshark Filter Language: `match`, `validate` and `compile` are the whole interface.

KFL 1 (`http and response.status >= 500`) is the language of 2023, KFL 2 (`http && status_code >= 500`) is CEL over
variables; `detect` tells them apart, ``language=`` forces one. Beside them: `quote` and `selector` write values and
paths as KFL 1, `hints` remarks on a valid query, `reference.entries` lists every name, `prefilter` explains
`Query.prefilter`.

Where KFL 1 differs from the original on purpose (each is more useful, or the original is a defect):

- After `[0].`, `["key"].`, `json()` or `xml()` the rest of a query is not captured into that selector.
- Brackets may follow each other (`a["b"]["c"]`), `a.* and true` is legal, `[*]` is `.*`, `json()[*]` works.
- `'…'` and back quotes are quotes; `\"` and `\\` are decoded; other escapes are kept, also those Go would refuse.
- Numbers are compared exactly; a literal of seven digits can equal an integer. Numeric text equals its number.
- `-` negates every number, not only literals. `!` leaves what is no boolean as it is, like the original.
- `json()` after a path with an index works like anywhere else.
- A macro is a whole identifier that stands alone; custom macros may use others; `error` and `tls`, compared with
  something, are the item's fields. Positions in errors are those of the text as written, before macros are expanded.
- `datetime()` also takes a text without milliseconds. `redact()` never changes the caller's object, keeps an element's
  place in XML, and refuses a path it cannot read when the query is compiled.
- `a.` is valid and fails when compiled, like the original, with a message that says so.
- A query has at most 32,768 characters and 80 levels of nesting.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import KFLError
from kubeshark_nb.kfl import detect, kfl1, kfl2
from kubeshark_nb.kfl.hints import Hint, hints
from kubeshark_nb.kfl.query import Query
from kubeshark_nb.kfl.quote import quote, selector
from kubeshark_nb.kfl.reference import MACROS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Hint", "KFLError", "Query", "compile", "hints", "match", "quote", "selector", "validate"]


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
        ValueError: there is no such language.
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    if _language(query, language) == detect.KFL2:
        return kfl2.compile_query(query, now_ns=now_ns)
    return kfl1.compile_query(query, now_ns=now_ns, macros=MACROS if macros is None else macros)


def match(query: str, item: Any, *, language: str | None = None, now_ns: int | None = None) -> bool:
    """Whether ``item`` (a parsed document, never changed) matches ``query``. Raises KFLError for a bad query.

    The last 512 queries are kept compiled.
    """
    compiled = _compiled(query, language)
    if compiled.timed:
        compiled = compile(query, language=language, now_ns=now_ns)
    return compiled(item)


def validate(query: str, *, language: str | None = None, macros: Mapping[str, str] | None = None) -> bool:
    """Whether ``query`` can be parsed and, in KFL 2, typed. Never raises for a bad query.

    Like the original, it does not look into KFL 1's regular expressions: `compile` does.
    """
    try:
        if _language(query, language) == detect.KFL2:
            kfl2.compile_query(query, now_ns=0)
        else:
            kfl1.read(query, MACROS if macros is None else macros)
    except KFLError:
        return False
    return True


@lru_cache(maxsize=512)
def _compiled(query: str, language: str | None) -> Query:
    return compile(query, language=language)


def _language(query: str, language: str | None) -> str:
    if language not in (None, detect.KFL1, detect.KFL2):
        raise ValueError(f"language is kfl1 or kfl2, not {language!r}")
    if not isinstance(query, str):
        raise KFLError(f"a query is a text, not {query!r}")
    return language or detect.language_of(query)
