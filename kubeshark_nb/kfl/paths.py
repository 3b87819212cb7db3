"""Compiled paths: steps -> a function from a value to what they select, or `MISSING`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.kfl.ast import Deep, Every, Index, Member, Step
from kubeshark_nb.kfl.values import MISSING, Getter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_NOT_THERE = (KeyError, TypeError)


def getter(steps: Sequence[Step]) -> Getter:
    """What ``steps`` (none of them a call) select. Several results are a list, a single one is itself."""
    names = [step.name for step in steps if isinstance(step, Member)]
    if len(names) == len(steps):
        return _members(names)
    if any(isinstance(step, Every | Deep) for step in steps):
        return _many(steps)
    return _keys(tuple(_key(step) for step in steps))


def _members(names: list[str]) -> Getter:
    """Members only. A string index works on objects alone, so anything else on the way is a TypeError."""
    build: Callable[..., Getter] = _BY_LENGTH.get(len(names), _longer)
    return build(*names)


def _zero() -> Getter:
    return lambda value: value


def _one(name: str) -> Getter:
    def get(value: Any) -> Any:
        try:
            return value[name]
        except _NOT_THERE:
            return MISSING

    return get


def _two(first: str, second: str) -> Getter:
    def get(value: Any) -> Any:
        try:
            return value[first][second]
        except _NOT_THERE:
            return MISSING

    return get


def _three(first: str, second: str, third: str) -> Getter:
    def get(value: Any) -> Any:
        try:
            return value[first][second][third]
        except _NOT_THERE:
            return MISSING

    return get


def _longer(*names: str) -> Getter:
    def get(value: Any) -> Any:
        try:
            for name in names:
                value = value[name]
        except _NOT_THERE:
            return MISSING
        return value

    return get


_BY_LENGTH: dict[int, Callable[..., Getter]] = {0: _zero, 1: _one, 2: _two, 3: _three}


def _key(step: Step) -> tuple[Any, type]:
    """What to look up, and in what: an index must not cut a letter out of a text."""
    return (step.number, list) if isinstance(step, Index) else (getattr(step, "name", ""), dict)


def _keys(steps: tuple[tuple[Any, type[Any]], ...]) -> Getter:
    """Members and elements."""

    def get(item: Any) -> Any:
        value = item
        try:
            for key, container in steps:
                if type(value) is not container:
                    return MISSING
                value = value[key]
        except (KeyError, IndexError):
            return MISSING
        return value

    return get


def _many(steps: Sequence[Step]) -> Getter:
    def get(value: Any) -> Any:
        found = [value]
        for step in steps:
            found = [result for each in found for result in select(step, each)]
        if len(found) == 1:
            return found[0]
        return found or MISSING

    return get


def select(step: Step, value: Any) -> Iterator[Any]:
    """Everything one step selects in ``value``."""
    match step:
        case Member(name=name):
            if type(value) is dict and name in value:
                yield value[name]
        case Index(number=number):
            if type(value) is list and number < len(value):
                yield value[number]
        case Every():
            yield from inside(value)
        case Deep(name=name):
            yield from _at_any_depth(name, value)


def inside(value: Any) -> list[Any]:
    """The elements of a list, the members of an object, nothing of anything else."""
    if type(value) is list:
        return value
    return list(value.values()) if type(value) is dict else []


def _at_any_depth(name: str, value: Any) -> Iterator[Any]:
    """Members called ``name``, outer ones first. Its own stack: a document may be nested deeper than Python's."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if type(value) is dict and name in value:
            yield value[name]
        waiting.extend(reversed(inside(value)))
