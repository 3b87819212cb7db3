"""Documents cut down to what a page can hold: long strings keep their beginning, and the cuts are listed."""

from __future__ import annotations

from typing import Any

PREVIEW = 64 * 1024  # characters of one string in the detail pane
WHOLE = 16 * 1024 * 1024  # after "show all"


def capped(document: Any, most: int = PREVIEW) -> tuple[Any, list[str]]:
    """A copy of ``document`` in which no string exceeds ``most`` characters, and the dotted paths that were cut."""
    cuts: list[str] = []
    return _cap(document, most, "", cuts), cuts


def _cap(value: Any, most: int, path: str, cuts: list[str]) -> Any:
    if isinstance(value, str) and len(value) > most:
        cuts.append(path)
        return value[: most - most % 4]  # whole groups of base64
    if isinstance(value, dict):
        return {key: _cap(inner, most, f"{path}.{key}" if path else str(key), cuts) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cap(inner, most, f"{path}.{at}", cuts) for at, inner in enumerate(value)]
    return value
