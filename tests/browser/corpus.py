"""Items, console lines and jobs made in the kernel for the browser tests, and a list that pages like the store."""

from __future__ import annotations

import json
from functools import cache

import pyarrow as pa

from kubeshark_nb.errors import KFLError
from kubeshark_nb.model import ConsoleLine, Effect, Job, JobRun

NS = 1_000_000_000
START = 1_700_000_000 * NS
COLOURS = {
    "HTTP": "#326de6",
    "DNS": "#606060",
    "REDIS": "#a41e11",
    "gRPC": "#244c5a",
    "KAFKA": "#000000",
    "GQL": "#e10098",
    "AMQP": "#ff6600",
}
KINDS = [
    ("HTTP", "GET", "/health", 200, 3000),
    ("HTTP", "GET", "/items?id=7", 200, 12400),
    ("DNS", "Query", "orders.shop.svc.cluster.local", 0, 420),
    ("HTTP", "POST", "/orders", 500, 40210),
    ("REDIS", "SET", "session:1", 0, 310),
    ("gRPC", "POST", "/shop.Cart/Add", 200, 8200),
    ("HTTP", "GET", "/missing", 404, 900),
    ("KAFKA", "Produce", "orders, audit", 0, 5100),
    ("GQL", "POST", "/graphql", 200, 22000),
    ("AMQP", "basic publish", "mail", 0, 0),
]


def row(number: int) -> dict:
    """The envelope of item ``number``."""
    protocol, method, path, status, elapsed = KINDS[number % len(KINDS)]
    stream = f"{number // 4 + 1:012d}.pcap"
    return {
        "id": f"10.0.0.1:30001/{stream}-{number % 4}",
        "node": "node-1",
        "stream": stream,
        "index": number % 4,
        "protocol": protocol,
        "time_ns": START + number * 137_000_000,
        "method": method,
        "path": path,
        "status": status,
        "src_ip": "10.0.0.5",
        "src_port": 50000 + number % 1000,
        "src_name": "client.shop",
        "src_namespace": "shop",
        "dst_ip": "10.0.0.9",
        "dst_port": 80,
        "dst_name": "" if number % 17 == 5 else "orders.shop",
        "dst_namespace": "shop",
        "elapsed_us": elapsed + number % 97,
        "request_size": 90 + number % 50,
        "response_size": 1200 + number % 5000,
        "passed": status == 200,
        "failed": status >= 500,
        "error": "timeout" if number % 41 == 40 else "",
        "tls": number % 5 == 1,
    }


class Listed:
    """A list of rows with the pages that a table asks for."""

    def __init__(self, rows: list[dict]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, which: slice) -> Listed:
        return Listed(self.rows[which])

    def page(self, start: int, count: int, sort: str = "") -> list[dict]:
        key = sort.lstrip("-")
        rows = sorted(self.rows, key=lambda one: one[key], reverse=sort.startswith("-")) if key else self.rows
        return rows[start : start + count]


def listed(count: int) -> Listed:
    return Listed([row(number) for number in range(count)])


def query_of(items: Listed):
    """A stand-in for KFL: every term ``name == value`` over the row, joined by ``and``."""
    names = {"response.status": "status", "request.path": "path", "request.method": "method", "http": "protocol"}

    def query(text: str, watch: object = None) -> Listed:
        found = items.rows
        for term in text.split(" and "):
            left, equals, right = term.partition("==")
            if not equals and left.strip() != "http":
                raise KFLError("expected a comparison after a name", line=1, column=len(left) + 1)
            name = names.get(left.strip(), left.strip().replace(".", "_"))
            wanted = right.strip().strip('"') if equals else "HTTP"
            found = [one for one in found if str(one.get(name)) == wanted]
        return Listed(found)

    return query


@cache
def body() -> str:
    import base64

    text = json.dumps({"orders": [{"id": at, "item": "tea", "price": 3.5, "paid": at % 2 == 0} for at in range(40)]})
    return base64.b64encode(text.encode()).decode()


def document(one: dict) -> dict:
    """An item's JSON for ``one`` row."""
    path, _, query = one["path"].partition("?")
    return {
        "id": one["id"],
        "index": one["index"],
        "stream": one["stream"],
        "worker": "10.0.0.1:30001",
        "node": {"ip": "10.0.0.1", "name": one["node"]},
        "protocol": {
            "name": "http" if one["status"] else one["protocol"].lower(),
            "abbr": one["protocol"],
            "longName": "Hypertext Transfer Protocol -- HTTP/1.1",
            "macro": "http",
            "backgroundColor": COLOURS[one["protocol"]],
            "foregroundColor": "#ffffff",
        },
        "tls": one["tls"],
        "src": {"ip": one["src_ip"], "port": str(one["src_port"]), "name": one["src_name"], "namespace": "shop"},
        "dst": {"ip": one["dst_ip"], "port": "80", "name": one["dst_name"], "namespace": "shop"},
        "namespace": "shop",
        "outgoing": False,
        "timestamp": one["time_ns"] // 1_000_000,
        "startTime": "2023-11-14T22:13:21.000Z",
        "request": {
            "method": one["method"],
            "url": one["path"],
            "path": path,
            "pathSegments": path.strip("/").split("/"),
            "httpVersion": "HTTP/1.1",
            "headers": {
                "Host": "orders.shop",
                "User-Agent": "curl/8.0",
                "Accept": "application/json",
                "X-Request-Id": "5e1f4c1e-8e1e-4a6e-9d1c-1a2b3c4d5e6f",
            },
            "cookies": {"sid": "1", "theme": "dark"},
            "queryString": dict([query.split("=")]) if query else {},
            "headersSize": -1,
            "bodySize": 17,
            "postData": {"mimeType": "application/json", "params": [], "text": '{"id": 7, "n": 2}'},
        },
        "response": {
            "status": one["status"],
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": {"Content-Type": "application/json", "Server": "nginx/1.26"},
            "cookies": {},
            "content": {
                "size": 2200,
                "mimeType": "application/json; charset=utf-8",
                "encoding": "base64",
                "text": body(),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": 2200,
        },
        "requestSize": one["request_size"],
        "responseSize": one["response_size"],
        "elapsedTime": one["elapsed_us"] // 1000,
        "passed": one["passed"],
        "failed": one["failed"],
        "error": None,
        "entryFile": "",
        "record": "",
    }


def detail(one: dict) -> dict:
    """What the session says about an item."""
    from dataclasses import asdict

    line = ConsoleLine(
        "error",
        f"{one['path']} answered {one['status']}",
        one["time_ns"],
        "alerts.js",
        12,
        "node-1",
        "onItemCaptured",
        one["id"],
    )
    effect = Effect(
        one["time_ns"],
        "vendor.slack",
        "#incidents",
        '{"text": "orders is failing"}',
        "recorded",
        "alerts.js",
        14,
        one["id"],
    )
    return {"document": document(one), "console": [asdict(line)], "effects": [asdict(effect)] if one["failed"] else []}


def console(count: int) -> list[ConsoleLine]:
    """Console lines of every kind."""
    texts = [
        ("log", "GET /health 200"),
        ("log", "\x1b[32mall good\x1b[0m and \x1b[1;31mthis is bold red\x1b[0m"),
        ("error", "(hook=onItemCaptured) ReferenceError: 'x' is not defined"),
        ("log", "a line\nwith a second line"),
        ("warning", "line 4: `let` is newer than ES5; Kubeshark may refuse it"),
        ("info", 'Scheduled the job: "report" for cron: "*/5 * * * * *" (limit: infinite)'),
        ("log", "again"),
        ("log", "again"),
        ("log", "again"),
    ]
    return [
        ConsoleLine(
            texts[at % 9][0],
            texts[at % 9][1],
            START + at * NS // 50,
            "alerts.js",
            3 + min(at % 9, 6),
            "node-1",
            "onItemCaptured",
            row(at)["id"],
        )  # type: ignore[arg-type]
        for at in range(count)
    ]


def jobs() -> list[Job]:
    history = tuple(
        JobRun(START + at * 5 * NS, 0.0021 + at / 1000, "TypeError: boom" if at % 4 == 3 else "", at % 3)
        for at in range(12)
    )
    return [
        Job(
            "report",
            "*/5 * * * * *",
            "alerts.js",
            "node-1",
            0,
            12,
            3,
            START + 60 * NS,
            START + 65 * NS,
            "TypeError: boom",
            0.0041,
            history=history,
        ),
        Job(
            "snapshot",
            "0 0 * * * *",
            "upload.js",
            "node-1",
            5,
            1,
            0,
            START + 30 * NS,
            START + 3600 * NS,
            "",
            0.42,
            running=True,
        ),
        Job("nightly", "@daily", "upload.js", "node-2", 0, 0, 0, 0, START + 86400 * NS, stopped=True),
    ]


def printed() -> list[ConsoleLine]:
    """What the runs of the job ``report`` wrote."""
    at = [START + run * 5 * NS + 1 for run in range(12) for _ in range(run % 3)]
    return [ConsoleLine("log", f"tick {time}", time, "alerts.js", 20, "node-1", "job:report") for time in at]


def effects() -> list[Effect]:
    calls = [
        ("vendor.slack", "#incidents", '{"text": "orders is failing"}', "recorded"),
        ("vendor.webhook", "http://hook/x", "POST body", "sent"),
        ("vendor.s3.put", "bucket/key", "", "refused"),
    ]
    return [
        Effect(START + at * NS, helper, target, request, status, "alerts.js", 10 + at, answer="ok")
        for at, (helper, target, request, status) in enumerate(calls)
    ]


def columns(count: int) -> pa.Table:
    """The columns of ``count`` items of a small shop, as the map and the timeline want them."""
    hops = [
        ("browser", "web.shop", "HTTP"),
        ("web.shop", "orders.shop", "HTTP"),
        ("orders.shop", "payments.shop", "gRPC"),
    ]
    hops += [
        ("orders.shop", "redis.shop", "REDIS"),
        ("web.shop", "kube-dns.kube-system", "DNS"),
        ("mobile", "web.shop", "HTTP"),
    ]
    chosen = [hops[at % len(hops)] for at in range(count)]
    made = {
        "time_ns": [START + at * NS // 20 for at in range(count)],
        "protocol": [hop[2] for hop in chosen],
        "src_name": [hop[0] for hop in chosen],
        "src_ip": ["10.0.0.1"] * count,
        "dst_name": [hop[1] for hop in chosen],
        "dst_ip": ["10.0.0.2"] * count,
        "status": [500 if at % 50 == 2 or (300 < at < 340 and at % 6 == 1) else 200 for at in range(count)],
        "failed": [False] * count,
        "elapsed_us": [(at * 7919) % 40_000 + (300_000 if at % 6 == 2 else 0) for at in range(count)],
        "error": [""] * count,
    }
    return pa.table(made)
