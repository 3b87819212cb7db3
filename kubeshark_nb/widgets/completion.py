"""Completion inside `%%kubeshark_script` cells, for every front end that asks the kernel.

The names and their help stand in ``script_api.json``, which the JupyterLab extension shows on hover as well.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

MAGIC = "%%kubeshark_script"
WORD = re.compile(r"[A-Za-z_$][\w$.]*$")


class Entry(NamedTuple):
    """A hook, helper or item field: its dotted ``name``, how it is called, ``hook``/``helper``/``field``, help text."""

    name: str
    signature: str
    kind: str
    text: str


@cache
def api() -> tuple[Entry, ...]:
    """Every name a script can use."""
    text = (Path(__file__).parent / "script_api.json").read_text(encoding="utf-8")
    return tuple(Entry(**entry) for entry in json.loads(text))


def completions(text: str, cursor: int) -> tuple[str, list[Entry]]:
    """The word before ``cursor`` in a script cell and what it may become; ``("", [])`` elsewhere."""
    if not text.startswith(MAGIC) or "\n" not in text[:cursor]:
        return "", []
    found = WORD.search(text[:cursor])
    if not found:
        return "", []
    return found[0], [entry for entry in api() if entry.name.startswith(found[0]) and entry.name != found[0]]


def add_completion(shell: InteractiveShell) -> None:
    """Let ``shell`` complete names in script cells; in other cells nothing changes."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    completer: Any = shell.Completer

    def kubeshark_script_matcher(context: Any) -> dict[str, Any]:
        lines = context.full_text.split("\n")
        before = sum(len(line) + 1 for line in lines[: context.cursor_line]) + context.cursor_position
        word, entries = completions(context.full_text, before)
        inside = context.full_text.startswith(MAGIC) and context.cursor_line > 0
        made = [SimpleCompletion(entry.name, type=entry.kind) for entry in entries]
        return {"completions": made, "matched_fragment": word, "suppress": inside}

    completer.custom_matchers.append(context_matcher()(kubeshark_script_matcher))
