"""What a script and a query can say: hooks, helpers, fields of an item, and the names of KFL.

The one description of it stands in ``script_api.json`` and is written by hand; ``kfl_api.json`` is made from the filter
languages by ``make reference``. Completion, hover, ``?`` and the reference pages all read these two.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ITEM = "data."


class Parameter(NamedTuple):
    """A parameter, or a member of one (``info.length``), with the type a script gives or gets."""

    name: str
    type: str
    text: str


class Entry(NamedTuple):
    """One name.

    Attributes:
        name: dotted, as it is written.
        kind: ``hook``, ``helper`` or ``field``; of KFL ``macro``, ``keyword``, ``function``, ``field`` or ``variable``.
        signature: how it is called; a ``?`` marks what can be left out.
        text: one sentence of help.
        type: of a field.
        returns, throws: what it gives back, and when it throws; ``""`` for nothing and never.
        notes: what one should know besides.
        example: lines of a script that runs.
        brings: what it prints and calls, over one item that works and one that fails, in two minutes.
    """

    name: str
    kind: str
    signature: str
    text: str
    type: str = ""
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    throws: str = ""
    notes: tuple[str, ...] = ()
    example: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The example as one text."""
        return "\n".join(self.example)


@cache
def script_api() -> tuple[Entry, ...]:
    """Every name a script can use."""
    return tuple(_entry(each) for each in _read("script_api.json"))


@cache
def kfl_api() -> tuple[Entry, ...]:
    """Every name a query can use: of both languages, then the fields of an item."""
    named = [Entry(each["name"], each["kind"], each["name"], each["text"]) for each in _read("kfl_api.json")]
    known = {entry.name for entry in named}
    fields = (entry for entry in script_api() if entry.kind == "field" and entry.name.startswith(ITEM))
    paths = [entry._replace(name=entry.name[len(ITEM) :], signature=entry.name[len(ITEM) :]) for entry in fields]
    return (*named, *(path for path in paths if path.name not in known))


def lookup(name: str, entries: tuple[Entry, ...]) -> Entry | None:
    """The entry of ``name``, ``None`` when there is none."""
    return next((entry for entry in entries if entry.name == name), None)


def _read(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return found


def _entry(record: dict[str, Any]) -> Entry:
    parameters = tuple(Parameter(**each) for each in record.get("parameters", ()))
    lists = {name: tuple(record.get(name, ())) for name in ("notes", "example", "brings")}
    return Entry(**{**record, **lists, "parameters": parameters})
