"""Help on the name under the cursor (Shift-Tab, `inspect_request`) in script cells and queries.

IPython knows only Python's objects, so the kernel is asked first whether the cursor is on one of our names.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from kubeshark_nb.widgets.api import kfl_api, lookup, script_api
from kubeshark_nb.widgets.cursor import cursor_in
from kubeshark_nb.widgets.reference import contents, page, plain, unlinked

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from kubeshark_nb.widgets.api import Entry


class Help:
    """A page of the reference that displays itself: Markdown in a notebook, text in a terminal."""

    def __init__(self, markdown: str, text: str) -> None:
        self._markdown = markdown
        self._text = text

    def _repr_markdown_(self) -> str:
        return self._markdown

    def __repr__(self) -> str:
        return self._text


def help_on(name: str) -> Help:
    """The page of a hook, helper, field or name of KFL; the contents without a name.

    Raises:
        LookupError: there is no such name; the message has the nearest ones.
    """
    if not name:
        listed = "\n".join(f"{entry.signature}  {entry.text}" for entry in script_api() if entry.kind != "field")
        return Help(unlinked(contents()), listed)
    entry = lookup(name, script_api()) or lookup(name, kfl_api())
    if entry is None:
        known = [each.name for each in (*script_api(), *kfl_api())]
        near = difflib.get_close_matches(name, dict.fromkeys(known), 3) or [each for each in known if name in each][:3]
        raise LookupError(f"there is no {name!r}" + (f"; there is {', '.join(near)}" if near else ""))
    return Help(unlinked(page(entry)), plain(entry))


def inspected(text: str, position: int) -> Entry | None:
    """What the name at ``position`` of a cell's ``text`` is; ``None`` for everything that is not ours."""
    return cursor_in(text, position).entry()


def add_inspection(shell: InteractiveShell) -> None:
    """Let the kernel around ``shell`` answer for our names; a shell without a kernel has ``%kubeshark_help`` only."""
    kernel: Any = getattr(shell, "kernel", None)
    if kernel is None or hasattr(kernel, ASKED):
        return
    ask = kernel.do_inspect
    setattr(kernel, ASKED, ask)

    def do_inspect(code: str, cursor_pos: int, *rest: Any, **options: Any) -> Any:
        entry = inspected(code, cursor_pos)
        if entry is None:
            return ask(code, cursor_pos, *rest, **options)
        data = {"text/plain": plain(entry), "text/markdown": unlinked(page(entry))}
        return {"status": "ok", "found": True, "data": data, "metadata": {}}

    kernel.do_inspect = do_inspect


ASKED = "_kubeshark_nb_do_inspect"  # the kernel's own answer
