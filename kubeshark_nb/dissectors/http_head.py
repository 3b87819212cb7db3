"""Header lines -> JSON, with the few values the framing needs (RFC 9110, 5). Shared by HTTP/1 and HTTP/2.

The same names, and often whole blocks, come again and again on a network: they are kept in bounded caches.
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
MAX_LINES = 16_384
_new = tuple.__new__  # a named tuple's own constructor takes three times as long


class Head(NamedTuple):
    """A header block. ``fields`` has the wanted ones by lower-case name, repeats joined with ``,``."""

    headers: bytes
    fields: dict[str, str]
    cookies: bytes


class Line(NamedTuple):
    """A header line: its name as the beginning of a JSON member, its value, the member; ``wanted`` if asked for."""

    name: bytes
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


@lru_cache(maxsize=4096)
def _name(raw: bytes) -> tuple[bytes, str]:
    """A field name as the beginning of its JSON member, and in lower case if somebody asks for it."""
    lower = raw.lower()
    return orjson.dumps(canonical(raw)) + b":", lower.decode() if lower in WANTED else ""


class Lines(dict[bytes, "Line | None"]):
    """Parsed lines; a line that is none (no colon) is ``None``. Emptied when full: cheaper than knowing the oldest."""

    def __missing__(self, raw: bytes) -> Line | None:
        """Parse ``raw``."""
        if len(self) >= MAX_LINES:
            self.clear()
        name, colon, value = raw.partition(b":")
        line = None
        if colon and (name := name.strip()):
            shown = text(value.strip())
            prefix, wanted = _name(name)
            line = _new(Line, (prefix, shown, prefix + orjson.dumps(shown), wanted))
        self[raw] = line
        return line


LINES = Lines()


def parse_head(block: bytes) -> Head:
    """The header lines in ``block`` (without the start line and the empty line)."""
    if b"\n " in block or b"\n\t" in block:
        block = FOLDED.sub(b" ", block)
    members: dict[bytes, bytes] = {}
    fields: dict[str, str] = {}
    count = 0
    for raw in block.splitlines():
        line = LINES[raw]
        if line is not None:
            name, value, member, wanted = line
            count += 1
            members[name] = member
            if wanted:
                fields[wanted] = f"{fields[wanted]},{value}" if wanted in fields else value
    headers = b"{%b}" % b",".join(members.values()) if len(members) == count else _joined(_lines(block))
    return _new(Head, (headers, fields, _cookies(block, fields)))


def _cookies(block: bytes, fields: dict[str, str]) -> bytes:
    if "set-cookie" in fields:
        pairs = [line.value.partition(";")[0] for line in _lines(block) if line.wanted == "set-cookie"]
        return _cookie_json(";".join(pairs))
    return _cookie_json(fields["cookie"]) if "cookie" in fields else b"{}"


def _lines(block: bytes) -> list[Line]:
    return [line for raw in block.splitlines() if (line := LINES[raw]) is not None]


def _joined(lines: list[Line]) -> bytes:
    """The object of a block in which some names come more than once."""
    joined: dict[bytes, str] = {}
    for name, value, _, _ in lines:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return b"{%b}" % b",".join([name + orjson.dumps(value) for name, value in joined.items()])


@lru_cache(maxsize=4096)
def _cookie_json(cookies: str) -> bytes:
    return orjson.dumps(dict(pair for part in cookies.split(";") if (pair := _pair(part)) is not None))


def _pair(part: str) -> tuple[str, str] | None:
    name, equals, value = part.strip().partition("=")
    return (name, value.strip('"')) if name and equals else None
