"""What a user may ask of a session: each check gives its value back, or one line that says what is wrong with it."""

from __future__ import annotations

from dataclasses import fields
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import CaptureError, NodeError, ScriptError, StoreError
from kubeshark_nb.node.spec import CaptureSpec

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

LONGEST_NAME = 200  # bytes of a node's name, which is a folder's name, too
ITEMS = "items-"
HUB = "hub"
MOST_SHARDS = 256


def seconds(limit: float) -> float:
    """``limit`` as it is. Raises ScriptError unless it is more than 0."""
    if not limit > 0:
        raise ScriptError("limit", None, None, f"{limit!r} is no time for a hook; give the seconds it may take")
    return limit


def node_name(name: str) -> str:
    """``name`` as it is. Raises CaptureError when no folder can have it."""
    if not name.isprintable() or "/" in name or name in {"", ".", ".."} or len(name.encode()) > LONGEST_NAME:
        raise CaptureError(f"{name!r} cannot be a node's name: no '/' and no '..', and 1 to {LONGEST_NAME} bytes")
    if name == HUB:
        raise CaptureError(f"{HUB!r} cannot be a node's name: it is what scripts call the hub")
    return name


def address(ip: str) -> str:
    """``ip`` as it is usually written. Raises NodeError when it is no IPv4 or IPv6 address."""
    try:
        return str(ip_address(ip))
    except ValueError:
        raise NodeError(f"ip={ip!r} is no address; give the node's IPv4 or IPv6 address, such as 10.0.0.1") from None


def latest_run(folder: Path) -> int:
    """Number of the latest run whose items are in ``folder``, 0 when there is none."""
    numbers = (path.name.removeprefix(ITEMS) for path in folder.glob(f"{ITEMS}*"))
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def made(folder: Path) -> Path:
    """``folder``, which is made. Raises StoreError when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}; give Session(folder=...) one that can be written") from None
    return folder


def node_captures(
    files: Sequence[str | Path], node: str | None, nodes: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> dict[str, CaptureSpec]:
    """Which node reads what, by the nodes' names (``""``: the one that is there).

    One argument is one node: a folder, a pattern or a snapshot gives it an ordered chain of files. Several arguments
    are a node each, named after the files, unless ``node`` names the one that reads all of them. ``nodes`` says it
    name by name.

    Raises:
        CaptureError: a name or an option is wrong.
    """
    if nodes is not None:
        if files or node is not None:
            raise CaptureError("nodes= names every node and its files; give no other files, and no node=")
        if not nodes:
            raise CaptureError("nodes= is empty; name at least one node and its file")
        return {node_name(name): capture_spec(chain_of(what), options) for name, what in nodes.items()}
    if node is not None or len(files) < 2:  # noqa: PLR2004 - one or several
        return {"" if node is None else node_name(node): capture_spec(files, options)}
    named: dict[str, CaptureSpec] = {}
    for file in files:
        named[free_name(stem(str(file)), named)] = capture_spec([file], options)
    return named


def chain_of(what: str | Path | Sequence[str | Path]) -> Sequence[str | Path]:
    """One file or several, as several."""
    return [what] if isinstance(what, str | Path) else what


def stem(file: str) -> str:
    """What a file calls its node: its name without what follows the first dot."""
    base = file.rstrip("/").rpartition("/")[2].lstrip(".")
    name = "".join(letter for letter in base.partition(".")[0] if letter.isprintable())
    return name.encode()[: LONGEST_NAME - 10].decode(errors="ignore") or "node"


def free_name(name: str, taken: Container[str]) -> str:
    """``name``, with a number when it is taken (``hub`` is: that is what the hub is called)."""
    if name not in taken and name != HUB:
        return name
    return next(f"{name}-{number}" for number in count(2) if f"{name}-{number}" not in taken)


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
    if not given.get("keep", 0) >= 0:
        raise CaptureError(f"keep is {given['keep']!r}; give the MB that packets may take on disk, 0 to keep none")
    if not given.get("cache", 0) >= 0:
        raise CaptureError(f"cache is {given['cache']!r}; give the MB that items may take on disk, 0 to keep none")
    if not 0 <= given.get("shards", 0) <= MOST_SHARDS:
        raise CaptureError(f"shards is {given['shards']!r}; give 1 to {MOST_SHARDS}, or leave it out")
    return CaptureSpec(files=names, **{**given, "speed": str(given.get("speed", "max"))})
