"""What users name: paths, and addresses that may hold a password or a signature."""

from __future__ import annotations

import os.path
import re
from pathlib import Path

# Up to the last @ of the host; or, of a password with a slash or a question mark in it, of everything that follows.
USER = re.compile(r"(?<=://)(?:[^/\s?]+|[^/\s?@:]*:(?!\d+[/?])\S+)(?=@)")
QUERY = re.compile(r"(://[^\s?]+)\?[^\s,]+(?:,[^\s,]+)*")


def masked(text: str) -> str:
    """``text`` with the password and the query of every address in it left out: the query may be a signature."""
    return QUERY.sub(r"\1?•••", USER.sub("•••", text))


def user_path(name: str | Path) -> Path:
    """The path that ``name`` means: ``~`` is a home, or stays as it is when nobody is called so."""
    return Path(os.path.expanduser(name))  # noqa: PTH111 - Path.expanduser raises where there is no such user
