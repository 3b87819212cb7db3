"""Compare our HTTP/2, gRPC, WebSocket and TLS hello items with what tshark found in the same captures.

    python tests/oracle_web.py CORPUS [CAPTURE...] [--show N]

CORPUS holds the captures, ``CORPUS/oracle/<capture>.json`` the truth, ``<capture>.keylog`` a key log. A record agrees
when the other side has one with the same fields, and each is used once. What differs and why: tests/README.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from kubeshark_nb.capture import open_source
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection
from tests.judged import Tally

Doc = dict[str, Any]
OPCODES = {"text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}


def read(capture: Path) -> list[Doc]:
    keys = capture.with_suffix(".keylog")
    dissection = Dissection(
        open_source(str(capture)), NodeInfo(), NameTable(), Stats(), keys=KeyLog(keys if keys.exists() else None)
    )
    return [json.loads(item.json) for window in dissection.windows() for item in window.items]


def of(items: list[Doc], *abbreviations: str) -> list[Doc]:
    return [item for item in items if item["protocol"]["abbr"] in abbreviations]


def http2_ours(items: list[Doc]) -> list[Any]:
    found = []
    for item in of(items, "HTTP/2", "gRPC", "GQL"):
        if item["protocol"]["version"] != "2.0":
            continue
        request, response = item["request"], item["response"]
        asked, answered = request.get("headers", {}), response.get("headers", {})
        kind = asked.get("Content-Type") or answered.get("Content-Type")
        size = request.get("bodySize", 0) + response.get("bodySize", 0)
        status = answered.get(":status")
        found.append((asked.get(":method"), asked.get(":path"), asked.get(":authority"), status, kind, size))
    return found


def http2_theirs(record: Doc) -> list[Any]:
    names = ("method", "path", "authority", "status", "content_type")
    return [(*(one[name] for name in names), one["data_len"]) for one in (record["http2"] or {}).get("streams", ())]


def grpc_ours(items: list[Doc]) -> list[Any]:
    members = [item[side].get("grpc", {}) for item in of(items, "gRPC") for side in ("request", "response")]
    return [(one["size"], int(one["compressed"])) for member in members for one in member.get("messages", ())]


def grpc_theirs(record: Doc) -> list[Any]:
    return [(one["length"], int(one["compressed"] or 0)) for one in record["grpc"]]


def websocket_ours(items: list[Doc]) -> list[Any]:
    found: list[Any] = []
    for item in of(items, "WS"):
        masked = bool(item["request"])
        message = item["request"] or item["response"]
        found += [(OPCODES[message["opcode"]], masked), *[(0, masked)] * (message["fragments"] - 1)]
    return found


def websocket_theirs(record: Doc) -> list[Any]:
    return [(one["opcode"], one["mask"]) for one in record["websocket"]]


def client_hello_ours(items: list[Doc]) -> list[Any]:
    hellos = [item["data"] for item in of(items, "TLS") if item["data"]["type"] == "ClientHello"]
    return [
        (
            one["sni"] or None,
            tuple(one["alpns"]),
            one["ja3"],
            len(one["cipherSuites"]),
            f"0x{one['handshakeVersion']:04x}",
        )
        for one in hellos
    ]


def client_hello_theirs(record: Doc) -> list[Any]:
    return [
        (one["sni"], tuple(one["alpn"]), one["ja3"], one["n_ciphers"], one["version"])
        for one in (record["tls"] or {}).get("client_hello", ())
    ]


def server_hello_ours(items: list[Doc]) -> list[Any]:
    hellos = [item["data"] for item in of(items, "TLS") if item["data"]["type"] == "ServerHello"]
    return [(f"0x{one['cipherSuites'][0]:04x}", f"0x{one['handshakeVersion']:04x}", one["version"]) for one in hellos]


def server_hello_theirs(record: Doc) -> list[Any]:
    return [
        (one["cipher"], one["version"], int(one["supported_version"] or one["version"], 16))
        for one in (record["tls"] or {}).get("server_hello", ())
    ]


KINDS = {
    "http2 stream": (http2_ours, http2_theirs),
    "grpc message": (grpc_ours, grpc_theirs),
    "websocket frame": (websocket_ours, websocket_theirs),
    "client hello": (client_hello_ours, client_hello_theirs),
    "server hello": (server_hello_ours, server_hello_theirs),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--show", type=int, default=3, help="differences shown per capture")
    arguments = parser.parse_args()
    tally = Tally()
    for path in sorted((arguments.corpus / "oracle").glob("*.json")):
        capture = arguments.corpus / path.name.removesuffix(".json")
        record = json.loads(path.read_text())
        if not capture.exists() or (arguments.names and capture.name not in arguments.names) or "tls" not in record:
            continue
        try:
            items = read(capture)
        except CaptureError as error:
            print(f"{capture.name}: {error}")
            continue
        for kind, (ours, theirs) in KINDS.items():
            mine, truth = Counter(ours(items)), Counter(theirs(record))
            extra, missing = list((mine - truth).elements()), list((truth - mine).elements())
            tally.add(capture.name, kind, (mine & truth).total(), extra, missing, show=arguments.show)
    tally.total(KINDS)


if __name__ == "__main__":
    main()
