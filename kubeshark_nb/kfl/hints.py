"""Remarks about a KFL 1 query that is valid, yet perhaps not what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.kfl import detect
from kubeshark_nb.kfl.ast import Call, Logic, Selector, walk
from kubeshark_nb.kfl.helpers import HELPERS
from kubeshark_nb.kfl.parser import parse
from kubeshark_nb.kfl.reference import MACROS

if TYPE_CHECKING:
    from collections.abc import Mapping


class Hint(NamedTuple):
    """A remark and its place (1-based)."""

    line: int
    column: int
    text: str


def hints(query: str, macros: Mapping[str, str] = MACROS) -> list[Hint]:
    """Remarks about ``query``; none for KFL 2, whose kinds are checked. Raises KFLError when it cannot be parsed."""
    if detect.language_of(query) != detect.KFL1:
        return []
    found = []
    for node in walk(parse(query)):
        match node:
            case Logic(ops=ops) if len(set(ops)) > 1:
                found.append((node.at, "and, or have the same rank and group to the right: add parentheses"))
            case Selector(steps=steps):
                unknown = [step for step in steps if isinstance(step, Call) and step.name not in HELPERS]
                found += [(step.at, f"there is no helper {step.name}(): this is always false") for step in unknown]
                if isinstance(steps[0], Call) and steps[0].name in macros:
                    found.append((node.at, f"{steps[0].name} is a macro: write it without parentheses"))
    return [_placed(query, at, text) for at, text in found]


def _placed(query: str, at: int, text: str) -> Hint:
    return Hint(query.count("\n", 0, at) + 1, at - query.rfind("\n", 0, at), text)
