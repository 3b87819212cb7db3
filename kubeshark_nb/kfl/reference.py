"""Every name of the filter languages with one line about it: what completion, help and the editor show."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

MACROS: dict[str, str] = {
    "http": 'protocol.abbr == "HTTP"',
    "http2": 'protocol.abbr == "HTTP/2"',
    "grpc": 'protocol.abbr == "gRPC"',
    "gql": 'protocol.abbr == "GQL"',
    "dns": 'protocol.abbr == "DNS"',
    "amqp": 'protocol.name == "amqp"',
    "kafka": 'protocol.name == "kafka"',
    "redis": 'protocol.name == "redis"',
    "tcp": 'protocol.name == "tcp"',
    "udp": 'protocol.name == "udp"',
    "icmp": 'protocol.name == "icmp"',
    "tls": "tls == true",
    "error": 'error.type != ""',
    "https": "tls and (http or http2)",
}
"""Macro -> the KFL 1 condition it stands for. `https` is Kubeshark's default custom macro."""

KEYWORDS: dict[str, str] = {
    "and": "both sides; groups to the right, with the same rank as or",
    "or": "either side; groups to the right, with the same rank as and",
    "true": "always",
    "false": "never",
    "nil": "a value of null",
}

HELPERS: dict[str, str] = {
    "startsWith": 'x.startsWith("a"): the text begins with a',
    "endsWith": 'x.endsWith("a"): the text ends with a',
    "contains": 'x.contains("a"): the text has a in it',
    "json": "x.json().a.b: a member of the JSON, base64 or not, in a text",
    "xml": "x.xml().a.b: the text of an element of the XML, base64 or not, in a text",
    "redact": 'redact("a.b", "..c"): replaces values by [REDACTED]; always true',
    "limit": "limit(100): at most so many results; always true",
    "datetime": 'datetime("11/14/2023, 10:13:21.000 PM"): ms since the epoch, UTC',
    "now": "now(): ms since the epoch when the query was made",
    "seconds": "seconds(-5): now and so many seconds, ms",
    "minutes": "minutes(-5): now and so many minutes, ms",
    "hours": "hours(-5): now and so many hours, ms",
    "days": "days(-5): now and so many days, ms",
    "weeks": "weeks(-5): now and so many weeks, ms",
    "months": "months(-5): now and so many months of 30 days, ms",
    "years": "years(-5): now and so many years of 365 days, ms",
}

FIELDS: dict[str, str] = {
    "id": "worker/stream-index",
    "index": "position in the stream, from 0",
    "stream": "the stream's pcap file",
    "worker": "address and port of the worker",
    "node": "node.name, node.ip",
    "protocol": "protocol.name, .abbr, .version, .longName, .layer4",
    "tls": "captured from decrypted TLS",
    "src": "the client: src.ip, .port, .name, .namespace",
    "dst": "the server: dst.ip, .port, .name, .namespace",
    "namespace": "namespace of the server, else of the client",
    "outgoing": "the captured pod is the client",
    "timestamp": "time of the request, ms since the epoch",
    "startTime": "time of the request, RFC 3339",
    "request": "the request, by protocol: request.method, .path, .headers …",
    "response": "the response, by protocol: response.status, .headers, .content …",
    "requestSize": "captured bytes of the request",
    "responseSize": "captured bytes of the response",
    "elapsedTime": "time until the response, ms",
    "passed": "test.pass() was called",
    "failed": "test.fail() was called",
    "error": "error.type, error.msg, or null",
    "entryFile": "name of the entry's file",
    "record": "name of the recording",
    "size": "requestSize + responseSize",
    "data": "body of a one-way item",
    "event": "body of a one-way item",
    "capture": "capture.backend, capture.source",
}
"""Top-level members of an item."""

OPERATORS2: dict[str, str] = {
    "in": "x in list, key in map",
    "has": "has(map.key): the key is there",
    "exists": "list.exists(x, condition): for some element",
    "exists_one": "list.exists_one(x, condition): for exactly one element",
    "all": "list.all(x, condition): for every element",
    "map": "list.map(x, value): a value for each element",
    "filter": "list.filter(x, condition): the elements that meet it",
    "matches": 'text.matches("pattern"): an RE2 pattern occurs in it',
    "size": "size(x): characters, elements or keys",
    "map_get": "map_get(map, key, default): the value, or the default",
    "timestamp": 'timestamp("2023-11-14T22:13:20Z")',
    "duration": 'duration("5m")',
    "now": "now(): when the filter was made",
}


class Entry(NamedTuple):
    """A name; ``kind``: macro, keyword, helper, field or variable; ``language``: ``kfl1`` or ``kfl2``."""

    name: str
    kind: str
    language: str
    doc: str


@cache
def entries() -> tuple[Entry, ...]:
    """Every name of both languages."""
    from kubeshark_nb.kfl.cel.variables import VARIABLES

    groups = (
        ("keyword", "kfl1", KEYWORDS),
        ("helper", "kfl1", HELPERS),
        ("field", "kfl1", FIELDS),
        ("helper", "kfl2", OPERATORS2),
    )
    return (
        *(Entry(name, "macro", "kfl1", f"stands for {text}") for name, text in MACROS.items()),
        *(Entry(name, kind, language, doc) for kind, language, table in groups for name, doc in table.items()),
        *(Entry(each.name, "variable", "kfl2", f"{each.kind}: {each.doc}") for each in VARIABLES.values()),
    )
