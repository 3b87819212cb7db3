"""AMQP methods and contents (pamqp reads them) -> the members of an item (FACTS c.7)."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kubeshark_nb.items.compact import compact

if TYPE_CHECKING:
    from collections.abc import Iterator

# names that are not the camel case of pamqp's; "relyCode" is Kubeshark's spelling
RENAMED = {
    "nowait": "noWait",
    "exchange_type": "type",
    "message_type": "type",
    "global_": "global",
    ("Connection.Close", "reply_code"): "relyCode",
}
LEFT_OUT = frozenset(("ticket", "out_of_band", "channel_id", "capabilities", "insist", "known_hosts", "cluster_id"))
SUMMARIES = {
    "Connection.Start": "version",
    "Connection.Tune": "channel_max",
    "Connection.Open": "virtual_host",
    "Connection.Close": "reply_text",
    "Channel.Close": "reply_text",
    "Basic.Cancel": "consumer_tag",
    "Exchange.Bind": "destination",
    "Exchange.Unbind": "destination",
}
NUMBERS = frozenset(("delivery_mode", "priority"))
DEPTH = 16


def spoken(name: str) -> str:
    """``Queue.DeclareOk`` is ``queue declare-ok``."""
    kind, _, method = name.partition(".")
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in method).split()
    return f"{kind.lower()} {'-'.join(words)}"


def method_json(method: Any, properties: Any = None, body: bytes | None = None) -> bytes:
    """The member of a method; ``properties`` and ``body`` where it carries a content."""
    document: dict[str, Any] = {"method": spoken(method.name)}
    for name, value in method:
        if name not in LEFT_OUT:
            document[_shown(method.name, name)] = plain(value)
    if properties is not None:
        document["properties"] = dict(_properties(properties))
    if body is not None:
        document["body"] = base64.b64encode(body).decode()
    return compact(document)


def summary(method: Any) -> str:
    """What the item's row shows of a method."""
    name = SUMMARIES.get(method.name)
    if name == "version":
        return f"{method.version_major}.{method.version_minor}"
    if name is None:
        name = "queue" if hasattr(method, "queue") else "exchange"
    return str(plain(getattr(method, name, "")))


def plain(value: Any, depth: int = 0) -> Any:
    """A value of a table, in what JSON knows."""
    if isinstance(value, dict):
        return {str(key): plain(one, depth + 1) for key, one in value.items()} if depth < DEPTH else {}
    if isinstance(value, (list, tuple)):
        return [plain(one, depth + 1) for one in value] if depth < DEPTH else []
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return str(value)
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def _shown(method: str, name: str) -> str:
    first, *others = name.split("_")
    camel = first + "".join(word.capitalize() for word in others)
    return RENAMED.get((method, name)) or RENAMED.get(name) or camel


def _properties(properties: Any) -> Iterator[tuple[str, Any]]:
    for name, value in properties:
        if name not in LEFT_OUT:
            absent: Any = {} if name == "headers" else 0 if name in NUMBERS else ""
            yield _shown("", name), absent if value is None else plain(value)
