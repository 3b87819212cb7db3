"""What a user may ask of a session: each check gives its value back, or one line that says what is wrong with it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import CaptureError, ScriptError, StoreError
from kubeshark_nb.node.spec import CaptureSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LONGEST_NAME = 200  # bytes of a node's name, which is a folder's name, too
ITEMS = "items-"


def seconds(limit: float) -> float:
    """``limit`` as it is. Raises ScriptError unless it is more than 0."""
    if not limit > 0:
        raise ScriptError("limit", None, None, f"{limit!r} is no time for a hook; give the seconds it may take")
    return limit


def node_name(name: str) -> str:
    """``name`` as it is. Raises CaptureError when no folder can have it."""
    if not name.isprintable() or "/" in name or name in {"", ".", ".."} or len(name.encode()) > LONGEST_NAME:
        raise CaptureError(f"{name!r} cannot be a node's name: no '/' and no '..', and 1 to {LONGEST_NAME} bytes")
    return name


def latest_run(folder: Path) -> int:
    """Number of the latest run whose items are in ``folder``, 0 when there is none."""
    numbers = (path.name.removeprefix(ITEMS) for path in folder.glob(f"{ITEMS}*"))
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def made(folder: Path) -> None:
    """Make ``folder``. Raises StoreError when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; give Session(folder=...) one that can be written") from None


def capture_spec(files: Sequence[str | Path], options: Mapping[str, Any]) -> CaptureSpec:
    """What `Session.capture` was told; an option that is ``None`` was not given. Raises CaptureError."""
    known = [each.name for each in fields(CaptureSpec) if each.name != "files"]
    for name in options:
        if name not in known:
            raise CaptureError(f"{name!r} is no option of a capture; there are node, {', '.join(known)}")
    names = tuple(str(file) for file in files)
    if any(not name or "\0" in name for name in names):
        raise CaptureError("a file's name cannot be empty, or hold a NUL")
    given = {name: value for name, value in options.items() if value is not None}
    for name in ("duration", "count", "ring"):
        if not given.get(name, 1) > 0:
            raise CaptureError(f"{name} is {given[name]!r}; give more than 0, or leave it out")
    return CaptureSpec(files=names, **{**given, "speed": str(given.get("speed", "max"))})
