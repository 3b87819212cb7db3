"""Items that somebody else made: their columns, as far as the documents have them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from kubeshark_nb.items.item import Item

NS_PER_MS = 1_000_000


def foreign_item(document: bytes) -> Item | None:
    """The item in ``document`` (JSON of any shape that has a ``protocol``), ``None`` when there is none.

    The document stays as it is, but for its verdicts: scripts give new ones.
    """
    try:
        parsed = orjson.loads(document)
    except ValueError:
        return None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("protocol"), dict):
        return None
    kept = {key: value for key, value in parsed.items() if key not in ("passed", "failed")}
    time_ns = _time_ns(kept)
    elapsed = _number(kept.get("elapsedTime"))
    source, target = _member(kept, "src"), _member(kept, "dst")
    request, response = _member(kept, "request"), _member(kept, "response")
    return Item(
        ready_ns=time_ns + elapsed * NS_PER_MS,
        time_ns=time_ns,
        stream=_text(kept.get("stream")),
        index=_number(kept.get("index")),
        protocol=_text(kept["protocol"].get("abbr") or kept["protocol"].get("name")),
        src_ip=_text(source.get("ip")),
        src_port=_number(source.get("port")),
        src_name=_text(source.get("name")),
        src_namespace=_text(source.get("namespace")),
        dst_ip=_text(target.get("ip")),
        dst_port=_number(target.get("port")),
        dst_name=_text(target.get("name")),
        dst_namespace=_text(target.get("namespace")),
        method=_text(request.get("method") or kept.get("method")),
        path=_text(request.get("path") or kept.get("summary")),
        status=_number(response.get("status")),
        elapsed_us=elapsed * 1000,
        request_size=_number(kept.get("requestSize")),
        response_size=_number(kept.get("responseSize")),
        error=_text(_member(kept, "error").get("type")),
        tls=kept.get("tls") is True,
        json=orjson.dumps({**kept, "passed": False, "failed": False}),
    )


def _member(document: dict[str, Any], name: str) -> dict[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    """A whole number that a column can hold; 0 for anything else."""
    try:
        number = int(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if abs(number) < 1 << 53 else 0


def _time_ns(document: dict[str, Any]) -> int:
    if milliseconds := _number(document.get("timestamp")):
        return milliseconds * NS_PER_MS if milliseconds < 1 << 43 else 0
    try:
        return int(datetime.fromisoformat(_text(document.get("startTime"))).timestamp() * 1000) * NS_PER_MS
    except (ValueError, OverflowError):
        return 0
