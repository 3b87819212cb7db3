"""The scripts of a session: what each was loaded with, in the order in which hooks see events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubeshark_nb.errors import ScriptError
from kubeshark_nb.followed import Followed
from kubeshark_nb.node.spec import ScriptSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class Scripts(dict[str, ScriptSpec]):
    """By name. ``env`` gives the entries that every script gets: as they are when it is made."""

    def __init__(self, env: Callable[[], Mapping[str, object]]) -> None:
        super().__init__()
        self._env = env
        self._followed = Followed()

    def made(self, name: str, source: str, env: Mapping[str, object] | None) -> ScriptSpec:
        """A script, not loaded yet. Raises ScriptError, and VendorError when a secret of its ``env`` is not there."""
        from kubeshark_nb.vendors.lookup import looked_up

        return ScriptSpec(name, source, looked_up({**self._env(), **(env or {})}))

    def remove(self, name: str) -> None:
        """Raises ScriptError when there is none of that name."""
        if self.pop(name, None) is None:
            known = ", ".join(self) or "none"
            raise ScriptError(name, None, None, f"no script of that name is loaded (loaded: {known})")

    def source(self, name: str) -> str | None:
        """The source of the script of this name, ``None`` when none is loaded."""
        return self[name].source if name in self else None

    def mention(self, word: str) -> bool:
        """Whether one of them has ``word`` in its source."""
        return any(word in script.source for script in self.values())

    def follow(self, path: Path, text: str) -> None:
        """From now on the script called like the file is what the file says."""
        self._followed.follow(path, text)

    def refresh(self) -> None:
        """Scripts of files become what the files say. Raises ScriptError: a file cannot be read."""
        for name, text in self._followed.changes({name: script.source for name, script in self.items()}):
            if text:
                self[name] = replace(self[name], source=text)
            else:
                del self[name]
