"""What else TLS carries: HTTP/2 by ALPN (nghttpd, curl) and a WebSocket (Tornado with itself)."""

from __future__ import annotations

import asyncio
import os
import ssl
import tempfile

from tornado.httpclient import HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.web import Application
from tornado.websocket import websocket_connect

from tests.captures.record_websocket import Echo
from tests.captures.recording import FOLDER, certificate, recorded, run, running

HTTP2, WEBSOCKET = 8543, 8544
URL = f"https://127.0.0.1:{HTTP2}"


async def chat(folder: str, keys: str) -> None:
    serves, asks = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    serves.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    asks.check_hostname, asks.verify_mode, asks.keylog_filename = False, ssl.CERT_NONE, keys
    server = HTTPServer(Application([("/chat", Echo)]), ssl_options=serves)
    server.listen(WEBSOCKET, "127.0.0.1")
    request = HTTPRequest(f"wss://127.0.0.1:{WEBSOCKET}/chat?packed=1", ssl_options=asks)
    client = await websocket_connect(request, compression_options={})
    for text in ("same words", "same words"):
        await client.write_message(text)
        await client.read_message()
    client.close(1000, "done")
    await client.read_message()
    server.stop()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        certificate(folder)
        keys = FOLDER / "tls_inside.keylog"
        keys.unlink(missing_ok=True)
        os.environ["SSLKEYLOGFILE"] = str(keys)  # curl's
        server = ("nghttpd", "--echo-upload", str(HTTP2), f"{folder}/key.pem", f"{folder}/cert.pem")
        with running(*server, port=HTTP2), recorded("tls_inside", HTTP2, WEBSOCKET):
            run("curl", "-sk", "--http2", "-d", "a=1", f"{URL}/one", f"{URL}/two")
            asyncio.run(chat(folder, str(keys)))


if __name__ == "__main__":
    main()
