"""Reading and writing the variables of scripts: their own at top level, and the shared ones on ``this``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.runtime.scripts import IDENTIFIER

if TYPE_CHECKING:
    from kubeshark_nb.runtime.pump import Pump

ABSENT = "\u0000absent"


class Variables:
    """By name, looked up in the scripts in script-index order and then among the shared ones."""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump

    def names(self) -> list[str]:
        """All names, functions included."""
        own = [name for script in self._pump.scripts for name in script.syntax.names]
        shared: list[str] = self._pump.evaluate("return core.shared()")
        return list(dict.fromkeys([*own, *shared]))

    def read(self, name: str) -> Any:
        """The value through JSON: functions as their text, ``undefined`` as ``None``. Raises KeyError."""
        self._check(name)
        owner = self._owner(name)
        target = f"core.look({owner},{_quoted(name)})" if owner else f"core.sharedValue({_quoted(name)})"
        value = self._pump.evaluate(f"return core.plain({target})")
        if value == ABSENT:
            raise KeyError(name)
        return value

    def write(self, name: str, value: Any) -> None:
        """Set it to a JSON value; a name no script declares becomes a shared one.

        Raises:
            KeyError: that is no name.
        """
        self._check(name)
        owner = self._owner(name)
        literal = orjson.dumps(value).decode().replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
        if owner:
            self._pump.evaluate(f"core.look({owner},{_quoted(f'{name}=({literal});0')});return 0")
        else:
            self._pump.evaluate(f"core.globals[{_quoted(name)}]=({literal});return 0")

    def _owner(self, name: str) -> int:
        return next((script.id for script in self._pump.scripts if name in script.syntax.names), 0)

    def _check(self, name: str) -> None:
        if not IDENTIFIER.fullmatch(name):
            raise KeyError(name)


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
