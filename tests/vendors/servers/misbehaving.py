"""A server that does one thing wrong. Its refusals echo the request, credentials and all, as some servers do."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from dataclasses import dataclass

import trustme

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>Please log in</html>"


@dataclass(frozen=True)
class Wrong:
    """One behaviour: what the error must say, and how the server does it."""

    name: str
    says: str
    status: int = 0
    headers: str = ""
    raw: bytes = b""
    encrypted: bool = False
    listens: bool = True


WRONGS = (
    Wrong("unreachable", "unreachable", listens=False),
    Wrong("silent", "no answer|no connection"),
    Wrong("401", "HTTP 401", 401),
    Wrong("404", "HTTP 404", 404),
    Wrong("429", "HTTP 429.*wait 30 s", 429, "Retry-After: 30\r\n"),
    Wrong("500", "HTTP 500", 500),
    Wrong("garbage bytes", "not HTTP|not understood|broke the connection", raw=b"\x00\x16garbage\r\n\r\n\xff"),
    Wrong("a web page", "not understood|non-JSON", raw=HTML),
    Wrong("certificate", "certificate is not trusted", 500, encrypted=True),
)


class Misbehaving:
    """Serves every connection the same way until closed."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        self.requests = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http{'s' if wrong.encrypted else ''}://127.0.0.1:{self.port}"
        self._open: list[socket.socket] = []
        if not wrong.listens:
            self._socket.close()
        else:
            threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.wrong.encrypted:
                connection = unknown_authority().wrap_socket(connection, server_side=True)
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        request = received(connection)
        self.requests += 1
        if self.wrong.status:
            connection.sendall(refusal(self.wrong, request))
        elif self.wrong.raw:
            connection.sendall(self.wrong.raw)
        else:
            threading.Event().wait(10)  # never answers, keeps the connection
        connection.close()


def received(connection: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(TimeoutError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def refusal(wrong: Wrong, request: bytes) -> bytes:
    echo = request.decode("utf-8", "replace")
    body = json.dumps({"error": {"message": echo, "reason": echo, "type": "x", "code": "x"}, "message": echo}).encode()
    head = f"HTTP/1.1 {wrong.status} No\r\nContent-Type: application/json\r\nX-Elastic-Product: Elasticsearch\r\n"
    return f"{head}{wrong.headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def unknown_authority() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context
