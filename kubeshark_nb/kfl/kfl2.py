"""KFL 2 from text to `Query`."""

from __future__ import annotations

from kubeshark_nb.errors import KFLError
from kubeshark_nb.kfl.cel import implied
from kubeshark_nb.kfl.cel.compiler import Compiler
from kubeshark_nb.kfl.cel.explain import in_words
from kubeshark_nb.kfl.cel.parser import parse
from kubeshark_nb.kfl.query import Query


def compile_query(text: str, *, now_ns: int) -> Query:
    """``text`` as a callable; ``now_ns`` is what `now()` means. Raises KFLError for what cannot be parsed or typed."""
    try:
        tree = parse(text)
        compiler = Compiler(text, now_ns)
        test = compiler.condition(tree)
    except RecursionError:
        raise KFLError("the query is nested too deeply for the stack of its caller") from None
    return Query(
        text,
        language="kfl2",
        test=test,
        explain=lambda: in_words(tree),
        prefilter=lambda: implied.condition(tree, compiler.constant),
        timed="now" in text,
    )
