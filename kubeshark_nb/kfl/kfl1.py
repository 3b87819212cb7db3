"""KFL 1 from text to `Query`: lexer, parser, macros, compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.errors import KFLError
from kubeshark_nb.kfl import helpers, implied
from kubeshark_nb.kfl.ast import Call, Member, Node, Selector, walk
from kubeshark_nb.kfl.compiler import Compiler
from kubeshark_nb.kfl.explain import in_words
from kubeshark_nb.kfl.macros import expand
from kubeshark_nb.kfl.moments import NS_PER_MS
from kubeshark_nb.kfl.parser import parse
from kubeshark_nb.kfl.query import Query
from kubeshark_nb.kfl.reference import MACROS

if TYPE_CHECKING:
    from collections.abc import Mapping


def read(text: str, macros: Mapping[str, str] = MACROS) -> Node:
    """The tree of ``text`` with macros expanded. Raises KFLError."""
    return expand(parse(text), macros)


def compile_query(text: str, *, now_ns: int, macros: Mapping[str, str] = MACROS) -> Query:
    """``text`` as a callable; ``now_ns`` is what `now()` means. Raises KFLError."""
    try:
        written = parse(text)
        tree = expand(written, macros)
        known = helpers.Known(now_ns // NS_PER_MS)
        test = Compiler(text, known).test(tree)
    except RecursionError:
        raise KFLError("the query is nested too deeply for the stack of its caller") from None
    calls = [step for node in walk(tree) if isinstance(node, Selector) for step in node.steps if isinstance(step, Call)]
    limits = [call for call in calls if call.name == "limit"]
    return Query(
        text,
        language="kfl1",
        test=test,
        explain=lambda: in_words(written, macros),
        prefilter=lambda: implied.condition(tree, known),
        certainty=lambda: implied.certainty(tree, known),
        limit=helpers.limit_of(limits[0]) if limits else 0,
        redacts=any(call.name == "redact" for call in calls),
        timed=_is_timed(tree, calls),
    )


def _is_timed(tree: Node, calls: list[Call]) -> bool:
    bare = any(isinstance(node, Selector) and node.steps[0] == Member("now", node.at) for node in walk(tree))
    return bare or any(call.name in helpers.TIMES for call in calls)
