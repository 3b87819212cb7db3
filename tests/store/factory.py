"""Items made up for the tests of the store."""

from __future__ import annotations

from typing import Any

import orjson

from kubeshark_nb.items.item import Item

START = 1_700_000_000_000_000_000
SECRET = "canary-7f3a"


def document(number: int, stream: str, **changes: Any) -> dict[str, Any]:
    """An HTTP item as Kubeshark writes it; ``changes`` replace top-level members."""
    status = changes.pop("status", 200)
    return {
        "id": f"10.0.0.1:30001/{stream}-{number}",
        "index": number,
        "stream": stream,
        "worker": "10.0.0.1:30001",
        "node": {"ip": "10.0.0.1", "name": "node-1"},
        "protocol": {"name": "http", "version": "1.1", "abbr": "HTTP", "macro": "http", "backgroundColor": "#326de6"},
        "tls": False,
        "src": {"ip": "10.0.0.5", "port": "50001", "name": "client.shop", "namespace": "shop"},
        "dst": {"ip": "10.0.0.9", "port": "80", "name": "orders.shop", "namespace": "shop"},
        "namespace": "shop",
        "outgoing": False,
        "timestamp": 1700000000000 + number,
        "startTime": "2023-11-14T22:13:20.000Z",
        "request": {
            "method": "GET",
            "url": f"/items/{number}?token={SECRET}&page=2",
            "targetUri": f"/items/{number}?token={SECRET}&page=2",
            "path": f"/items/{number}",
            "pathSegments": ["items", str(number)],
            "httpVersion": "HTTP/1.1",
            "headers": {"Host": "orders.shop", "Authorization": f"Bearer {SECRET}", "X-Trace": f"trace-{number % 7}"},
            "cookies": {"sid": SECRET},
            "queryString": {"token": SECRET, "page": "2"},
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": status,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": {"Content-Type": "application/json"},
            "cookies": {},
            "content": {"size": 11, "mimeType": "application/json", "text": "eyJvayI6dHJ1ZX0=", "encoding": "base64"},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": 11,
        },
        "requestSize": 90,
        "responseSize": 120,
        "elapsedTime": 3,
        "passed": False,
        "failed": False,
        "error": None,
        "entryFile": "",
        "record": "",
        **changes,
    }


def envelope(whole: dict[str, Any], ready_ns: int) -> Item:
    """The item of a document."""
    protocol, src, dst = whole["protocol"]["abbr"], whole["src"], whole["dst"]
    request, response = whole["request"], whole["response"]
    is_http = whole["protocol"]["name"] == "http"
    return Item(
        ready_ns=ready_ns,
        time_ns=whole["timestamp"] * 1_000_000,
        stream=whole["stream"],
        index=whole["index"],
        protocol=protocol,
        src_ip=src["ip"],
        src_port=int(src["port"]),
        src_name=src["name"],
        src_namespace=src["namespace"],
        dst_ip=dst["ip"],
        dst_port=int(dst["port"]),
        dst_name=dst["name"],
        dst_namespace=dst["namespace"],
        method=str(request.get("method", "")) if is_http else "",
        path=str(request.get("path", "")) if is_http else "",
        status=response.get("status", 0) if is_http else 0,
        elapsed_us=whole["elapsedTime"] * 1000,
        request_size=whole["requestSize"],
        response_size=whole["responseSize"],
        error=whole["error"]["type"] if whole["error"] else "",
        tls=whole["tls"],
        json=orjson.dumps(whole),
    )


def http(number: int, stream: str = "000000000001.pcap", **changes: Any) -> Item:
    """The ``number``-th HTTP item of ``stream``, ready ``number`` ms after `START`."""
    return envelope(document(number, stream, **changes), START + number * 1_000_000)


def many(count: int, **changes: Any) -> list[Item]:
    """``count`` items, every tenth answered with 500."""
    return [http(number, **{"status": 500 if number % 10 == 0 else 200, **changes}) for number in range(count)]


def unjudged(items: list[Item]) -> list[tuple[bool, bool]]:
    """No script said anything."""
    return [(False, False)] * len(items)
