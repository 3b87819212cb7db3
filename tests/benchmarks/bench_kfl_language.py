"""Rates of the filter languages: `python tests/benchmarks/bench_kfl_language.py`.

Prints, per query, compilations and evaluations per second on a parsed item of about 3 KB; then how long bad queries
take to be refused. The best of five rounds counts: the machine may have other work.
"""

from __future__ import annotations

import time
import timeit

import orjson

from kubeshark_nb import kfl

ITEM = {
    "id": "10.0.0.1:30001/000000000001.pcap-2",
    "index": 2,
    "stream": "000000000001.pcap",
    "protocol": {"name": "http", "abbr": "HTTP", "version": "1.1"},
    "tls": False,
    "src": {"ip": "10.0.0.5", "port": "50001", "name": "client.shop", "namespace": "shop"},
    "dst": {"ip": "10.0.0.9", "port": "80", "name": "orders.shop", "namespace": "shop"},
    "timestamp": 1700000003000,
    "request": {"method": "POST", "path": "/api/orders", "headers": {f"X-{n}": "value" * 4 for n in range(40)}},
    "response": {
        "status": 500,
        "headers": {f"Y-{n}": "value" * 4 for n in range(40)},
        "content": {"text": "eyJhIjoxfQ=="},
    },
    "requestSize": 150,
    "responseSize": 130,
    "elapsedTime": 40,
    "passed": False,
    "failed": False,
    "error": None,
}
QUERIES = {
    "3 terms, KFL 1": 'http and response.status >= 500 and request.path.startsWith("/api")',
    "3 terms, KFL 2": 'http && status_code >= 500 && path.startsWith("/api")',
    "deep selector, KFL 1": 'request.headers["X-7"].contains("luev")',
    "deep selector, KFL 2": 'request.headers["x-7"].contains("luev")',
    "regular expression, KFL 1": 'request.path == r"^/api/.*s$"',
    "regular expression, KFL 2": 'path.matches("^/api/.*s$")',
    "json(), KFL 1": "response.content.text.json().a == 1",
    "first term false, KFL 1": "dns and response.status >= 500",
    "redact(), KFL 1": 'http and redact("request.headers.X-7")',
    "list, KFL 2": "[1, 2, 3].exists(n, n == index)",
}
BAD = {
    "1 MB of parentheses": "(" * 1_000_000,
    "parentheses up to the limit": "(" * 32_768,
    "garbage up to the limit": "?%&!" * 8_192,
    "catastrophic pattern": 'path.matches("(a{1000}){1000}")',
    "string that never ends": 'a == "' + "\\n" * 16_000,
    "unknown function": "path.nosuch(1) && true",
    "wrong kinds": 'status_code == "500"',
}


def best(call, number, rounds=5):
    """Seconds per call, the best of ``rounds``."""
    return min(timeit.repeat(call, number=number, repeat=rounds)) / number


def refused(query):
    """Milliseconds until ``query`` is refused."""
    start = time.perf_counter()
    try:
        kfl.compile(query)
    except kfl.KFLError as error:
        return (time.perf_counter() - start) * 1000, str(error)
    return (time.perf_counter() - start) * 1000, "accepted"


def main():
    print(f"item of {len(orjson.dumps(ITEM))} bytes")
    for title, text in QUERIES.items():
        language = "kfl2" if title.endswith("KFL 2") else "kfl1"
        query = kfl.compile(text, language=language)
        assert query(ITEM) is not (title.startswith("first term false"))
        compiled, evaluated = (
            best(lambda text=text, language=language: kfl.compile(text, language=language), 200),
            best(lambda query=query: query(ITEM), 50_000),
        )
        print(f"{title:28} {1 / evaluated / 1000:8.0f} k evaluations/s {1 / compiled:8.0f} compilations/s   {text}")
    match = best(lambda: kfl.match(QUERIES["3 terms, KFL 1"], ITEM), 50_000)
    print(f"{'kfl.match, kept query':28} {1 / match / 1000:8.0f} k evaluations/s")
    for title, text in BAD.items():
        milliseconds, said = refused(text)
        print(f"{title:28} {milliseconds:8.1f} ms   {said}")


if __name__ == "__main__":
    main()
