"""What a helper namespace is: a name, functions for scripts, and sometimes a part that lives in the interpreter.

A signature has one letter per argument, and says how JavaScript values become Python values, as Kubeshark's conversion
to static types does: ``s`` text by ``String()`` (``undefined`` becomes ``"undefined"``), ``S`` the same but ``None``
when absent or null, ``n`` a number or ``None``, ``b`` truth, ``o`` any JSON value, ``*`` all remaining arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kubeshark_nb.errors import KubesharkError
from kubeshark_nb.runtime.furniture import Furniture, Helper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from typing import Any

    Exports = Mapping[str, tuple[str, Callable[..., Any]]]


class HelperError(KubesharkError):
    """A helper refuses or fails; the script gets a JavaScript ``Error`` with this message."""


class Namespace(Protocol):
    """One name scripts see. ``javascript`` is a factory ``function (made, kit)``, or ``""``; see core.js `toolkit`."""

    name: str
    javascript: str

    def exports(self) -> Exports:
        """JavaScript name -> signature and function; ``scheduler.start`` is a name inside a name."""


def script_beside(module: str) -> str:
    """The JavaScript part of a helper: the file beside its module, its comment lines left out."""
    from pathlib import Path

    return _code(Path(module).with_suffix(".js"))


def _code(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip().rstrip(";")


def furniture(namespaces: Iterable[Namespace], hidden: Iterable[str] = ()) -> Furniture:
    """Everything the interpreter is equipped with. ``hidden`` functions are called by our own JavaScript only."""
    listed = list(namespaces)
    helpers = [
        Helper((*filter(None, [space.name]), *name.split(".")), function, signature)
        for space in listed
        for name, (signature, function) in space.exports().items()
    ]
    names = dict.fromkeys(path for space in listed for path in _roots(space))
    return Furniture(helpers, [s.javascript for s in listed if s.javascript], [*names, "env", "CONSTS", *hidden])


def _roots(space: Namespace) -> Iterable[str]:
    return [space.name] if space.name else list(space.exports())
