"""Search filters of LDAP as text (RFC 4515)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.frames import Malformed

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.ber import Element

AND, OR, NOT, EQUAL, SUBSTRINGS, GREATER, LESS, PRESENT, APPROXIMATE, EXTENSIBLE = (
    0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0x87, 0xA8, 0xA9,
)  # fmt: skip
SIGNS = {AND: "&", OR: "|", NOT: "!"}
COMPARISONS = {EQUAL: "=", GREATER: ">=", LESS: "<=", APPROXIMATE: "~="}
INITIAL, FINAL = 0x80, 0x82
RULE, ATTRIBUTE, VALUE = 0x81, 0x82, 0x83
SPECIAL = re.compile(r"[*()\\\0]")
MAX_DEPTH = 40


def filter_text(element: Element, depth: int = 0) -> str:
    """``(&(objectClass=person)(uid=ann*))``.

    Raises:
        Malformed: not a filter.
    """
    if depth > MAX_DEPTH:
        raise Malformed("a filter nested too deep")
    tag = element.tag
    if tag in SIGNS:
        inner = "".join(filter_text(one, depth + 1) for one in element.elements())
        return f"({SIGNS[tag]}{inner})"
    if tag == PRESENT:
        return f"({element.text}=*)"
    parts = element.elements()
    if tag in COMPARISONS and len(parts) > 1:
        return f"({parts[0].text}{COMPARISONS[tag]}{_escaped(parts[1].text)})"
    if tag == SUBSTRINGS and len(parts) > 1:
        return f"({parts[0].text}={_pattern(parts[1].elements())})"
    if tag == EXTENSIBLE:
        by_tag = {one.tag: one.text for one in parts}
        rule = f":{by_tag[RULE]}" if RULE in by_tag else ""
        return f"({by_tag.get(ATTRIBUTE, '')}{rule}:={_escaped(by_tag.get(VALUE, ''))})"
    raise Malformed("not a filter")


def _pattern(parts: list[Element]) -> str:
    texts = [_escaped(part.text) for part in parts]
    start = "" if parts and parts[0].tag == INITIAL else "*"
    end = "" if parts and parts[-1].tag == FINAL else "*"
    return start + "*".join(texts) + end


def _escaped(text: str) -> str:
    return SPECIAL.sub(lambda match: f"\\{ord(match[0]):02x}", text)
