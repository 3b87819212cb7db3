"""The loaded scripts: how a source is wrapped, which engine lines are its own, and what an engine line means."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.runtime import syntax
from kubeshark_nb.runtime.hooks import HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: Engine lines below belong to the core and the helpers.
FIRST_LINE = 10_000
FRAME = re.compile(r"<dukpy>:(\d+):(\d+)")
NAMELESS = re.compile(r"at (\S+) \(missing\)")
IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
WORDS = (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends "
    "false finally for function if implements import in instanceof interface let new null package private protected "
    "public return static super switch this throw true try typeof undefined var void while with yield NaN Infinity"
)
RESERVED = frozenset(WORDS.split())


@dataclass(frozen=True)
class Script:
    """One loaded source. ``number`` is its Kubeshark script index: given in load order, kept on edit."""

    id: int
    number: int
    name: str
    source: str
    env: Mapping[str, Any]
    first_line: int

    @cached_property
    def lines(self) -> list[str]:
        """The source, line by line, as QuickJS counts lines."""
        return re.split(r"\r\n|[\n\r\u2028\u2029]", self.source)

    @cached_property
    def syntax(self) -> syntax.Syntax:
        """What its text says."""
        return syntax.read(self.source)

    def line(self, number: int) -> str:
        """Line ``number`` (from 1), ``""`` when there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def located(self, stack: str) -> str:
        """``stack`` of an interrupted call: where the engine knows a function but no line, the function's first line.

        At top level, where there is no function either, the first loop.
        """
        for name in NAMELESS.findall(stack):
            if line := self.syntax.lines.get(name.removeprefix("<anonymous>")):
                return f"    at {name} (<dukpy>:{self.first_line + line - 1}:1)\n{stack}"
        return stack

    def wrapped(self, core: str, globals_: Iterable[str]) -> str:
        """The code that loads it: a function scope whose parameters are the helpers, ``env`` and the bare globals.

        The leading ``0;`` keeps a ``"use strict"`` of the script without effect, as on a cluster.
        """
        consts = list(bare_names(self.env, globals_))
        names = [*globals_, *consts]
        hooks = ",".join(f'{h}:function(){{return typeof {h}==="function"?{h}:undefined}}' for h in self.syntax.hooks)
        head = (
            f"{core}.hide(),{core}.load({self.id},{self.number},{orjson.dumps(self.syntax.hooks).decode()},{_literal(self.env)},"
            f"{_literal(consts)},{_literal(names)},function({','.join(names)}){{0;"
        )
        look = "function(){return eval(arguments[0])}"
        padding = "\n" * (self.first_line - 2)
        return f"{padding}{head}\n{self.source}\n;return{{look:{look},hooks:{{{hooks}}}}}}})"


def _literal(value: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def bare_names(env: Mapping[str, Any], taken: Iterable[str]) -> Iterator[str]:
    """The keys of ``env`` that can be globals: legal identifiers that shadow nothing."""
    hidden = {*taken, *RESERVED, *HOOKS}
    return (key for key in env if IDENTIFIER.fullmatch(key) and key not in hidden)


@dataclass(frozen=True, slots=True)
class Position:
    """Where something happened; ``script`` is ``""`` and the numbers 0 when nothing is known."""

    script: str = ""
    line: int = 0
    column: int = 0
    source_line: str = ""


class Scripts:
    """The loaded scripts by name, and the map from engine lines back to them."""

    def __init__(self) -> None:
        self._by_name: dict[str, Script] = {}
        self._by_id: dict[int, Script] = {}
        self._ranges: list[tuple[int, int]] = []  # first engine line, script id
        self._next_line = FIRST_LINE
        self._positions: dict[str, Position] = {}

    def __iter__(self) -> Iterator[Script]:
        return iter(sorted(self._by_name.values(), key=lambda script: script.number))

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Script:
        return self._by_name[name]

    def by_id(self, number: int) -> Script | None:
        """The script of an id, also one that has been replaced since."""
        return self._by_id.get(number)

    def name(self, number: int) -> str:
        """Its name, ``""`` when there is no such script."""
        return script.name if (script := self._by_id.get(number)) else ""

    def new(self, name: str, source: str, env: Mapping[str, Any]) -> Script:
        """A script with an id and engine lines of its own; it is not listed before `add`."""
        old = self._by_name.get(name)
        number = old.number if old else max((s.number for s in self._by_name.values()), default=-1) + 1
        script = Script(len(self._by_id) + 1, number, name, source, dict(env), self._next_line)
        self._by_id[script.id] = script
        self._ranges.append((script.first_line, script.id))
        self._next_line += len(script.lines) + 8
        return script

    def add(self, script: Script) -> None:
        """List it, in place of one of the same name."""
        self._by_name[script.name] = script

    def remove(self, name: str) -> Script | None:
        """Take it off the list; its lines keep their meaning."""
        return self._by_name.pop(name, None)

    def position(self, stack: str) -> Position:
        """The innermost place of ``stack`` that is in a script."""
        found = self._positions.get(stack)
        if found is None:
            found = self._positions[stack] = self._find(stack)
            if len(self._positions) > 10_000:  # noqa: PLR2004 - hostile stacks only
                self._positions.clear()
        return found

    def frames(self, stack: str) -> str:
        """``stack`` with our own frames cut and the scripts' names and lines put in."""
        shown = []
        for line in stack.splitlines():
            place = self._find(line)
            if place.script:
                shown.append(FRAME.sub(f"{place.script}:{place.line}:{place.column}", line))
        return "\n".join(shown)

    def _find(self, stack: str) -> Position:
        for match in FRAME.finditer(stack):
            engine_line, column = int(match[1]), int(match[2])
            at = bisect_right(self._ranges, (engine_line, 1 << 60)) - 1
            if at < 0:
                continue
            first, number = self._ranges[at]
            script = self._by_id[number]
            line = engine_line - first + 1
            if line <= 0:
                continue
            if line > len(script.lines):  # in our own tail: the source ended too early
                line, column = len(script.lines), len(script.lines[-1]) + 1
            return Position(script.name, line, column, script.line(line))
        return Position()
