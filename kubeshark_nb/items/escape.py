"""Captured text made safe to show: the one escaping function of every static page, table and label.

Hosts, paths, headers, bodies and names are written by whoever sent them. Control characters can move a cursor, bidi
characters can turn a path around on the screen (Trojan Source, CVE-2021-42574); both are shown as Python escapes.
"""

from __future__ import annotations

import html as _html
import re

# C0 and C1 controls, bidi marks, zero-width spaces, line separators, annotations, lone surrogates and tag characters.
# Tab and newline stay; zero-width joiners stay too, because emoji and several scripts are spelled with them.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
BREAKS = re.compile(r"[\t\n]")


def visible(text: str) -> str:
    r"""``text`` with every invisible or reordering character written as an escape (``\x1b``, ``\u202e``).

    Tab and newline are kept. The result holds no character that changes how the others are laid out.
    """
    return HIDDEN.sub(_escape, text)


def one_line(text: str) -> str:
    r"""`visible`, with tab and newline escaped as well: for table cells and labels."""
    return BREAKS.sub(_escape, visible(text))


def html(text: object) -> str:
    """``str(text)`` for HTML, both as element content and inside a quoted attribute. Nothing in it is markup."""
    return _html.escape(visible(str(text)), quote=True)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    names = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}
    wide = f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 (the end of the first plane)
    return names.get(code) or (f"\\x{code:02x}" if code < 0x100 else wide)  # noqa: PLR2004 (as Python's repr)
