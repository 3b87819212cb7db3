"""An HTTP/1 exchange as an item without its envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.graphql import speaks_graphql
from kubeshark_nb.dissectors.http_content import decoded
from kubeshark_nb.dissectors.http_json import request_parts, response_parts
from kubeshark_nb.items.entry import Entry
from kubeshark_nb.items.protocol import GRAPHQL1, HTTP10, HTTP11

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.http1_message import Request, Response
    from kubeshark_nb.items.entry import Problem
    from kubeshark_nb.items.protocol import Protocol
    from kubeshark_nb.model import Stats


_new = tuple.__new__  # a named tuple's own constructor takes three times as long


def pair(request: Request, response: Response, error: Problem | None, stats: Stats) -> Entry:
    """A request with its response."""
    protocol, asked = _request(request, stats)
    ready_ns = max(response.end_ns, request.end_ns)
    row = (
        protocol,
        asked,
        _response(response, stats),
        request.time_ns,
        ready_ns,
        ready_ns - request.time_ns,
        request.size,
        response.size,
        request.line.method,
        request.line.path,
        response.line.status,
        error,
        False,
        "",
        b"",
    )
    return _new(Entry, row)


def lone_request(request: Request, error: Problem, stats: Stats) -> Entry:
    """A request that got no response."""
    protocol, asked = _request(request, stats)
    return Entry(
        protocol,
        asked,
        b"{}",
        request.time_ns,
        request.end_ns,
        request_size=request.size,
        method=request.line.method,
        path=request.line.path,
        error=error,
    )


def lone_response(response: Response, error: Problem, stats: Stats) -> Entry:
    """A response whose request was not captured."""
    return Entry(
        _protocol(response),
        b"{}",
        _response(response, stats),
        response.time_ns,
        response.end_ns,
        response_size=response.size,
        status=response.line.status,
        error=error,
    )


def _protocol(message: Request | Response) -> Protocol:
    return HTTP10 if message.line.version == "1.0" else HTTP11


def _request(request: Request, stats: Stats) -> tuple[Protocol, tuple[bytes, ...]]:
    """What the body makes it, the member ``request``."""
    body, size = _content(request, stats)
    protocol = GRAPHQL1 if body and speaks_graphql(body) else _protocol(request)
    return protocol, request_parts(request.line.opening, request.line.query, request.head, body, size)


def _response(response: Response, stats: Stats) -> tuple[bytes, ...]:
    body, size = _content(response, stats)
    return response_parts(response.line.opening, response.line.status, response.head, body, size)


def _content(message: Request | Response, stats: Stats) -> tuple[bytes, int]:
    """The content without its coding, and its size on the wire."""
    body = message.body
    if body is None:
        return b"", 0
    content, cut = body.content(), body.cut
    coding = message.head.fields.get("content-encoding")
    if coding and content:
        content, too_long = decoded(content, coding)
        cut = cut or too_long
    if cut:
        stats.truncated += 1
        stats.count("HTTP bodies that are not whole (too long, or partly not captured)")
    return content, body.size
