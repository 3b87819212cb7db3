"""A Python HTTPS server with curl and openssl s_client: HelloRetryRequest, keep-alive, KeyUpdate, a resumed session."""

from __future__ import annotations

import ssl
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.captures.recording import FOLDER, certificate, recorded, run

PORT = 8444
REQUEST = b"GET /cart/%d HTTP/1.1\r\nHost: shop.test\r\n\r\n"


class Cart(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"cart": []}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


def talk(*options: str, updates: bool = False) -> None:
    """Two requests with s_client; between them, "K" at the start of its input asks for a KeyUpdate of both sides."""
    command = ("openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", "-servername", "shop.test", "-tls1_3", *options)
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert client.stdin is not None
    for words in (REQUEST % 1, b"K\n" if updates else b"", REQUEST % 2):
        time.sleep(0.4)
        client.stdin.write(words)
        client.stdin.flush()
    time.sleep(0.4)
    client.stdin.close()
    client.wait()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        certificate(folder)
        keys = FOLDER / "tls13.keylog"
        keys.unlink(missing_ok=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
        context.set_ecdh_curve("secp384r1")  # not the one that clients guess
        context.keylog_filename = str(keys)
        server = ThreadingHTTPServer(("127.0.0.1", PORT), Cart)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with recorded("tls13", PORT):
            run("curl", "-sk", f"https://127.0.0.1:{PORT}/cart/1", f"https://127.0.0.1:{PORT}/cart/2")
            talk("-sess_out", f"{folder}/session", updates=True)
            talk("-sess_in", f"{folder}/session")
        server.shutdown()


if __name__ == "__main__":
    main()
