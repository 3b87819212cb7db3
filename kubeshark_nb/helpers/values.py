"""JavaScript values that arrived as JSON, as the texts Kubeshark's conversion makes of them."""

from __future__ import annotations

from typing import Any


def text(value: Any) -> str:  # noqa: PLR0911 - a table of types
    """What ``String(value)`` gives; a missing value, which JSON has no word for, is ``undefined``."""
    match value:
        case str():
            return value
        case None:
            return "undefined"
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case list():
            return ",".join("" if part is None else text(part) for part in value)
        case dict():
            return "[object Object]"
        case _:
            return str(value)


def texts(value: Any) -> dict[str, str]:
    """A map of texts; what is no object is empty."""
    return {key: text(part) for key, part in value.items()} if isinstance(value, dict) else {}
