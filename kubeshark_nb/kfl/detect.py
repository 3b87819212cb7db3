"""Which of the two languages a query is written in.

The first sign decides: `&&`, `in`, `size(` … only mean something in KFL 2, `and`, `nil`, `redact(` … only in KFL 1.
Without a sign, a name that only KFL 2 has (`status_code`) does. Everything else means the same in both, and is read as
KFL 1.
"""

from __future__ import annotations

import re

from kubeshark_nb.kfl.cel.functions import FUNCTIONS, METHODS
from kubeshark_nb.kfl.cel.variables import VARIABLES
from kubeshark_nb.kfl.lexer import MAX_LENGTH
from kubeshark_nb.kfl.reference import FIELDS, HELPERS, MACROS

KFL1, KFL2 = "kfl1", "kfl2"

_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*+"|\'(?:[^\'\\\n]|\\.)*+\'|`[^`]*+`|//[^\n]*+|/\*(?s:.*?)\*/')
_OLD_HELPERS = "|".join(name for name in HELPERS if name not in ("now", "contains", "startsWith", "endsWith"))
_NEW_FUNCTIONS = "|".join([name for name in FUNCTIONS if name not in METHODS] + ["has", "size"])
_NEW_METHODS = "matches|exists|exists_one|existsOne|all|map|filter|size|get[A-Z][A-Za-z]*"
_SIGNS = {
    KFL1: re.compile(
        rf"(?<![.\w])(?:and|or|nil)(?!\w)|(?<!\w)(?:{_OLD_HELPERS})\s*\(|\.\.|\.\s*\*|\[\s*\*\s*\]"
        r"|=\s*r\"|(?<![.\w])now(?!\w|\s*\()"
    ),
    KFL2: re.compile(
        r"&&|\|\||(?<!\?)\?(?!\?)(?=\s*\S)|(?<![.\w])in(?![\w.])|(?<=[\w)\"\]])\s*[+*/%]|(?<=[\w)\]])\s*-"
        rf"|(?<![.\w])(?:{_NEW_FUNCTIONS})\s*\(|\.(?:{_NEW_METHODS})\s*\("
        r"|(?<![.\w])protocol(?!\s*[.\[\w])"
    ),
}
_NAME = re.compile(r"(?<![.\w])[A-Za-z_]\w*")
_NEW_NAMES = {name.split(".")[0] for name in VARIABLES} - set(FIELDS) - set(MACROS)


def language_of(text: str) -> str:
    """``kfl1`` or ``kfl2``."""
    bare = _QUOTED.sub('""', text[:MAX_LENGTH])
    places = {language: found.start() for language, sign in _SIGNS.items() if (found := sign.search(bare))}
    if places:
        return min(places, key=lambda language: places[language])
    return KFL2 if any(name in _NEW_NAMES for name in _NAME.findall(bare)) else KFL1
