"""XML as KFL sees it: elements by name, repeats by index, attributes as `-name`, an element as its text.

Reading uses expat directly and refuses document types, so a captured body cannot define entities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

MAX_DEPTH = 200
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_DECLARATION = re.compile(r"\s*(<\?xml\b[^>]*\?>)")


@dataclass(slots=True)
class Element:
    """One element. ``text`` is its own character data, without that of its children and outer blanks."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""


def parse(text: str) -> Element:
    """The document as an element without a name. Raises ValueError for what is not XML, or nested too deeply."""
    top = Element("")
    path = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(path) > MAX_DEPTH:
            raise ValueError("nested too deeply")
        element = Element(name, attributes)
        path[-1].children.append(element)
        path.append(element)

    def end(_name: str) -> None:
        element = path.pop()
        element.text = element.text.strip()

    def data(characters: str) -> None:
        path[-1].text += characters

    _feed(text, start, end, data)
    return top


def _feed(text: str, start: Any, end: Any, data: Any) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except (expat.ExpatError, UnicodeError, LookupError) as error:
        raise ValueError(f"not XML: {error}") from None


def _refuse(*_: Any) -> None:
    raise ValueError("document types are not read")


def plain(element: Element) -> Any:
    """An element as JSON-like data for paths: its text when it has nothing else inside, else an object.

    The object of an element with attributes and text has the text under `#text`; `as_text` leads from one to the other.
    """
    members: dict[str, Any] = {f"-{name}": value for name, value in element.attributes.items()}
    for child in element.children:
        value = plain(child)
        if child.name not in members:
            members[child.name] = value
        elif isinstance(members[child.name], list):
            members[child.name].append(value)
        else:
            members[child.name] = [members[child.name], value]
    if element.text and members:
        members["#text"] = element.text
    return members or element.text


def as_text(value: Any) -> Any:
    """What a path into XML gives to a comparison: the text of an element that has one, false for one without."""
    if isinstance(value, dict):
        return value.get("#text", False)
    if isinstance(value, list):
        return [as_text(each) for each in value]
    return value or False


def declaration(text: str) -> str:
    """The XML declaration ``text`` begins with, or an empty string."""
    found = _DECLARATION.match(text)
    return found[1] if found else ""


def write(top: Element, head: str = "") -> str:
    """The document as text: ``head`` on a line of its own, elements of a parent sorted by name as the original does."""
    body = "".join(_written(child) for child in top.children)
    return f"{head}\n{body}" if head else body


def _written(element: Element) -> str:
    attributes = "".join(f' {name}="{value.translate(_ESCAPES)}"' for name, value in element.attributes.items())
    inside = element.text.translate(_ESCAPES) + "".join(
        map(_written, sorted(element.children, key=lambda child: child.name))
    )
    return f"<{element.name}{attributes}>{inside}</{element.name}>"
