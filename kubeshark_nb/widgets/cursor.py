"""Where a cursor stands in a cell: in a script, in a query, and on which name.

The JupyterLab extension says the same in ``labextension/src/cursor.ts``.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.widgets.api import Entry, kfl_api, lookup, script_api

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGIC = "%%kubeshark_script"
QUERY = re.compile(r"^[ \t]*(?:[\w., \t]+=[ \t]*)?%kubeshark_(?:items|map|dashboard)\b(?:[ \t]+--df\b)?")
FILTER = re.compile(r"kfl\.(?:match|validate)\(\s*(?:\"(?:[^\"\\\n]|\\.)*|'(?:[^'\\\n]|\\.)*)$")
RECEIVER = re.compile(r"function\s+on(Item|Packet)\w*\s*\(\s*([A-Za-z_$][\w$]*)")
RECEIVED = {"Item": "data", "Packet": "info"}
BEFORE = re.compile(r"[A-Za-z_$][\w$.]*$")
AFTER = re.compile(r"[\w$]*")


class Cursor(NamedTuple):
    """``language`` is ``script``, ``kfl`` or ``""`` for everything else; ``word`` is the dotted name before the cursor.

    ``rest`` is what of its last part follows, and ``names`` how the script calls what the API calls ``data`` and
    ``info``.
    """

    language: str
    word: str = ""
    rest: str = ""
    names: Mapping[str, str] = MappingProxyType({})

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What can be said here, by the names it has here."""
        if self.language == "kfl":
            return kfl_api()
        return tuple(_renamed(entry, self.names) for entry in script_api()) if self.language else ()

    def entry(self) -> Entry | None:
        """What the name under the cursor is; of ``data.request.path.length`` it is ``data.request.path``."""
        name = self.word + self.rest
        while name:
            if found := lookup(name, self.entries):
                return found
            name = name.rpartition(".")[0]
        return None


def cursor_in(text: str, position: int) -> Cursor:
    """What is at ``position`` (characters) of a cell's ``text``."""
    before = text[:position]
    line = before.rpartition("\n")[2]
    language = _language(text, line)
    word = BEFORE.search(line)
    rest = AFTER.match(text, position)
    if not language or not word:
        return Cursor(language)
    return Cursor(language, word[0], rest[0] if rest else "", _names(text) if language == "script" else {})


def is_script(text: str) -> bool:
    """Whether a cell is a script."""
    return text.startswith(MAGIC) and not text[len(MAGIC) : len(MAGIC) + 1].isalnum()


def _language(text: str, line: str) -> str:
    if is_script(text):
        if line.startswith(MAGIC):
            return ""
        return "kfl" if FILTER.search(line) else "script"
    magic = QUERY.match(line)
    return "kfl" if magic and line[magic.end() : magic.end() + 1].isspace() else ""


def _names(text: str) -> dict[str, str]:
    return {RECEIVED[kind]: name for kind, name in RECEIVER.findall(text)}


def _renamed(entry: Entry, names: Mapping[str, str]) -> Entry:
    if entry.kind != "field":
        return entry
    head, _, rest = entry.name.partition(".")
    name = f"{names.get(head, head)}.{rest}"
    return entry._replace(name=name, signature=name)
