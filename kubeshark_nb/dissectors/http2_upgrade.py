"""HTTP/1 that became HTTP/2 by ``Upgrade: h2c`` (RFC 7540, 3.2): the request is answered on stream 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.dissectors.http2 import Http2
from kubeshark_nb.dissectors.http2_message import Message

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.dissectors.http1_message import Request, Response

OF_THE_HOP = frozenset({"connection", "upgrade", "http2-settings"})


def upgraded_to_http2(talk: StreamTalk, request: Request, _response: Response) -> Http2:
    """The rest of the connection."""
    return Http2(talk, _as_stream(request))


def _as_stream(request: Request) -> Message:
    message = Message(request.time_ns)
    headers: dict[str, str] = orjson.loads(request.head.headers)
    message.fields = [
        (b":method", request.line.method.encode()),
        (b":path", request.line.target),
        (b":scheme", b"http"),
        (b":authority", request.head.fields.get("host", "").encode()),
        *((name.encode(), value.encode()) for name, value in headers.items() if name.lower() not in OF_THE_HOP),
    ]
    if request.body is not None:
        message.body.add(request.body.content())
    message.wire = request.size
    message.end_ns = request.end_ns
    message.ended = True
    return message
