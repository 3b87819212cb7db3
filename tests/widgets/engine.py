"""The pure functions of `widgets/static/`, run in a real JavaScript engine without a page."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import dukpy

from kubeshark_nb.widgets.bundle import EXPORT, IMPORT, STATIC, order


@cache
def _interpreter(entry: str) -> dukpy.JSInterpreter:
    engine = dukpy.JSInterpreter()
    texts = [EXPORT.sub("", IMPORT.sub("", (STATIC / name).read_text(encoding="utf-8"))) for name in order(entry)]
    engine.evaljs("\n".join(texts))
    return engine


def call(entry: str, expression: str, **values: Any) -> Any:
    """The value of ``expression`` with the functions of module ``entry``, its imports, and ``values`` at hand."""
    engine = _interpreter(entry)
    given = "".join(f"var {name} = JSON.parse({json.dumps(json.dumps(value))});" for name, value in values.items())
    return json.loads(
        engine.evaljs(f"(function () {{ {given} return JSON.stringify({{ value: {expression} }}); }})()")
    )["value"]
