"""Text -> tokens.

Operators are single characters, as in the original: `==` is two tokens, so `a > = 5` is legal and an error names one
character. A token keeps its offset; a line and a column are worked out only when something is wrong.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kubeshark_nb.errors import KFLError

MAX_LENGTH = 32_768
"""Longest query in characters; keeps the worst case of a bad one well under 100 ms."""

EXACT_DIGITS = 18
"""Longest integer that stays one; it fits in 64 bits."""

IDENT, NUMBER, STRING, MARK, END = "ident", "number", "string", "mark", "end"

_TOKEN = re.compile(
    r"""
      (?P<blank>  (?: \s+ | //[^\n]*+ | /\*(?s:.*?)\*/ )+ )
    | (?P<ident>  [^\W\d]\w* )
    | (?P<number> 0[xX][0-9a-fA-F]+ | (?: [0-9]+\.?[0-9]* | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
    | (?P<string> "(?:[^"\\\n]|\\.)*+" | '(?:[^'\\\n]|\\.)*+' | `[^`]*+` )
    | (?P<open>   " | ' | ` | /\* )
    | (?P<mark>   . )
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\([\"'\\])")
_STOPS = {'"': re.compile(r"\n|\Z"), "'": re.compile(r"\n|\Z"), "`": re.compile(r"\Z"), "/*": re.compile(r"\Z")}


class Token(NamedTuple):
    """``kind`` is a constant above, ``text`` the source, ``at`` its offset; ``value`` that of numbers and strings."""

    kind: str
    text: str
    at: int
    value: str | float | None = None


def error_at(text: str, at: int, message: str) -> KFLError:
    """``message`` as an error that points at offset ``at`` of ``text``."""
    line = text.count("\n", 0, at) + 1
    return KFLError(message, line=line, column=at - text.rfind("\n", 0, at))


def tokens(text: str) -> list[Token]:
    """All tokens of ``text``, an `END` token last. Raises KFLError for text that is too long or never closed."""
    if len(text) > MAX_LENGTH:
        raise error_at(text[: MAX_LENGTH + 1], MAX_LENGTH, f"a query has at most {MAX_LENGTH} characters")
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or MARK
        if kind == "open":
            raise _never_closed(text, match)
        if kind != "blank":
            found.append(Token(kind, match[0], match.start(), _value(kind, match[0])))
    found.append(Token(END, "<EOF>", len(text)))
    return found


def _never_closed(text: str, match: re.Match[str]) -> KFLError:
    stop = _STOPS[match[0]].search(text, match.end())
    what = "comment" if match[0] == "/*" else "literal"
    return error_at(text, stop.start() if stop else len(text), f"{what} not terminated")


def _value(kind: str, text: str) -> str | float | None:
    if kind == STRING:
        return text[1:-1] if text[0] == "`" else _ESCAPE.sub(r"\1", text[1:-1])
    return number(text) if kind == NUMBER else None


def number(text: str) -> float:
    """The value of a Go-style number; an integer of up to `EXACT_DIGITS` stays exact."""
    if text[:2] in ("0x", "0X"):
        return int(text[:EXACT_DIGITS], 16)
    return int(text) if text.isdigit() and len(text) <= EXACT_DIGITS else float(text)
