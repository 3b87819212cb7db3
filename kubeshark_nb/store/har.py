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
    """One HAR entry; ``item`` is an HTTP item's document."""
    elapsed = max(item.get("elapsedTime") or 0, 0)
    return {
        "startedDateTime": _started(item),
        "time": elapsed,
        "request": _request(item),
        "response": _response(item.get("response") or {}, item["request"].get("httpVersion", "")),
        "cache": {},
        "timings": {"blocked": -1, "dns": -1, "connect": -1, "send": 0, "wait": elapsed, "receive": 0, "ssl": -1},
        "serverIPAddress": item["dst"]["ip"],
        "connection": str(item.get("stream", "")),
        "comment": f"{item['src'].get('name') or item['src']['ip']} to {item['dst'].get('name') or item['dst']['ip']}",
        "_id": item["id"],
        "_protocol": item["protocol"]["abbr"],
        "_passed": item.get("passed", False),
        "_failed": item.get("failed", False),
        "_error": item.get("error"),
    }


def _entries(view: View) -> Iterator[Message]:
    for chunk in view.chunks():
        for document in chunk.documents():
            item = orjson.loads(document)
            if (item.get("protocol") or {}).get("name") == "http" and "method" in (item.get("request") or {}):
                yield entry_of(item)


def _creator() -> Message:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return {"name": "kubeshark_nb", "version": version("kubeshark-nb")}
    except PackageNotFoundError:  # run from a source folder
        return {"name": "kubeshark_nb", "version": "0"}


def _started(item: Message) -> str:
    moment = datetime.fromtimestamp((item.get("timestamp") or 0) / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _request(item: Message) -> Message:
    request = item["request"]
    message = {
        "method": request["method"],
        "url": _absolute(item),
        "httpVersion": request.get("httpVersion", ""),
        **_heads(request),
        "queryString": _pairs(request.get("queryString")),
    }
    data = request.get("postData")
    return message | {"postData": _post_data(data)} if data else message


def _absolute(item: Message) -> str:
    """The request's whole URL: HAR knows no other."""
    request = item["request"]
    target = request.get("url") or request.get("path") or "/"
    if "://" in target.partition("?")[0]:
        return str(target)
    headers = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    dst = item["dst"]
    host = headers.get("host") or headers.get(":authority") or f"{_bracketed(dst['ip'])}:{dst['port']}"
    return f"{'https' if item.get('tls') else 'http'}://{host}{'' if target.startswith('/') else '/'}{target}"


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _response(response: Message, version: str) -> Message:
    """The response; an item without one (half a conversation) gets status 0, as browsers write it."""
    return {
        "status": response.get("status", 0),
        "statusText": response.get("statusText", ""),
        "httpVersion": response.get("httpVersion", version),
        **_heads(response),
        "content": _content(response.get("content") or {}),
        "redirectURL": response.get("redirectURL", ""),
    }


def _heads(message: Message) -> Message:
    return {
        "cookies": _pairs(message.get("cookies")),
        "headers": _pairs(message.get("headers")),
        "headersSize": message.get("headersSize", -1),
        "bodySize": message.get("bodySize", -1),
    }


def _pairs(values: Any) -> list[Message]:
    """A map of names to a text or several, as a list of {name, value}."""
    found: list[Message] = []
    for name, value in (values or {}).items():
        several = value if isinstance(value, list) else [value]
        found.extend({"name": name, "value": str(each)} for each in several)
    return found


def _post_data(data: Message) -> Message:
    """HAR has no encoding for request bodies: Base64 text keeps the mark that browsers use."""
    params = [
        {key: str(value) for key, value in each.items() if value is not None} for each in data.get("params") or []
    ]
    message = {"mimeType": data.get("mimeType", ""), "params": params, "text": data.get("text", "")}
    return message | {"_encoding": data["encoding"]} if data.get("encoding") else message


def _content(content: Message) -> Message:
    """The body, as text where it is text."""
    made = {"size": content.get("size", 0), "mimeType": content.get("mimeType", "")}
    if "text" not in content:
        return made
    if content.get("encoding") != "base64":
        return made | {"text": content["text"]}
    try:
        return made | {"text": base64.b64decode(content["text"], validate=True).decode()}
    except ValueError:  # binary, or cut short, or redacted
        return made | {"text": content["text"], "encoding": "base64"}
