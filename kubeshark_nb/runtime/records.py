"""What came back with a pull: console lines and uncaught errors, with the place, time and item they belong to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from kubeshark_nb.model import ConsoleLine, HookError, Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubeshark_nb.runtime.batches import Batch
    from kubeshark_nb.runtime.scripts import Scripts

ERROR = "!"


class Sink(Protocol):
    """Where a node's output goes: console lines, and errors (each with how often it happened since the last)."""

    def console(self, line: ConsoleLine) -> None:
        """Take one line."""

    def error(self, error: HookError) -> None:
        """Take an error; ``count`` is the number of new occurrences."""


class Origin(NamedTuple):
    """Where records come from: the core's own words, then the script's name and line."""

    level: Any  # a Level, or "!"
    script: int
    hook: str
    stack: str
    name: str
    line: int


class Records:
    """Turns records of the core into `ConsoleLine` and `HookError`.

    An uncaught error is written to the console once per script, hook and place; after that it is only counted.
    """

    def __init__(self, scripts: Scripts, node: str, sink: Sink) -> None:
        self._scripts = scripts
        self._node = node
        self._sink = sink
        self.known: set[tuple[str, str, int, int, str]] = set()
        self._origins: list[Origin] = []
        self.lines = 0

    def take(self, records: Sequence[Any], batch: Batch) -> HookError | None:
        """Hand on ``records`` (three values each, see core.js) that happened during ``batch``.

        Returns the last error among them.
        """
        error = None
        console, node, origins = self._sink.console, self._node, self._origins
        latest = time_ns = -1
        item = ""
        for origin, event, text in zip(records[::3], records[1::3], records[2::3], strict=True):
            known = origins[origin] if isinstance(origin, int) else self._known_origin(*origin)
            if event != latest:
                latest, (time_ns, item) = event, batch.at(event)
            if known.level == ERROR:
                error = self.fail(known.script, known.hook, known.stack, text, time_ns, item)
                continue
            self.lines += 1
            console(ConsoleLine(known.level, text, time_ns, known.name, known.line, node, known.hook, item))
        return error

    def renew(self) -> None:
        """The interpreter was replaced: it numbers its origins anew."""
        self._origins.clear()

    def _known_origin(self, level: Level, script: int, hook: str, stack: str) -> Origin:
        place = self._scripts.position(stack)
        name = place.script or self._scripts.name(script)
        origin = Origin(level, script, hook, stack, name, place.line)
        self._origins.append(origin)
        return origin

    def print(  # noqa: PLR0913, PLR0917 - the fields of a line
        self, level: Level, text: str, time_ns: int, script: int = 0, hook: str = "", stack: str = "", item: str = ""
    ) -> None:
        """Write one line to the console."""
        self.lines += 1
        place = self._scripts.position(stack)
        name = place.script or self._scripts.name(script)
        self._sink.console(ConsoleLine(level, text, time_ns, name, place.line, self._node, hook, item))

    def fail(  # noqa: PLR0913, PLR0917 - the fields of an error
        self, script: int, hook: str, stack: str, text: str, time_ns: int, item: str
    ) -> HookError:
        """Count an uncaught error, and write its line the first time it happens at this place."""
        place = self._scripts.position(stack)
        name = place.script or self._scripts.name(script)
        error = HookError(
            name, place.line, place.column, hook, text, 1, item, time_ns, self._node, place.source_line,
            self._scripts.frames(stack),
        )  # fmt: skip
        key = (name, hook, place.line, place.column, "" if place.line else text)
        if not hook:
            return error  # at top level: the caller raises it
        if key not in self.known:
            self.known.add(key)
            shown = text if hook.startswith("job:") else f"(hook={hook}) {text}"
            self.lines += 1
            self._sink.console(ConsoleLine("error", shown, time_ns, name, place.line, self._node, hook, item))
        self._sink.error(error)
        return error

    def forget(self, script: str) -> None:
        """Errors of ``script`` are new again: it has been replaced."""
        self.known = {key for key in self.known if key[0] != script}


def merged(errors: dict[tuple[str, str, int, int, str], HookError], error: HookError) -> None:
    """Add ``error`` to the counted ``errors``, one per script, hook and place; the first keeps its item and frame."""
    key = (error.script, error.hook, error.line, error.column, "" if error.line else error.message)
    known = errors.get(key)
    errors[key] = replace(known, count=known.count + error.count) if known else error
