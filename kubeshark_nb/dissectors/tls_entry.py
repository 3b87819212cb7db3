"""A TLS hello as an item without its envelope (FACTS c.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.dissectors.tls_fingerprints import ja3, ja4
from kubeshark_nb.dissectors.tls_hello import CLIENT_HELLO, STATUS_REQUEST
from kubeshark_nb.dissectors.tls_suites import SUITES
from kubeshark_nb.items.entry import Entry
from kubeshark_nb.items.protocol import TLS

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.tls_hello import Hello


def hello_entry(hello: Hello, time_ns: int, size: int) -> Entry:
    """``data`` has the hello; ``size`` is what it took on the wire, ``time_ns`` when its end was captured."""
    asks = hello.kind == CLIENT_HELLO
    kind = "ClientHello" if asks else "ServerHello"
    suite = suite_name(hello.suites[0])
    return Entry(
        protocol=TLS,
        request=b"{}",
        response=b"{}",
        time_ns=time_ns,
        ready_ns=time_ns,
        request_size=size,
        method=kind,
        path=(hello.server_name or ", ".join(hello.protocols) or suite) if asks else suite,
        reversed=not asks,
        data=orjson.dumps(_document(hello, kind)),
    )


def suite_name(number: int) -> str:
    """IANA's name, else the number."""
    return SUITES[number].name if number in SUITES else f"0x{number:04x}"


def _document(hello: Hello, kind: str) -> dict[str, object]:
    asks = hello.kind == CLIENT_HELLO
    document: dict[str, object] = {
        "type": kind,
        "version": hello.spoken,
        "messageLen": hello.length + 4,
        "handshakeType": hello.kind,
        "handshakeVersion": hello.version,
        "random": hello.random.hex(),
        "sessionId": hello.session.hex(),
        "cipherSuites": hello.suites,
        "cipherSuiteNames": [suite_name(number) for number in hello.suites],
        "compressMethods": hello.compressions,
        "extensions": [number for number, _ in hello.extensions],
        "sni": hello.server_name,
        "alpns": hello.protocols,
        "supportedVersions": hello.versions,
        "supportedGroups": hello.groups,
        "supportedPoints": hello.points,
        "signatureAlgs": hello.signatures,
        "ocsp": STATUS_REQUEST in hello.contents,
        "ja3": ja3(hello),
    }
    return document | ({"ja4": ja4(hello)} if asks else {"helloRetryRequest": hello.is_retry})
