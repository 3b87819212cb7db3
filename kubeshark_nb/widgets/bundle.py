"""The ES modules of ``static/`` joined into the one self-contained module that anywidget wants.

A page loads a widget's module from a blob, where relative imports cannot resolve. The modules here import only each
other and share no top-level name (a test checks both), so joining them in order of their imports is all a bundler
would do; nobody needs node to run or change a widget.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import\s+(?:\{[^}]*\}\s+from\s+)?"\./([\w]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class)\b)", re.MULTILINE)


@cache
def bundle(entry: str) -> str:
    """The module ``entry`` (a file of ``static/``) and all it imports, as the text of one ES module.

    Only ``entry`` keeps its ``export default``.
    """
    parts = [_inner(name) for name in order(entry)[:-1]]
    return "\n".join([*parts, IMPORT.sub("", _read(entry))])


@cache
def style() -> str:
    """The style sheet that every widget shares."""
    return _read("kubeshark.css")


def order(entry: str) -> list[str]:
    """Names of ``entry`` and of every module it needs, each after those it imports."""
    seen: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in seen:
            return
        for needed in IMPORT.findall(_read(name)):
            visit(needed)
        seen[name] = None

    visit(entry)
    return list(seen)


def _inner(name: str) -> str:
    text = IMPORT.sub("", _read(name))
    return EXPORT.sub("", text).partition("\nexport default")[0] + "\n"


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")
