"""Scripts that came from files: before every run they are as the files are then (``scripting.watchScripts``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.node.config import script_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Followed:
    """Files by script name, with the text each had when it was last read."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[Path, str]] = {}

    def follow(self, path: Path, text: str) -> None:
        """From now on the script called like the file is what the file says."""
        self._files[path.name] = path, text

    def changes(self, loaded: dict[str, str]) -> Iterator[tuple[str, str]]:
        """Name and new text of scripts whose file has changed; ``""`` where the file is gone.

        ``loaded`` has the sources by name: a script that was replaced or unloaded by hand is followed no longer.

        Raises:
            ScriptError: a file cannot be read.
        """
        for name, (path, text) in list(self._files.items()):
            if loaded.get(name) != text:
                del self._files[name]
            elif not path.is_file():
                del self._files[name]
                yield name, ""
            elif (now := script_text(path)) != text:
                self._files[name] = path, now
                yield name, now
