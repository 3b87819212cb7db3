"""Values and paths as KFL 1 text: what a click on an item adds to the query."""

from __future__ import annotations

import re
from typing import Any

_IDENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_META = re.compile(r"([\\.+*?()|\[\]{}^$])")


def quote(value: Any) -> str:
    r"""``value`` (text, number, boolean or ``None``) as the right side of `==`.

    Text with a line break is written in back quotes, which keep it; should it hold a back quote too, as a regular
    expression that only matches it.
    """
    if value is None or isinstance(value, bool):
        return {None: "nil", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if "\n" not in text:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if "`" not in text:
        return f"`{text}`"
    pattern = _META.sub(r"\\\1", text).replace("\n", r"\x0a").replace('"', r"\x22")
    return 'r"\\A' + pattern.replace("\\", "\\\\") + '\\z"'


def selector(*steps: str | int) -> str:
    """``steps`` as a path: `selector("request", "headers", "x-y")` is `request.headers["x-y"]`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _IDENT.fullmatch(step):
            text += f".{step}"
        else:
            text += f"[{quote(step)}]"
    return text.removeprefix(".")
