"""A hub to test against: a real WebSocket server that sends what it is given (RFC 6455, text frames)."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Hub:
    """Sends ``messages`` (text, or bytes that are called text) to whoever connects.

    It closes when ``close`` is set, else stays; when ``deaf``, it stays and answers nothing until the link breaks.
    """

    def __init__(self, messages, *, close=True, cut=False, deaf=False):
        self._messages, self._close, self._cut, self._deaf = messages, close and not deaf, cut, deaf
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._server.getsockname()[1]}/ws"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.close()

    def _serve(self):
        while True:
            try:
                link, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(link,), daemon=True).start()

    def _talk(self, link):
        with link:
            head = b""
            while b"\r\n\r\n" not in head:
                head += link.recv(4096)
            key = next(
                line[18:].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
            )
            accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
            link.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            try:
                for message in self._messages:
                    link.sendall(frame(1, message.encode() if isinstance(message, str) else message))
                if self._cut:
                    link.sendall(frame(1, b"x" * 1000)[:50])
                elif self._close:
                    link.sendall(frame(8, struct.pack(">H", 1000)))
                if not self._cut:
                    heard = link.recv(4096)
                while self._deaf and heard:
                    heard = link.recv(4096)
            except OSError:
                return


def frame(opcode, data):
    size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack(">H", len(data))
    return bytes([0x80 | opcode]) + size + data
