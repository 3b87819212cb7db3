"""The reference as Markdown: one page per hook and helper, one for an item's fields, one for KFL, and the contents.

Every page is made from the descriptions in `api`; ``make reference`` writes them to ``notebooks/reference``, and
``%kubeshark_help`` shows them. The examples run: the tests play each one.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from kubeshark_nb.widgets.api import Entry, kfl_api, script_api

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KINDS = {"macro": "Macros", "keyword": "Words", "function": "Functions", "field": "Fields", "variable": "Variables"}
ABOUT = {
    "macro": "KFL 1: a word that stands for a condition.",
    "keyword": "KFL 1.",
    "function": "The first ones are KFL 1, those from `in` on KFL 2.",
    "field": "KFL 1: members of an item, as in a script but without `data.`.",
    "variable": "KFL 2.",
}


def page(entry: Entry) -> str:
    """The page of one hook, helper or name."""
    parts = [
        f"# `{entry.signature}`",
        entry.text,
        _parameters(entry),
        *_sentences(entry),
        *entry.notes,
        _example(entry),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def plain(entry: Entry) -> str:
    """The same as text of a few lines, for a tooltip."""
    parameters = [f"  {name} ({kind}): {text}" for name, kind, text in entry.parameters]
    example = ["Example:", *(f"  {line}" for line in entry.example)] if entry.example else []
    lines = [entry.signature, "", entry.text, *parameters, *_sentences(entry), *entry.notes, *example]
    return unlinked("\n".join(lines)).replace("`", "")


def unlinked(markdown: str) -> str:
    """``markdown`` without links, for places from which they lead nowhere."""
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", markdown)


def pages() -> dict[str, str]:
    """File name -> text of the whole reference."""
    own = {file_of(entry): f"{page(entry)}\n[All hooks and helpers](index.md)\n" for entry in described()}
    return {"index.md": contents(), "data.md": fields(), "kfl.md": queries(), **own}


def described() -> list[Entry]:
    """What has a page of its own."""
    return [entry for entry in script_api() if entry.kind != "field"]


def file_of(entry: Entry) -> str:
    """Such as ``vendor.s3.put.md``."""
    return f"{entry.name}.md"


def contents() -> str:
    """Every hook and helper in a table, with links to its page."""
    hooks = [entry for entry in described() if entry.kind == "hook"]
    helpers = [entry for entry in described() if entry.kind == "helper"]
    lines = ["# What a script can use", "", "## Hooks", "", *_table(hooks), "", "## Helpers", ""]
    spaces = groupby(helpers, lambda entry: entry.name.partition(".")[0] if "." in entry.name else "global")
    for name, group in spaces:
        lines += [f"### {name}", "", *_table(group), ""]
    return "\n".join([*lines, "## And", "", "[Fields of an item](data.md) · [The filter language KFL](kfl.md)", ""])


def fields() -> str:
    """What a hook gets, member by member."""
    rows = [
        f"| `{entry.name}` | {entry.type} | {_cell(entry.text)} |" for entry in script_api() if entry.kind == "field"
    ]
    head = ["| field | type | what it is |", "|---|---|---|"]
    about = "Fields are there even when they are empty. Those of one protocol only begin their text with its name."
    return "\n".join(["# Fields of an item and of a packet", "", about, "", *head, *rows, ""])


def queries() -> str:
    """Every name of the filter languages."""
    lines = ["# The filter language KFL", "", INTRODUCTION, ""]
    by_kind = sorted(kfl_api(), key=lambda entry: list(KINDS).index(entry.kind))
    for kind, group in groupby(by_kind, lambda entry: entry.kind):
        rows = [f"| `{entry.name}` | {_cell(entry.text)} |" for entry in group]
        lines += [f"## {KINDS[kind]}", "", ABOUT[kind], "", "| name | what it is |", "|---|---|", *rows, ""]
    return "\n".join(lines)


INTRODUCTION = """\
`%kubeshark_items`, `kfl.match` and `session.items.query` take two languages and recognise which one is meant:

* **KFL 1** selects members of the item: `http and response.status >= 500 and dst.name == "payments.shop"`.
  `and` and `or` have the same rank and group to the right: use parentheses.
* **KFL 2** is CEL over the variables below: `http && status_code >= 500 && dst.name == "payments.shop"`."""


def _parameters(entry: Entry) -> str:
    if not entry.parameters:
        return ""
    rows = [f"| `{name}` | {kind} | {_cell(text)} |" for name, kind, text in entry.parameters]
    return "\n".join(["| parameter | type | what it is |", "|---|---|---|", *rows])


def _sentences(entry: Entry) -> Iterator[str]:
    if entry.returns:
        yield f"Returns {entry.returns}."
    if entry.throws:
        yield f"Throws {entry.throws}."


def _example(entry: Entry) -> str:
    if not entry.example:
        return ""
    shown = f"```js\n{entry.source}\n```"
    brought = "\n".join(entry.brings)
    return (
        f"{shown}\n\nPlayed over a request that works and one that fails, it brings\n\n```text\n{brought}\n```"
        if brought
        else shown
    )


def _table(entries: Iterable[Entry]) -> list[str]:
    rows = [f"| [`{entry.name}`]({file_of(entry)}) | {_cell(entry.text)} |" for entry in entries]
    return ["| name | what it does |", "|---|---|", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
