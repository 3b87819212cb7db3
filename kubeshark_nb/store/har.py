"""HTTP items as an HTTP Archive (HAR 1.2), for browsers' developer tools, proxies and load testers.

Format: http://www.softwareishard.com/blog/har-12-spec/. Kubeshark's own facts that HAR has no member for stand in
members that begin with ``_``, as the format asks of extensions.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.kfl.redact import REDACTED
from kubeshark_nb.store.files import Export, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.store.view import View

Message = dict[str, Any]


def har(view: View, path: str | Path) -> Export:
    """Every HTTP, HTTP/2, gRPC and GraphQL item as an entry, in the order of the view; the others are left out.

    Raises:
        StoreError: the file cannot be written.
    """
    count = 0
    with written(path) as temporary, temporary.open("wb") as file:
        file.write(b'{"log":{"version":"1.2","creator":' + orjson.dumps(_creator()) + b',"entries":[')
        for entry in _entries(view):
            file.write((b",\n" if count else b"\n") + orjson.dumps(entry))
            count += 1
        file.write(b"\n]}}\n")
    return Export(Path(path), count, len(view) - count, view.redaction is not None)


def entry_of(item: Message) -> Message:
    """One HAR entry; ``item`` is an HTTP item's document. What a script or a redaction left odd gets HAR's default."""
    elapsed = max(_number(item.get("elapsedTime"), 0), 0)
    src, dst = _object(item.get("src")), _object(item.get("dst"))
    return {
        "startedDateTime": _started(_number(item.get("timestamp"), 0)),
        "time": elapsed,
        "request": _request(item, dst),
        "response": _response(_object(item.get("response")), item["request"].get("httpVersion")),
        "cache": {},
        "timings": {"blocked": -1, "dns": -1, "connect": -1, "send": 0, "wait": elapsed, "receive": 0, "ssl": -1},
        "serverIPAddress": str(dst.get("ip", "")),
        "connection": str(item.get("stream", "")),
        "comment": f"{src.get('name') or src.get('ip')} to {dst.get('name') or dst.get('ip')}",
        "_id": item.get("id"),
        "_protocol": item["protocol"].get("abbr"),
        "_passed": item.get("passed", False),
        "_failed": item.get("failed", False),
        "_error": item.get("error"),
    }


def _entries(view: View) -> Iterator[Message]:
    for chunk in view.chunks():
        for document in chunk.documents():
            item = orjson.loads(document)
            if _object(item.get("protocol")).get("name") == "http" and "method" in _object(item.get("request")):
                yield entry_of(item)


def _creator() -> Message:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return {"name": "kubeshark_nb", "version": version("kubeshark-nb")}
    except PackageNotFoundError:  # run from a source folder
        return {"name": "kubeshark_nb", "version": "0"}


def _started(timestamp_ms: float) -> str:
    moment = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _request(item: Message, dst: Message) -> Message:
    request = item["request"]
    message = {
        "method": str(request["method"]),
        "url": _absolute(request, dst, tls=bool(item.get("tls"))),
        "httpVersion": str(request.get("httpVersion", "")),
        **_heads(request),
        "queryString": _pairs(request.get("queryString")),
    }
    data = _object(request.get("postData"))
    return message | {"postData": _post_data(data)} if data else message


def _absolute(request: Message, dst: Message, *, tls: bool) -> str:
    """The request's whole URL: HAR knows no other."""
    target = str(request.get("url") or request.get("path") or "/")
    if "://" in target.partition("?")[0]:
        return target
    headers = {pair["name"].lower(): pair["value"] for pair in _pairs(request.get("headers"))}
    ip = str(dst.get("ip", ""))
    host = headers.get("host") or headers.get(":authority") or f"{f'[{ip}]' if ':' in ip else ip}:{dst.get('port', '')}"
    return f"{'https' if tls else 'http'}://{host}{'' if target.startswith('/') else '/'}{target}"


def _response(response: Message, version: Any) -> Message:
    """The response; an item without one (half a conversation) gets status 0, as browsers write it."""
    return {
        "status": _number(response.get("status"), 0),
        "statusText": str(response.get("statusText", "")),
        "httpVersion": str(response.get("httpVersion", version or "")),
        **_heads(response),
        "content": _content(_object(response.get("content"))),
        "redirectURL": str(response.get("redirectURL", "")),
    }


def _heads(message: Message) -> Message:
    return {
        "cookies": _pairs(message.get("cookies")),
        "headers": _pairs(message.get("headers")),
        "headersSize": _number(message.get("headersSize"), -1),
        "bodySize": _number(message.get("bodySize"), -1),
    }


def _pairs(values: Any) -> list[Message]:
    """A map of names to a text or several, or a list of {name, value}, as the latter with texts."""
    if isinstance(values, list):
        pairs = [(each.get("name", ""), each.get("value", "")) for each in values if isinstance(each, dict)]
    else:
        pairs = list(_object(values).items())
    return [
        {"name": str(name), "value": str(each)}
        for name, value in pairs
        for each in (value if isinstance(value, list) else [value])
    ]


def _post_data(data: Message) -> Message:
    """HAR has no encoding for request bodies: Base64 text keeps the mark that browsers use."""
    fields = [each for each in data.get("params") or [] if isinstance(each, dict)]
    params = [{"name": "", **{key: str(value) for key, value in each.items() if value is not None}} for each in fields]
    message = {"mimeType": str(data.get("mimeType", "")), "params": params, "text": str(data.get("text", ""))}
    return message | {"_encoding": data["encoding"]} if data.get("encoding") else message


def _content(content: Message) -> Message:
    """The body, as text where it is text."""
    made = {"size": _number(content.get("size"), 0), "mimeType": str(content.get("mimeType", ""))}
    text = content.get("text")
    if not isinstance(text, str):
        return made
    if content.get("encoding") != "base64" or text == REDACTED:
        return made | {"text": text}
    try:
        return made | {"text": base64.b64decode(text, validate=True).decode()}
    except ValueError:  # binary
        return made | {"text": text, "encoding": "base64"}


def _object(value: Any) -> Message:
    return value if isinstance(value, dict) else {}


def _number(value: Any, default: int) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default
