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
    from kubeshark_nb.dissectors.http_body import Body
    from kubeshark_nb.dissectors.http_head import Head
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
    line, head, body = request.line, request.head, request.body
    if body is None:
        return _protocol(request), request_parts(line.opening, line.query, head, b"", 0)
    content = _content(head, body, stats)
    protocol = GRAPHQL1 if content and speaks_graphql(content) else _protocol(request)
    return protocol, request_parts(line.opening, line.query, head, content, body.size)


def _response(response: Response, stats: Stats) -> tuple[bytes, ...]:
    line, head, body = response.line, response.head, response.body
    if body is None:
        return response_parts(line.opening, line.status, head, b"", 0)
    return response_parts(line.opening, line.status, head, _content(head, body, stats), body.size)


def _content(head: Head, body: Body, stats: Stats) -> bytes:
    """The content without its coding."""
    content, cut = body.content(), body.cut
    if content and "content-encoding" in head.fields:
        content, too_long = decoded(content, head.fields["content-encoding"])
        cut = cut or too_long
    if cut:
        stats.truncated += 1
        stats.count("HTTP bodies that are not whole (too long, or partly not captured)")
    return content
