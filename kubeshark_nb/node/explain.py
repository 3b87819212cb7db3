"""What the scripts do with one item: every console line, verdict, error and effect it causes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import orjson

from kubeshark_nb.items.item import Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kubeshark_nb.model import ConsoleLine, Effect, HookError
    from kubeshark_nb.vendors.secrets import Secrets


class Sink(Protocol):
    """Where a node's output goes."""

    def console(self, line: ConsoleLine) -> None:
        """Take a console line."""

    def effect(self, effect: Effect) -> None:
        """Take a vendor call."""

    def error(self, error: HookError) -> None:
        """Take an error with the number of its new occurrences."""


@dataclass(slots=True)
class Explanation:
    """``replaced`` is the document ``onItemQueried`` put in the item's place, ``None`` when it left it."""

    passed: bool = False
    failed: bool = False
    lines: list[ConsoleLine] = field(default_factory=list)
    errors: list[HookError] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    replaced: bytes | None = None

    def __str__(self) -> str:
        verdicts = [name for name in ("passed", "failed") if getattr(self, name)]
        said = [f"{line.script}:{line.line} {line.level}: {line.text}" for line in self.lines]
        calls = [
            f"{effect.script}:{effect.line} {effect.helper} {effect.target}: {effect.status}" for effect in self.effects
        ]
        changed = ["shown as another document (onItemQueried)"] if self.replaced is not None else []
        return "\n".join([" and ".join(verdicts) or "no verdict", *said, *calls, *changed])

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 - IPython's signature
        printer.text(str(self))


class Relay:
    """A sink that hides secrets, then hands everything on, or keeps it for an explanation while there is one."""

    def __init__(self, sink: Sink, secrets: Secrets) -> None:
        self._sink = sink
        self._secrets = secrets
        self.explanation: Explanation | None = None

    def console(self, line: ConsoleLine) -> None:
        """See `Sink`."""
        text = self._secrets.scrub(line.text)
        line = line if text == line.text else replace(line, text=text)
        if self.explanation is None:
            self._sink.console(line)
        else:
            self.explanation.lines.append(line)

    def effect(self, effect: Effect) -> None:
        """See `Sink`."""
        if self.explanation is None:
            self._sink.effect(effect)
        else:
            self.explanation.effects.append(effect)

    def error(self, error: HookError) -> None:
        """See `Sink`."""
        hide = self._secrets.scrub
        error = replace(
            error, message=hide(error.message), source_line=hide(error.source_line), frame=hide(error.frame)
        )
        if self.explanation is None:
            self._sink.error(error)
        else:
            self.explanation.errors.append(error)


class NoPackets:
    """Packet columns with no rows."""

    time_ns: NDArray[np.int64] = np.empty(0, dtype=np.int64)
    captured = time_ns
    length = time_ns
    fragmented: NDArray[np.bool_] = np.empty(0, dtype=np.bool_)

    def __len__(self) -> int:
        return 0


class OneItem:
    """A window that holds one item and ends before anything falls due."""

    end_ns = 0
    packets = NoPackets()

    def __init__(self, document: bytes, now: int) -> None:
        parsed = orjson.loads(document)
        self.items: Sequence[Item] = [
            Item(
                now, now, str(parsed.get("stream", "")), int(parsed.get("index", 0)),
                "", "", 0, "", "", "", 0, "", "", "", "", 0, 0, 0, 0, "", False, document,
            )
        ]  # fmt: skip
