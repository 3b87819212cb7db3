"""A Tornado echo server with websocket-client and with Tornado's own client, which compresses."""

from __future__ import annotations

import asyncio

import websocket
from tornado.httpserver import HTTPServer
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from tests.captures.recording import recorded

PORT = 8765
URL = f"ws://127.0.0.1:{PORT}/chat?room=7"


class Echo(WebSocketHandler):
    def get_compression_options(self):
        return {} if self.get_argument("packed", "") else None

    async def on_message(self, message):
        await self.write_message(message, binary=isinstance(message, bytes))


def plain() -> None:
    """Text, binary, a long message, ping, fragments, close."""
    client = websocket.create_connection(URL)
    for text in ("hello", "grüße", "x" * 3_000):
        client.send(text)
        client.recv()
    client.send_binary(bytes(range(256)))
    client.recv()
    client.ping("still there?")
    frames = [(b"three ", websocket.ABNF.OPCODE_TEXT, 0), (b"frag", 0, 0), (b"ments", 0, 1)]
    for data, opcode, last in frames:
        client.send_frame(websocket.ABNF(fin=last, opcode=opcode, mask_value=1, data=data))
    client.recv()
    client.close(status=1001, reason=b"going away")


async def packed() -> None:
    """The same words again and again, which only context takeover makes short."""
    client = await websocket_connect(URL + "&packed=1", compression_options={})
    for number in range(3):
        await client.write_message(f"the same words again and again, {number}")
        await client.read_message()
    client.close(1000, "done")
    await client.read_message()


async def main() -> None:
    server = HTTPServer(Application([("/chat", Echo)]))
    server.listen(PORT, "127.0.0.1")
    with recorded("websocket", PORT):
        await asyncio.to_thread(plain)
        await packed()
    server.stop()


if __name__ == "__main__":
    asyncio.run(main())
