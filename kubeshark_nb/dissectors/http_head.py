"""Header lines -> JSON, with the few values the framing needs (RFC 9110, 5). Shared by HTTP/1 and HTTP/2.

The same lines come again and again on a network: each is parsed and serialised once and kept in a bounded cache, whole
header blocks too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import orjson

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
NO_FIELDS: dict[str, str] = {}


class Head(NamedTuple):
    """A header block. ``fields`` has the wanted ones by lower-case name, repeats joined with ``,``."""

    headers: bytes
    fields: dict[str, str]
    cookies: bytes


class Line(NamedTuple):
    """One header line: its name in canonical case, its value, its JSON member, whether it is a wanted one."""

    name: str
    value: str
    member: bytes
    wanted: str


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


@lru_cache(maxsize=16_384)
def _line(line: bytes) -> Line | None:
    raw_name, colon, raw_value = line.partition(b":")
    name = canonical(raw_name.strip())
    if not colon or not name:
        return None
    value = text(raw_value.strip())
    lower = raw_name.strip().lower()
    member = orjson.dumps(name) + b":" + orjson.dumps(value)
    return Line(name, value, member, lower.decode() if lower in WANTED else "")


@lru_cache(maxsize=2048)
def parse_head(block: bytes) -> Head:
    """The header lines in ``block`` (without the start line and the empty line)."""
    if b"\n " in block or b"\n\t" in block:
        block = FOLDED.sub(b" ", block)
    lines = [line for raw in block.replace(b"\r\n", b"\n").split(b"\n") if (line := _line(raw)) is not None]
    return head_of(lines)


def head_of(lines: list[Line]) -> Head:
    """The block that these lines make."""
    fields: dict[str, str] = {}
    for line in lines:
        if line.wanted:
            known = fields.get(line.wanted)
            fields[line.wanted] = line.value if known is None else f"{known},{line.value}"
    return Head(_object(lines), fields, _cookies(lines, fields))


def _object(lines: list[Line]) -> bytes:
    if len({line.name for line in lines}) == len(lines):
        return b"{" + b",".join([line.member for line in lines]) + b"}"
    joined: dict[str, str] = {}
    for line in lines:
        joined[line.name] = f"{joined[line.name]},{line.value}" if line.name in joined else line.value
    return orjson.dumps(joined)


def _cookies(lines: list[Line], fields: dict[str, str]) -> bytes:
    """Of a request what ``Cookie`` says, of a response what each ``Set-Cookie`` sets."""
    if "cookie" not in fields and "set-cookie" not in fields:
        return b"{}"
    found: dict[str, str] = {}
    for line in lines:
        if line.wanted == "cookie":
            found |= dict(pair for part in line.value.split(";") if (pair := _pair(part)) is not None)
        elif line.wanted == "set-cookie" and (pair := _pair(line.value.partition(";")[0])) is not None:
            found[pair[0]] = pair[1]
    return orjson.dumps(found)


def _pair(part: str) -> tuple[str, str] | None:
    name, equals, value = part.strip().partition("=")
    return (name, value.strip('"')) if name and equals else None
