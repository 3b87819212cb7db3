"""Random item documents of a regular shape, and random queries about them."""

from __future__ import annotations

from hypothesis import strategies as st

PROTOCOLS = [
    ("http", "HTTP"),
    ("http", "HTTP/2"),
    ("http", "gRPC"),
    ("http", "GQL"),
    ("dns", "DNS"),
    ("redis", "REDIS"),
    ("amqp", "AMQP"),
    ("kafka", "KAFKA"),
    ("tcp", "TCP"),
]
TEXTS = [
    "",
    "GET",
    "POST",
    "/",
    "/api/x",
    "/false",
    "false",
    "f",
    "5",
    "80",
    "10.0.0.1",
    "10.0.0.2",
    "a.shop",
    "HTTP",
    "é",
    "true",
]
NUMBERS = [0, 1, 5, 80, 200, 404, 500, 8080, 1700000000000, 1700000000001]


@st.composite
def documents(draw):
    """An item as its JSON is parsed."""
    name, abbr = draw(st.sampled_from(PROTOCOLS))
    error = draw(st.sampled_from([None, {"type": "timeout", "msg": "5"}, {"type": "", "msg": ""}]))
    return {
        "id": "w/s-0",
        "index": draw(st.sampled_from([0, 1, 5])),
        "stream": draw(st.sampled_from(["000000000001.pcap", "5"])),
        "protocol": {"name": name, "abbr": abbr},
        "tls": draw(st.booleans()),
        "src": draw(peers()),
        "dst": draw(peers()),
        "timestamp": draw(st.sampled_from(NUMBERS)),
        "request": draw(requests()),
        "response": draw(st.sampled_from([None, {}, {"status": 500}, {"status": 404, "headers": {}}, {"status": 0}])),
        "requestSize": draw(st.sampled_from(NUMBERS)),
        "responseSize": draw(st.sampled_from(NUMBERS)),
        "elapsedTime": draw(st.sampled_from(NUMBERS)),
        "passed": draw(st.booleans()),
        "failed": draw(st.booleans()),
        "error": error,
    }


@st.composite
def peers(draw):
    text = st.sampled_from(TEXTS)
    port = st.sampled_from(["", "0", "5", "80", "8080"])
    return {"ip": draw(text), "port": draw(port), "name": draw(text), "namespace": draw(text)}


@st.composite
def requests(draw):
    kept = draw(st.sets(st.sampled_from(["method", "path", "headers"])))
    request = {
        "method": draw(st.sampled_from(TEXTS)),
        "path": draw(st.sampled_from(TEXTS)),
        "headers": {"Host": draw(st.sampled_from(TEXTS)), "n": draw(st.sampled_from([True, None, 5, 1.5, ["GET"]]))},
    }
    return {name: request[name] for name in kept}


PATHS = [
    "protocol.abbr", "protocol.name", "stream", "index", "src.ip", "src.port", "src.name", "dst.namespace", "dst.port",
    "request.method", "request.path", "response.status", "elapsedTime", "timestamp", "requestSize", "error.type", "tls",
    "passed", "failed", "missing", 'request.headers["Host"]', 'request.headers["n"]',
    "request.headers.*", "error.msg", "request..Host",
]  # fmt: skip
MACROS = ["http", "http2", "grpc", "dns", "redis", "kafka", "tls", "error", "https", "tcp"]


def literals():
    texts = st.sampled_from([f'"{text}"' for text in TEXTS] + ['"timeout"', '"http"', '"redis"', '"nosuch"', '"080"'])
    numbers = st.sampled_from([str(number) for number in NUMBERS] + ["-1", "500.0", "404.5", "5.0000001", "1e30"])
    return st.one_of(texts, numbers, st.sampled_from(["true", "false", "nil", 'r"^/"', 'r"5"', "now()", "now"]))


@st.composite
def terms(draw):
    path = draw(st.sampled_from(PATHS))
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return draw(
            st.sampled_from([*MACROS, "limit(3)", "true", "false", 'redact("request.path", "src.ip", "..name")'])
        )
    if kind == 1:
        return path
    if kind == 2:
        return f"{path}.{draw(st.sampled_from(['startsWith', 'endsWith', 'contains']))}({draw(literals())})"
    op = draw(st.sampled_from(["==", "==", "!=", "<", "<=", ">", ">="]))
    sides = [path, draw(st.one_of(literals(), st.sampled_from(PATHS)) if kind == 3 else literals())]
    if draw(st.booleans()) and kind > 7:
        sides.reverse()
    return f" {op} ".join(sides)


def queries():
    """KFL 1 text of a few terms, in every combination of operators and parentheses."""

    def extended(inner):
        joined = st.lists(inner, min_size=2, max_size=4).flatmap(
            lambda parts: st.lists(
                st.sampled_from(["and", "or"]), min_size=len(parts) - 1, max_size=len(parts) - 1
            ).map(lambda ops: "".join(f"{part} {op} " for part, op in zip(parts, [*ops, ""], strict=True)).strip())
        )
        return st.one_of(inner.map("({})".format), inner.map("!({})".format), inner.map("!{}".format), joined)

    return st.recursive(terms(), extended, max_leaves=6)


VARIABLES = [
    ("http", "bool"), ("tls", "bool"), ("redis", "bool"), ("grpc", "bool"), ("dns", "bool"), ("tcp", "bool"),
    ("protocol", "string"), ("src.ip", "string"), ("dst.name", "string"), ("stream", "string"), ("method", "string"),
    ("path", "string"), ("src.port", "int"), ("status_code", "int"), ("index", "int"), ("elapsed_time", "int"),
    ("timestamp", "timestamp"), ("src.pod.name", "string"), ("request_body_size", "int"),
    ('map_get(request.headers, "host", "")', "string"), ("1 / index", "int"),
]  # fmt: skip
CONSTANTS = {
    "string": [f'"{text}"' for text in TEXTS] + ['"http"', '"redis"'],
    "int": [str(number) for number in NUMBERS] + ["-1", "4999", "5000", "5001", "1e30"],
    "timestamp": [
        "now()",
        'timestamp("2023-11-14T22:13:20Z")',
        'timestamp("2023-11-14T22:13:20.0005Z")',
        "timestamp(0)",
    ],
}


@st.composite
def terms2(draw):
    name, kind = draw(st.sampled_from(VARIABLES))
    if kind == "bool":
        return draw(st.sampled_from([name, f"!{name}"]))
    constants = st.sampled_from(CONSTANTS[kind])
    choice = draw(st.integers(0, 9))
    if kind == "string" and choice < 3:
        return f"{name}.{draw(st.sampled_from(['startsWith', 'endsWith', 'contains', 'matches']))}({draw(constants)})"
    if choice == 3:
        return f"{name} in [{draw(constants)}, {draw(constants)}]"
    op = draw(st.sampled_from(["==", "!="] if kind == "string" else ["==", "!=", "<", "<=", ">", ">="]))
    sides = [name, draw(constants)]
    if choice > 7:
        sides.reverse()
    return f" {op} ".join(sides)


def queries2():
    """KFL 2 text of a few terms, in every combination of operators and parentheses."""

    def extended(inner):
        return st.one_of(
            inner.map("!({})".format),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " && ".join(parts) + ")"),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " || ".join(parts) + ")"),
        )

    return st.recursive(terms2(), extended, max_leaves=5)
