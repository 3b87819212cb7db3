"""GraphQL over HTTP: is the body of a request ``{"query": "<a GraphQL document>"}``?"""

from __future__ import annotations

from functools import lru_cache

import orjson

MARK = b'"query"'
MAX_BODY = 1 << 20  # bytes; no query is longer
MAX_TOKENS = 20_000


def speaks_graphql(body: bytes) -> bool:
    """Whether ``body`` is JSON whose ``query`` parses as a GraphQL document. Cheap for everything else."""
    if MARK not in body[:MAX_BODY] or body.lstrip()[:1] != b"{" or len(body) > MAX_BODY:
        return False
    try:
        query = orjson.loads(body).get("query")
    except orjson.JSONDecodeError:
        return False
    return isinstance(query, str) and _parses(query)


@lru_cache(maxsize=1024)
def _parses(query: str) -> bool:
    """The same few queries come again and again, only their variables differ."""
    from graphql import GraphQLSyntaxError, parse

    try:
        parse(query, no_location=True, max_tokens=MAX_TOKENS)
    except (GraphQLSyntaxError, RecursionError):
        return False
    return True
