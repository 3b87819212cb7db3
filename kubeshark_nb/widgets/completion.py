"""Completion in script cells and queries, for every front end that asks the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.widgets.cursor import cursor_in

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from kubeshark_nb.widgets.api import Entry


def completions(text: str, position: int) -> tuple[str, list[Entry]]:
    """The word before ``position`` in a script or query and what it may become; ``("", [])`` elsewhere."""
    cursor = cursor_in(text, position)
    if not cursor.word:
        return "", []
    return cursor.word, [entry for entry in cursor.entries if entry.name.startswith(cursor.word)]


def add_completion(shell: InteractiveShell) -> None:
    """Let ``shell`` complete names in scripts and queries; elsewhere nothing changes."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    completer: Any = shell.Completer
    if any(getattr(matcher, "matcher_identifier", "") == MATCHER for matcher in completer.custom_matchers):
        return  # %reload_ext comes here again

    def match(context: Any) -> dict[str, Any]:
        lines = context.full_text.split("\n")
        before = sum(len(line) + 1 for line in lines[: context.cursor_line]) + context.cursor_position
        word, entries = completions(context.full_text, before)
        inside = bool(cursor_in(context.full_text, before).language)
        made = [SimpleCompletion(entry.name, type=entry.kind) for entry in entries]
        return {"completions": made, "matched_fragment": word, "suppress": inside}

    completer.custom_matchers.append(context_matcher(identifier=MATCHER)(match))


MATCHER = "kubeshark_nb"
