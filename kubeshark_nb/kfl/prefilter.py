r"""A condition on envelope columns that every item matching a query meets.

`Query.prefilter` is a tree of the nodes below, or ``None`` when nothing can be said. For an item that matches,
the tree is true of its envelope; for one that does not, it may be either: exact evaluation follows. So it can be used
to skip items before their JSON is parsed, and never loses one.

Columns are the fields of `kubeshark_nb.items.item.Item` (see `COLUMNS`), with the meaning stated there. Rows made from
documents that were not written by our dissectors must pass `envelope` first: a document it refuses has no reliable
columns, and its row has to be kept whatever the tree says.

| node                         | true of a row when                                                                 |
|------------------------------|------------------------------------------------------------------------------------|
| `All(parts)`                 | every part is true (an empty `All` is true)                                          |
| `Any(parts)`                 | some part is true (an empty `Any` is false)                                          |
| `Not(part)`                  | the part is false                                                                    |
| `Compare(column, op, value)` | `row[column] op value`, with one of ``== != < <= > >=``; text, integers, flags |
| `In(column, values)`         | the column has one of the values (text)                                              |
| `Text(column, how, value)`   | how: ``startswith``, ``endswith``, ``contains``; ``search``: an RE2 pattern, anywhere |
| `Document(text)`             | ``text`` occurs in the item's JSON, wherever; it holds no quote, backslash or control |

A reader that cannot do a node may treat it as true, unless it stands below a `Not`; only `Compare`, `In` and their
`All` and `Any` ever do. `Document` may be read as true where JSON spells some characters with ``\u``.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union
from typing import Any as Value

from kubeshark_nb.kfl.regex import searcher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COLUMNS: dict[str, type] = {
    "time_ns": int,
    "stream": str,
    "index": int,
    "protocol": str,
    "src_ip": str,
    "src_port": int,
    "src_name": str,
    "src_namespace": str,
    "dst_ip": str,
    "dst_port": int,
    "dst_name": str,
    "dst_namespace": str,
    "method": str,
    "path": str,
    "status": int,
    "elapsed_us": int,
    "request_size": int,
    "response_size": int,
    "error": str,
    "tls": bool,
    "passed": bool,
    "failed": bool,
}
"""Every column a tree may name, and its type."""

NAMES: dict[str, tuple[str, ...]] = {
    "http": ("HTTP", "HTTP/2", "gRPC", "GQL"),
    "amqp": ("AMQP",),
    "kafka": ("KAFKA",),
    "redis": ("REDIS",),
    "dns": ("DNS",),
}
"""`protocol.name` -> the abbreviations it goes with."""

HTTP = ("HTTP", "HTTP/2", "gRPC", "GQL")
"""Abbreviations whose items have `request.method`, `request.path` and `response.status` in the columns of that name."""


@dataclass(frozen=True, slots=True)
class Compare:
    """`row[column] op value`."""

    column: str
    op: str
    value: str | float | bool


@dataclass(frozen=True, slots=True)
class In:
    """One of some values of a text column."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A test of a text column."""

    column: str
    how: str
    value: str


@dataclass(frozen=True, slots=True)
class Document:
    """Text that is somewhere in the document."""

    text: str


@dataclass(frozen=True, slots=True)
class All:
    """Every part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Some part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not the part."""

    part: Node


Node = Union[  # noqa: UP007 - used before its parts exist
    All, Any, Not, Compare, In, Text, Document
]

COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TEXT: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
    "search": lambda text, pattern: searcher(pattern)(text),
}


def holds(node: Node, row: Mapping[str, Value]) -> bool:  # noqa: PLR0911 - one case per kind of node
    """Whether ``node`` is true of ``row`` (column -> value): the plain meaning of a tree, row by row.

    `Document` looks into ``row["json"]``, a text; without it, it is true.
    """
    match node:
        case All(parts=parts):
            return all(holds(part, row) for part in parts)
        case Any(parts=parts):
            return any(holds(part, row) for part in parts)
        case Not(part=part):
            return not holds(part, row)
        case Compare(column=column, op=op, value=value):
            return COMPARE[op](row[column], value)
        case In(column=column, values=values):
            return row[column] in values
        case Text(column=column, how=how, value=text):
            return TEXT[how](row[column], text)
        case Document(text=text):
            return text in row.get("json", text)


def envelope(document: Mapping[str, Value]) -> dict[str, Value] | None:
    """The columns of an item document, or ``None`` when it does not have the regular shape of an item.

    ``method``, ``path`` and ``status`` are filled for the HTTP family only, where conditions use them.
    """
    try:
        return _columns(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _columns(document: Mapping[str, Value]) -> dict[str, Value]:
    row: dict[str, Value] = {
        "time_ns": document["timestamp"] * 1_000_000,
        "stream": document["stream"],
        "index": document["index"],
        "protocol": _abbreviation(document["protocol"]),
        **_peer("src", document["src"]),
        **_peer("dst", document["dst"]),
        **_exchange(document),
        "elapsed_us": document["elapsedTime"] * 1000,
        "request_size": document["requestSize"],
        "response_size": document["responseSize"],
        "error": "" if document["error"] is None else document["error"]["type"],
        **{flag: document[flag] for flag in ("tls", "passed", "failed")},
    }
    if any(type(row[column]) is not kind for column, kind in COLUMNS.items()):
        raise TypeError("a column has another type")
    return row


def _abbreviation(protocol: Mapping[str, Value]) -> str:
    name, abbreviation = protocol["name"], str(protocol["abbr"])
    known = next((each for each, those in NAMES.items() if abbreviation in those), name)
    if known != name or abbreviation not in NAMES.get(name, (abbreviation,)):
        raise ValueError("a protocol's name and abbreviation do not belong together")
    return abbreviation


def _peer(side: str, peer: Mapping[str, Value]) -> dict[str, Value]:
    port = int(peer["port"] or 0)
    if peer["port"] not in ("", str(port)):
        raise ValueError("a port is not a plain number in a string")
    columns = {f"{side}_{name}": peer[name] for name in ("ip", "name", "namespace")}
    return {**columns, f"{side}_port": port}


def _exchange(document: Mapping[str, Value]) -> dict[str, Value]:
    if document["protocol"]["abbr"] not in HTTP:
        return {"method": "", "path": "", "status": 0}
    request, response = document["request"] or {}, document["response"] or {}
    return {
        "method": request.get("method", ""),
        "path": request.get("path", ""),
        "status": response.get("status", 0),
    }
