"""Header lines -> JSON, with the few values the framing needs (RFC 9110, 5). Shared by HTTP/1 and HTTP/2.

The same names, and often whole blocks, come again and again on a network: they are kept in bounded caches.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from kubeshark_nb.dissectors.kept import Kept
from kubeshark_nb.items.compact import compact, quoted

# header fields whose values somebody asks for; the others only travel as JSON
WANTED = frozenset(
    {
        b"connection",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"cookie",
        b"host",
        b"location",
        b"sec-websocket-extensions",
        b"sec-websocket-protocol",
        b"set-cookie",
        b"transfer-encoding",
        b"upgrade",
    }
)
FOLDED = re.compile(rb"\r?\n[ \t]+")
SET_COOKIE = b'"Set-Cookie":'
WHITE = b" \t"
LONGEST_LINE, MOST_LINES = 512, 64  # of what is remembered
_new = tuple.__new__  # a named tuple's own constructor takes three times as long


class Head(NamedTuple):
    """A header block. ``fields`` has the wanted ones by lower-case name, repeats joined with ``,``."""

    headers: bytes
    fields: dict[str, str]
    cookies: bytes


# a header line: its name as the beginning of a JSON member, its value, the member; no colon: all are empty
Line = tuple[bytes, str, bytes]
NO_LINE: Line = b"", "", b""


class Shape(NamedTuple):
    """What the names of a block's lines tell: ``regular`` when each is a name and comes once; which are wanted."""

    regular: bool
    wanted: tuple[str, ...]
    places: tuple[int, ...]


EMPTY = Head(b"{}", {}, b"{}")


def text(raw: bytes) -> str:
    """Bytes of a header as text: UTF-8, else Latin-1, so that every byte shows."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@lru_cache(maxsize=4096)
def canonical(name: bytes) -> str:
    """``user-agent`` -> ``User-Agent``; a name with bytes that no token has is left as it is."""
    if not re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        return text(name)
    return "-".join(part.capitalize() for part in name.decode("ascii").split("-"))


@lru_cache(maxsize=4096)
def _name(raw: bytes) -> bytes:
    """A field name as the beginning of its JSON member; empty when there is none."""
    name = raw.strip()
    return quoted(canonical(name)) + b":" if name else b""


def _line(raw: bytes) -> Line:
    name, colon, value = raw.partition(b":")
    if not colon or raw[0] in WHITE:  # one that begins so may go on with the line before: `_irregular` sees
        return NO_LINE
    prefix = _name(name)
    if not prefix:
        return NO_LINE
    shown = text(value.strip())
    return prefix, shown, prefix + quoted(shown)


def _shape(names: tuple[bytes, ...]) -> Shape:
    wanted = {word: at for at, name in enumerate(names) if (word := _wanted(name))}
    return Shape(all(names) and len(set(names)) == len(names), tuple(wanted), tuple(wanted.values()))


@lru_cache(maxsize=4096)
def _wanted(name: bytes) -> str:
    """The name of a wanted field in lower case, empty for the others."""
    lower = name[1:-2].lower()
    return lower.decode() if lower in WANTED else ""


LINES = Kept(_line, 8192, LONGEST_LINE)
SHAPES = Kept(_shape, 4096, MOST_LINES)
_line_of = LINES.__getitem__


def parse_head(block: bytes) -> Head:
    """The header lines in ``block`` (without the start line and the empty line)."""
    lines = block.splitlines()
    if not lines:
        return EMPTY
    names, values, members = zip(*map(_line_of, lines))  # noqa: B905 - three of each
    regular, wanted, places = SHAPES[names]
    if not regular:
        return _irregular(block)
    fields = dict(zip(wanted, map(values.__getitem__, places)))  # noqa: B905 - as many of both
    if "set-cookie" in fields:
        cookies = _cookies(fields["set-cookie"].partition(";")[0])
    else:
        cookies = _cookies(fields["cookie"]) if "cookie" in fields else b"{}"
    return _new(Head, (b"{%b}" % b",".join(members), fields, cookies))


def _irregular(block: bytes) -> Head:
    """A block with folded lines, with lines that are none, or with names that come again: values are joined."""
    lines = [line for raw in FOLDED.sub(b" ", block).splitlines() if (line := _line(raw.lstrip(WHITE)))[0]]
    joined: dict[bytes, str] = {}
    for name, value, _ in lines:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    headers = b"{%b}" % b",".join([name + quoted(value) for name, value in joined.items()])
    fields = {word: value for name, value in joined.items() if (word := _wanted(name))}
    pairs = [value.partition(";")[0] for name, value, _ in lines if name == SET_COOKIE]
    return Head(headers, fields, _cookies(";".join(pairs) if pairs else fields.get("cookie", "")))


@lru_cache(maxsize=4096)
def _cookies(cookies: str) -> bytes:
    return compact(dict(pair for part in cookies.split(";") if (pair := _pair(part)) is not None))


def _pair(part: str) -> tuple[str, str] | None:
    name, equals, value = part.strip().partition("=")
    return (name, value.strip('"')) if name and equals else None
