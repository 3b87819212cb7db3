"""An HTTP/2 stream as an item without its envelope: plain HTTP/2, gRPC or GraphQL (FACTS c.3)."""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.dissectors.graphql import speaks_graphql
from kubeshark_nb.dissectors.grpc import answered, asked
from kubeshark_nb.dissectors.http_content import decoded
from kubeshark_nb.dissectors.http_head import text
from kubeshark_nb.dissectors.http_json import (
    TARGETS,
    request_opening,
    request_parts,
    response_opening,
    response_parts,
)
from kubeshark_nb.items.entry import Entry
from kubeshark_nb.items.protocol import GRAPHQL2, GRPC, HTTP2

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.http2_message import Message, Stream
    from kubeshark_nb.items.entry import Problem
    from kubeshark_nb.items.protocol import Protocol
    from kubeshark_nb.model import Stats

GRPC_TYPE = b"application/grpc"
VERSION = b"HTTP/2.0"


def stream_entry(stream: Stream, error: Problem | None, stats: Stats) -> Entry:
    """A stream with at least one of its messages."""
    request, response = stream.request, stream.response
    known = [message for message in (request, response) if message is not None]
    is_grpc = any(message.first(b"content-type").startswith(GRPC_TYPE) for message in known)
    protocol: Protocol = GRPC if is_grpc else HTTP2
    request_member = response_member = b"{}"
    if request is not None:
        content = _content(request, stats)
        if not is_grpc and speaks_graphql(content):
            protocol = GRAPHQL2
        request_member = _request(request, content, is_grpc=is_grpc)
    if response is not None:
        response_member = _response(response, _content(response, stats), is_grpc=is_grpc)
    return Entry(
        protocol=protocol,
        request=request_member,
        response=response_member,
        time_ns=known[0].time_ns,
        ready_ns=max(message.end_ns for message in known),
        elapsed_ns=max(response.end_ns - request.time_ns, 0) if request and response else 0,
        request_size=request.wire if request else 0,
        response_size=response.wire if response else 0,
        method=text(request.first(b":method")) if request else "",
        path=TARGETS[_target(request)].path if request else "",
        status=_status(response) if response else 0,
        error=error,
        server_name=text(request.first(b":authority") or request.first(b"host")) if request else "",
    )


def _request(request: Message, content: bytes, *, is_grpc: bool) -> bytes:
    method = orjson.dumps(text(request.first(b":method")))[1:-1]
    target = _target(request)
    head = request.head()
    shown = TARGETS[target]
    opening = request_opening(method, shown, VERSION)
    member = b"".join(request_parts(opening, shown.query, head, b"", request.body.size))
    if content:
        mime = head.fields.get("content-type", "").partition(";")[0].strip()
        post = {
            "mimeType": mime,
            "params": [],
            "text": b2a_base64(content, newline=False).decode(),
            "encoding": "base64",
        }
        member = with_member(member, b"postData", orjson.dumps(post))
    return with_member(member, b"grpc", asked(target, content, request.first(b"grpc-encoding"))) if is_grpc else member


def _response(response: Message, content: bytes, *, is_grpc: bool) -> bytes:
    code = _status(response)
    opening = response_opening(code, "", VERSION)
    member = b"".join(response_parts(opening, code, response.head(), content, response.body.size))
    if not is_grpc:
        return member
    status, reason = response.first(b"grpc-status"), response.first(b"grpc-message")
    return with_member(member, b"grpc", answered(status, reason, content, response.first(b"grpc-encoding")))


def with_member(document: bytes, name: bytes, value: bytes) -> bytes:
    """A JSON object with one member more."""
    return b'%b,"%b":%b}' % (document[:-1], name, value)


def _target(request: Message) -> bytes:
    """What ``:path`` says; CONNECT has only an authority."""
    return request.first(b":path") or request.first(b":authority")


def _status(response: Message) -> int:
    status = response.first(b":status")
    return int(status) if len(status) == 3 and status.isdigit() else 0  # noqa: PLR2004 - digits


def _content(message: Message, stats: Stats) -> bytes:
    """The body without its content coding."""
    content, cut = bytes(message.body.kept), message.body.cut
    coding = message.first(b"content-encoding")
    if coding and content:
        content, too_long = decoded(content, text(coding))
        cut = cut or too_long
    if cut:
        stats.truncated += 1
        stats.count("HTTP bodies that are not whole (too long, or partly not captured)")
    return content
