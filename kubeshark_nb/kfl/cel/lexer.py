"""CEL text -> tokens. Every pattern is linear in the text, also for text that never closes."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.kfl.lexer import MAX_LENGTH, error_at

if TYPE_CHECKING:
    from kubeshark_nb.errors import KFLError

IDENT, INT, DOUBLE, STRING, BYTES, MARK, END = "ident", "int", "double", "string", "bytes", "mark", "end"

_TOKEN = re.compile(
    r"""
      (?P<blank>  (?: \s+ | //[^\n]*+ | \#[^\n]*+ )+ )
    | (?P<string> (?P<prefix>[rRbB]{0,2}) (?:
          \"{3}(?P<long2>(?:[^"\\]|\\[\s\S]|"(?!""))*+)\"{3} | '{3}(?P<long1>(?:[^'\\]|\\[\s\S]|'(?!''))*+)'{3}
        | "(?P<double>(?:[^"\\\n]|\\.)*+)" | '(?P<single>(?:[^'\\\n]|\\.)*+)' ) )
    | (?P<ident>  [_a-zA-Z][_a-zA-Z0-9]* )
    | (?P<number> 0[xX][0-9a-fA-F]+[uU]? | (?: [0-9]+\.[0-9]+ | \.[0-9]+ | [0-9]+(?=[eE]) ) (?: [eE][+-]?[0-9]+ )?
                | [0-9]+[uU]? )
    | (?P<open>   ["'] )
    | (?P<mark>   && | \|\| | == | != | <= | >= | [\s\S] )
    """,
    re.VERBOSE,
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([abfnrtv\"'`?\\])|(.?))", re.DOTALL
)
_INT_MAX = 2**63
MAX_DIGITS = 20


class Token(NamedTuple):
    """``kind`` is one of the constants above, ``text`` the source, ``at`` its offset; ``value`` of literals."""

    kind: str
    text: str
    at: int
    value: str | bytes | float | None = None


def tokens(text: str) -> list[Token]:
    """All tokens of ``text``, an `END` token last. Raises KFLError."""
    if len(text) > MAX_LENGTH:
        raise error_at(text[: MAX_LENGTH + 1], MAX_LENGTH, f"a query has at most {MAX_LENGTH} characters")
    found = []
    for match in _TOKEN.finditer(text):
        if match["open"]:
            raise _never_closed(text, match.start())
        if match["string"]:
            found.append(_string(text, match))
        elif match["number"]:
            found.append(_number(text, match))
        elif not match["blank"]:
            found.append(Token(IDENT if match["ident"] else MARK, match[0], match.start()))
    found.append(Token(END, "<EOF>", len(text)))
    return found


def _never_closed(text: str, at: int) -> KFLError:
    newline = text.find("\n", at)
    return error_at(text, len(text) if newline < 0 else newline, "literal not terminated")


def _string(text: str, match: re.Match[str]) -> Token:
    inside = next(part for part in match.group("long2", "long1", "double", "single") if part is not None)
    prefix = match["prefix"].lower()
    if "r" not in prefix:
        inside = _ESCAPE.sub(lambda escape: _decoded(text, match.start(), escape), inside)
    if "b" not in prefix:
        return Token(STRING, match[0], match.start(), inside)
    return Token(BYTES, match[0], match.start(), inside.encode("utf-8", "surrogatepass"))


def _decoded(text: str, at: int, escape: re.Match[str]) -> str:
    digits, octal, simple = escape[1] or escape[2] or escape[3], escape[4], escape[5]
    if simple:
        return _SIMPLE.get(simple, simple)
    code = int(octal, 8) if octal else int(digits or "110000", 16)
    if code > sys.maxunicode:
        raise error_at(text, at, f"there is no escape {escape[0]}")
    return chr(code)


def _number(text: str, match: re.Match[str]) -> Token:
    digits = match[0].rstrip("uU")
    if digits[:2] in ("0x", "0X") or digits.isdigit():
        value = int(digits[:MAX_DIGITS], 0 if digits[1:2] in ("x", "X") else 10)
        if value > _INT_MAX or len(digits) > MAX_DIGITS:
            raise error_at(text, match.start(), "an integer does not fit in 64 bits")
        return Token(INT, match[0], match.start(), value)
    return Token(DOUBLE, match[0], match.start(), float(digits))
