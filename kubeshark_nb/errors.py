"""One exception type per layer, one base.

Every message is one line that says what happened, where, and what to do about it. A magic shows the message and
nothing else; a traceback of ours in a user's cell means that the bug is ours.
"""

from __future__ import annotations

from kubeshark_nb.named import masked


class KubesharkError(Exception):
    """Base of everything this package raises on purpose. Can be pickled: a node's errors reach the kernel."""

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[KubesharkError], args: tuple[object, ...], state: dict[str, object]) -> KubesharkError:
    """The same error in another process; its message is finished, so ``__init__`` must not run again."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class CaptureError(KubesharkError):
    """A capture cannot be read.

    Attributes:
        file: what was being read, as the user named it, but for what is secret in an address; ``""`` when no file is
            involved.
        packet: 1-based number of the offending packet, or ``None``.
    """

    def __init__(self, message: str, *, file: str = "", packet: int | None = None) -> None:
        self.file = masked(file)
        place = f"{self.file}: " if file else ""
        number = f"packet {packet}: " if packet is not None else ""
        super().__init__(f"{place}{number}{message.replace(file, self.file) if file else message}")
        self.packet = packet


class ScriptError(KubesharkError):
    """A script does not load, or code run in it threw.

    Attributes:
        name: the script's name.
        line, column: 1-based position in the script as the user wrote it; ``None`` when the engine gives none.
        message: the JavaScript error, for example ``SyntaxError: unexpected token``.
        source_line: the text of that line, ``""`` when unknown.
    """

    def __init__(
        self,
        name: str,
        line: int | None,
        column: int | None,
        message: str,
        source_line: str = "",
    ) -> None:
        self.name = name
        self.line = line
        self.column = column
        self.message = message
        self.source_line = source_line
        super().__init__(self._text())

    def _text(self) -> str:
        place = ":".join(str(part) for part in (self.name, self.line, self.column) if part is not None)
        text = f"{place}: {self.message}"
        if not self.source_line:
            return text
        shown = self.source_line.expandtabs(1)
        caret = f"\n    {' ' * (self.column - 1)}^" if self.column else ""
        return f"{text}\n    {shown}{caret}"


class KFLError(KubesharkError):
    """A query cannot be parsed, typed or run.

    Attributes:
        line, column: 1-based, in characters of the query.
        message: the reason without the position.
    """

    def __init__(self, message: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(f"{line}:{column}: {message}")
        self.message = message
        self.line = line
        self.column = column


class VendorError(KubesharkError):
    """A third-party service refused, failed or could not be reached. Never contains a secret."""


class StoreError(KubesharkError):
    """Stored items cannot be read or written."""


class NodeError(KubesharkError):
    """A node process died, was stopped, or did not answer."""
