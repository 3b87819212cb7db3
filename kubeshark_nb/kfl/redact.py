"""`redact("path", …)`: copies of a document with some values replaced by `[REDACTED]`.

Nothing is changed in place: the way to a replaced value is copied, the rest is shared. What is missing is ignored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kubeshark_nb.kfl import nested, xmltree
from kubeshark_nb.kfl.ast import Call, Deep, Every, Index, Member, Step
from kubeshark_nb.kfl.values import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REDACTED = "[REDACTED]"
MAX_DEPTH = 200
"""A value deeper than this below `..name` is replaced as a whole: it cannot be searched, so it must not be shown."""

_STEP = re.compile(
    r"""
      \.\.\.?(?P<deep>[^.\[\]()*]+)
    | \.?(?P<call>json|xml)\(\)
    | \.?\[(?P<index>[0-9]{1,9})\]
    | \.?\[(?P<quote>["'])(?P<key>.*?)(?P=quote)\]
    | \.?(?P<every>\[\*\]|\*)
    | \.?(?P<name>[^.\[\]()*]+)
    """,
    re.VERBOSE,
)
_READ: dict[str, Callable[[re.Match[str]], Step]] = {
    "deep": lambda found: Deep(found["deep"], found.start()),
    "call": lambda found: Call(found["call"], (), found.start()),
    "index": lambda found: Index(int(found["index"]), found.start()),
    "key": lambda found: Member(found["key"], found.start()),
    "every": lambda found: Every(found.start()),
    "name": lambda found: Member(found["name"], found.start()),
}


def parse_path(path: str) -> tuple[Step, ...]:
    """The steps of a path such as `response.body.json()..name`. Raises ValueError when it is none."""
    steps: list[Step] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if not found:
            raise ValueError(f"cannot read the path {path!r} from character {at + 1}")
        steps.append(_READ[found.lastgroup or "name"](found))
        at = found.end()
    if not steps:
        raise ValueError("a path to redact is empty")
    return tuple(steps)


def redacted(value: Any, steps: Sequence[Step]) -> Any:  # noqa: PLR0911 - one case per kind of step
    """``value`` with everything at ``steps`` replaced; the same object when there is nothing there."""
    if not steps:
        return REDACTED
    step, rest = steps[0], steps[1:]
    match step:
        case Member(name=name):
            return _in_member(value, name, rest)
        case Index(number=number) if type(value) is list and number < len(value):
            return [redacted(each, rest) if at == number else each for at, each in enumerate(value)]
        case Every():
            return _in_each(value, lambda each: redacted(each, rest))
        case Deep(name=name):
            return _at_any_depth(value, name, rest, MAX_DEPTH)
        case Call(name="json"):
            return _in_json(value, rest)
        case Call(name="xml"):
            return _in_xml(value, rest)
    return value


def _in_member(value: Any, name: str, rest: Sequence[Step]) -> Any:
    if type(value) is not dict or name not in value:
        return value
    changed = redacted(value[name], rest)
    return value if changed is value[name] else {**value, name: changed}


def _in_each(value: Any, change: Callable[[Any], Any]) -> Any:
    if type(value) is dict:
        return {name: change(member) for name, member in value.items()}
    return [change(element) for element in value] if type(value) is list else value


def _at_any_depth(value: Any, name: str, rest: Sequence[Step], depth: int) -> Any:
    if type(value) not in (dict, list):
        return value
    if not depth:
        return REDACTED
    changed = _in_each(value, lambda each: _at_any_depth(each, name, rest, depth - 1))
    return _in_member(changed, name, rest)


def _in_json(value: Any, rest: Sequence[Step]) -> Any:
    try:
        document, was = nested.read_json(text(value))
    except ValueError:
        return value
    changed = redacted(document, rest)
    return value if changed is document else nested.write_json(changed, base64_was=was)


def _in_xml(value: Any, rest: Sequence[Step]) -> Any:
    try:
        top, head, was = nested.read_xml(text(value))
    except ValueError:
        return value
    if not _redact_elements([top], rest):
        return value
    return nested.packed(xmltree.write(top, head), base64_was=was)


def _redact_elements(elements: list[xmltree.Element], steps: Sequence[Step]) -> bool:
    """Replace the text of everything ``steps`` select below ``elements``, in place; whether there was anything."""
    if not steps:
        for element in elements:
            element.attributes, element.children, element.text = {}, [], REDACTED
        return bool(elements)
    step, rest = steps[0], steps[1:]
    if isinstance(step, Member) and step.name.startswith("-") and not rest:
        return _redact_attributes(elements, step.name[1:])
    return _redact_elements(_below(elements, step), rest)


def _redact_attributes(elements: list[xmltree.Element], name: str) -> bool:
    owners = [element for element in elements if name in element.attributes]
    for element in owners:
        element.attributes[name] = REDACTED
    return bool(owners)


def _below(elements: list[xmltree.Element], step: Step) -> list[xmltree.Element]:
    match step:
        case Index(number=number):
            return elements[number : number + 1]
        case Member(name=name):
            return [child for element in elements for child in element.children if child.name == name]
        case Every():
            return [child for element in elements for child in element.children]
        case Deep(name=name):
            return [each for element in elements for each in _descendants(element) if each.name == name]
    return []


def _descendants(element: xmltree.Element) -> list[xmltree.Element]:
    found = []
    waiting = list(element.children)
    while waiting:
        found.append(waiting.pop())
        waiting.extend(found[-1].children)
    return found
