"""What users named, file by file: what a folder holds, what a pattern matches, and of which kind each is."""

from __future__ import annotations

import re
from glob import glob, has_magic
from typing import TYPE_CHECKING

from kubeshark_nb.capture.remote import is_remote
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.named import user_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CAPTURE = re.compile(r".*\.(pcap|pcapng|cap|dmp)(\.?\d+)?(\.gz|\.zst)?", re.DOTALL)  # numbers: of tcpdump -C
SNAPSHOT = re.compile(r".*\.(tar|tar\.gz|tgz)", re.DOTALL)
LINES = re.compile(r".*\.(jsonl|ndjson)(\.gz|\.zst)?", re.DOTALL)
LIST = re.compile(r".*\.json(\.gz|\.zst)?", re.DOTALL)
# What a folder stands for: the first of these that it holds. Items often lie beside captures, and .json is anything.
IN_FOLDERS = ((CAPTURE, SNAPSHOT), (LINES,))
EMPTY = "a folder with no captures in it (.pcap, .pcapng, .tar.gz ...), and no items (.jsonl); name a .json file itself"
LEAVE_OUT = "; leave it out, and the rest can be read"  # of a file among several that is none
MIXED = "captures and files of items ({example}) cannot be read together; name one kind, or make a node of each"


def resolved(specs: Iterable[str]) -> tuple[str, ...]:
    """The files behind names, each once. Raises CaptureError."""
    return tuple(dict.fromkeys(file for spec in specs for file in files_of(spec)))


def files_of(spec: str) -> list[str]:
    """The files behind one name: itself, what a folder holds, what a pattern matches. Raises CaptureError."""
    if is_remote(spec):
        return [spec]
    path = user_path(spec)
    try:
        if path.is_dir():
            return _held(path, spec)
        if has_magic(spec) and not path.exists():
            return _matching(path, spec)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise CaptureError(f"cannot be opened: {getattr(error, 'strerror', None) or error}", file=spec) from None
    return [spec]


def is_kind(name: str, *kinds: re.Pattern[str]) -> bool:
    """Whether ``name`` is that of a file of one of these kinds; what follows the path of an address says nothing."""
    path = re.split("[?#]", name, maxsplit=1)[0] if is_remote(name) else name
    return any(kind.fullmatch(path.lower()) for kind in kinds)


def are_items(files: Iterable[str]) -> bool:
    """Whether these are files of items. Raises CaptureError when only some are."""
    items = {is_kind(file, LINES, LIST): file for file in files}
    if len(items) > 1:
        raise CaptureError(MIXED.format(example=items[True]), file=items[False])
    return True in items


def _held(folder: Path, spec: str) -> list[str]:
    names = sorted(str(one) for one in folder.iterdir() if not one.is_dir())
    for kinds in IN_FOLDERS:
        if found := [name for name in names if is_kind(name, *kinds)]:
            return found
    raise CaptureError(EMPTY, file=spec)


def _matching(pattern: Path, spec: str) -> list[str]:
    found = [name for name in sorted(glob(str(pattern), recursive=True)) if not user_path(name).is_dir()]  # noqa: PTH207 - the pattern may be absolute
    if not found:
        raise CaptureError("no file matches this pattern", file=spec)
    return found
