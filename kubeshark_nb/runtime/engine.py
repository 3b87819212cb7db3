"""The one door to the JavaScript engine: an interpreter that holds nothing but our core and the scripts.

dukpy's own interpreter shows scripts ``process.env``, ``require`` and ``call_python``. This one starts from the bare
native context, and its only callback is taken away from the global object before any script runs.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from dukpy import _dukpy

from kubeshark_nb.errors import KubesharkError

if TYPE_CHECKING:
    from collections.abc import Callable

CORE = Path(__file__).with_name("core.js")
VIEWS = Path(__file__).with_name("views.js")


class EngineError(KubesharkError):
    """JavaScript that threw: the engine's own text, ``Name: message`` and below it the stack."""


class Engine:
    """One QuickJS context.

    ``reply(name, arguments)`` answers every call of the core's ``native(name, ...)``: bytes of JSON in, bytes of JSON
    (or ``None``) out. The core is reachable only under a name nobody can list or guess.
    """

    def __init__(self, reply: Callable[[bytes, bytes], bytes | None]) -> None:
        self._ctx = _dukpy.create_context()
        self._reply = reply
        self._fault: BaseException | None = None
        self.key = f"core_{secrets.token_hex(16)}"
        core, views = (path.read_text(encoding="utf-8") for path in (CORE, VIEWS))
        self.run(f"const {self.key} = {core}\n(call_python,\n{views})")

    def run(self, code: str) -> Any:
        """The value of ``code``, through JSON.

        Raises:
            EngineError: it threw.
            InterruptError: the time limit or a stop ended it; the state of the interpreter is as it was then.
        """
        try:
            result = _dukpy.eval_string(self, code.encode("utf-8", "replace"), b"{}", False, "<dukpy>")
        except _dukpy.JSRuntimeError as error:
            fault, self._fault = self._fault, None
            if fault is not None:
                raise fault from None
            raise EngineError(str(error).rstrip()) from None
        return None if result is None else parsed(result)

    def call(self, member: str, *values: Any) -> Any:
        """``core.member(...values)``; values must have a JSON form."""
        arguments = ",".join(orjson.dumps(value).decode() for value in values)
        return self.run(f"{self.key}.hide(),{self.key}.{member}({arguments})")

    # What the native part calls: it asks whether a name is known, then hands over the arguments as JSON.
    def _check_exported_function_exists(self, _name: bytes) -> bool:
        return True

    def _call_python(self, name: bytes, arguments: bytes) -> bytes | None:
        try:
            return self._reply(name, arguments)
        except BaseException as error:
            self._fault = error
            raise


#: A signal handler may end the evaluation only when Python's innermost frame is this one: anywhere else an exception
#: would surface in JavaScript, where a script could catch it.
EVALUATING = Engine.run.__code__


def parsed(text: bytes) -> Any:
    """JSON that JavaScript wrote; lone surrogates, which JSON of other languages refuses, become U+FFFD."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        plain = json.dumps(json.loads(text), ensure_ascii=False)
        return orjson.loads(plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
