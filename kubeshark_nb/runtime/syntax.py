"""What can be read off a script's text: title, top-level names, hooks, newer syntax, an illegal return."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kubeshark_nb.runtime.hooks import HOOKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node, Parser, Query

#: Syntax that Kubeshark's engine (ES5) refuses, by node type of the grammar.
NEWER = {
    "lexical_declaration": "let/const",
    "arrow_function": "arrow function",
    "class_declaration": "class",
    "class": "class",
    "template_string": "template literal",
    "object_pattern": "destructuring",
    "array_pattern": "destructuring",
    "spread_element": "spread",
    "rest_pattern": "rest parameter",
    "assignment_pattern": "default value",
    "generator_function": "generator",
    "generator_function_declaration": "generator",
    "await_expression": "await",
    "optional_chain": "optional chaining",
    "shorthand_property_identifier": "shorthand property",
    "method_definition": "method definition",
    "computed_property_name": "computed property",
    "import_statement": "import",
    "export_statement": "export",
    "for_in_statement": "for...of",
}
LOOPS = ("while_statement", "for_statement", "do_statement", "for_in_statement")
FUNCTIONS = {
    "function_declaration",
    "function_expression",
    "arrow_function",
    "method_definition",
    "generator_function",
    "generator_function_declaration",
    "class_static_block",
}

WORDS = ("identifier", "property_identifier")
VAR, RETURN = "variable_declaration", "return_statement"
DECLARATIONS = ("function_declaration", "class_declaration", "lexical_declaration", VAR)


@dataclass(frozen=True, slots=True)
class Place:
    """A 1-based line and column of a script, and what stands there."""

    line: int
    column: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a text says.

    ``title``: the first comment; ``names``: declared at top level; ``hooks``: mentioned anywhere; ``lines``: where each
    function of that name starts, and under ``""`` the first loop outside functions; ``illegal_return``, ``newer``: the
    first place or ``None``.
    """

    title: str
    names: tuple[str, ...]
    hooks: tuple[str, ...]
    lines: dict[str, int]
    illegal_return: Place | None
    newer: Place | None


@cache
def _grammar() -> tuple[Parser, Query]:
    """The parser, and a question for every node of a kind that matters here."""
    import tree_sitter_javascript
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_javascript.language())
    kinds = " ".join(f"({kind})" for kind in sorted({*NEWER, *LOOPS, *FUNCTIONS, *DECLARATIONS, RETURN}))
    return Parser(language), Query(language, f"[{kinds}] @found")


def read(source: str) -> Syntax:
    """What the text of a script says about it. Never raises: a broken script gives what its healthy parts say.

    Takes time in proportion to the text: only nodes of kinds that matter become Python objects.
    """
    encoded = source.encode("utf-8", "replace")
    root = _parse(encoded)
    nodes = _found(root)
    outside = list(_outside_functions(nodes))
    return Syntax(
        title=_title(root),
        names=tuple(dict.fromkeys(_names(root, outside))),
        hooks=tuple(hook for hook in HOOKS if _mentions(root, encoded, hook)),
        lines={**dict(_function_lines(nodes)), **_first_loop(outside)},
        illegal_return=next((_place(node, "return") for node in outside if node.type == RETURN), None),
        newer=next((_place(node, NEWER[node.type]) for node in nodes if _is_newer(node)), None),
    )


def _mentions(root: Node, source: bytes, name: str) -> bool:
    """Whether ``name`` stands anywhere in the text where it is neither comment nor string."""
    for match in re.finditer(rb"\b%b\b" % name.encode(), source):
        node = root.descendant_for_byte_range(match.start(), match.end())
        if node is not None and node.type in WORDS:
            return True
    return False


def _parse(source: bytes) -> Node:
    return _grammar()[0].parse(source).root_node


def _found(root: Node) -> list[Node]:
    """The nodes that matter, in the order of the text, outer ones first."""
    from tree_sitter import QueryCursor

    found = QueryCursor(_grammar()[1]).captures(root).get("found", [])
    return sorted(found, key=lambda node: (node.start_byte, -node.end_byte))


def error_column(source: str, line: int, message: str) -> int | None:
    """Where in ``line`` (1-based) a syntax error is: the engine names the line and the token, but not the column."""
    text = source.splitlines()[line - 1] if 0 < line <= len(source.splitlines()) else ""
    token = re.search(r"'(.+)'$", message)
    if token and text.count(token[1]) == 1:
        return text.index(token[1]) + 1
    broken = (node for node in _walk(_parse(source.encode("utf-8", "replace"))) if node.is_error or node.is_missing)
    return next((node.start_point[1] + 1 for node in broken if node.start_point[0] == line - 1), None)


def _walk(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def _outside_functions(nodes: Iterable[Node]) -> Iterator[Node]:
    """Those of ``nodes`` that are in no function."""
    end = 0
    for node in nodes:
        if node.start_byte >= end:
            yield node
            if node.type in FUNCTIONS:
                end = node.end_byte


def _is_newer(node: Node) -> bool:
    if node.type == "for_in_statement":
        return any(child.type == "of" for child in node.children)
    if node.type == "method_definition":  # getters and setters are ES5
        return not any(child.type in {"get", "set"} for child in node.children)
    return node.type in NEWER and node.is_named


def _place(node: Node, what: str) -> Place:
    return Place(node.start_point[0] + 1, node.start_point[1] + 1, what)


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _title(root: Node) -> str:
    first = root.children[0] if root.children else None
    if first is None or first.type != "comment":
        return ""
    text = _text(first)
    body = text[2:] if text.startswith("//") else text.removeprefix("/*").removesuffix("*/")
    return body.strip().strip("/").strip()


def _names(root: Node, outside: Iterable[Node]) -> Iterator[str]:
    """Names declared at top level: functions and classes there, ``var`` anywhere outside functions."""
    for node in outside:
        if node.type == VAR or (node.type in DECLARATIONS and node.parent == root):
            yield from _declared(node)


def _declared(node: Node) -> Iterator[str]:
    if (name := node.child_by_field_name("name")) is not None:
        yield _text(name)
    for child in node.named_children:
        if child.type != "variable_declarator" or (name := child.child_by_field_name("name")) is None:
            continue
        if name.type == "identifier":
            yield _text(name)
        else:
            yield from (_text(n) for n in _walk(name) if n.type == "shorthand_property_identifier_pattern")


def _first_loop(outside: Iterable[Node]) -> dict[str, int]:
    first = next((node.start_point[0] + 1 for node in outside if node.type in LOOPS), 0)
    return {"": first} if first else {}


def _function_lines(nodes: list[Node]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        name = node.child_by_field_name("name") if node.type == "function_declaration" else None
        if name is not None:
            yield _text(name), node.start_point[0] + 1
