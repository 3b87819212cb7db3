"""What a capture's items depend on, as one word: the content, our dissectors, the node and the options."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import astuple
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.capture.remote import is_remote
from kubeshark_nb.named import user_path
from kubeshark_nb.store.places import reached

if TYPE_CHECKING:
    from kubeshark_nb.model import NodeInfo
    from kubeshark_nb.node.spec import CaptureSpec

PACKAGE = Path(__file__).parents[1]
DISSECTING = ("capture", "packets", "streams", "dissectors", "items", "columns.py", "model.py", "traffic.py",
              "store/schema.py", "node/dissection.py", "node/lanes.py", "node/opened.py", "node/origin.py",
              "node/parcel.py", "node/recall.py")  # fmt: skip
WEB = ("http://", "https://")
EDGE = 1 << 16  # bytes at both ends of a file that are looked at


def identity(capture: CaptureSpec, files: tuple[str, ...], node: NodeInfo) -> str:
    """The word; ``""`` when nobody can say whether the content is still the same.

    Of a capture's ``files`` size, times and the bytes at both ends count (whoever writes to a file changes its times),
    of name files and key logs all bytes. Raises OSError when a file is gone.
    """
    whole = [capture.names, capture.keylog]
    captures = [stamp(file) for file in files]
    if not all(captures):
        return ""
    parts = [version(), captures, [content(file) for file in whole if file], list(astuple(node))]
    return hashlib.blake2b(orjson.dumps(parts), digest_size=20).hexdigest()


def stamp(file: str) -> str:
    """What tells a file from what it was and will be; ``""`` when its place cannot say."""
    if is_remote(file):
        return remote_stamp(file)
    path = user_path(file)
    state = path.stat()
    with path.open("rb") as opened:
        head = opened.read(EDGE)
        opened.seek(max(0, state.st_size - EDGE))
        edges = hashlib.blake2b(head + opened.read(EDGE), digest_size=20).hexdigest()
    return f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {edges}"


def remote_stamp(address: str) -> str:
    """What the store says of an object: its size and time; ``""`` where nobody does.

    What is on the web is taken for never changing there, so that is not asked.
    """
    if address.startswith(WEB):
        return ""
    with suppress(Exception):  # every kind of storage has errors of its own; reading it will say what is wrong
        files, path = reached(address)
        found = files.get_file_info(path)
        if found.is_file and found.mtime_ns:
            return f"{found.size} {found.mtime_ns}"
    return ""


def content(file: str) -> str:
    """A hash of a small file."""
    return hashlib.blake2b(user_path(file).read_bytes(), digest_size=20).hexdigest()


@lru_cache(maxsize=1)
def version() -> str:
    """A hash of the program that makes items of frames: other dissectors, other items."""
    found = hashlib.blake2b(digest_size=20)
    for part in DISSECTING:
        place = PACKAGE / part
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            found.update(path.read_bytes())
    return found.hexdigest()
