"""Messages, once read, as the entries they make: an exchange of two, or one that stays alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.items.entry import Entry, Problem
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.items.protocol import Protocol
    from kubeshark_nb.traffic import Side

_new = tuple.__new__  # a named tuple's own constructor takes three times as long
MAX_HELD = 16 << 20  # bytes of requests that one connection keeps until they are answered
NO_REQUEST = Problem("pair-not-found", "the request of this response was not captured")
LOST = Problem("pair-not-found", "bytes are missing in the capture before the exchange was complete")
NONSENSE = Problem("dissection", "what followed on the connection could not be understood")


class Message(NamedTuple):
    """One message of one side.

    ``json`` is the item's member. Times (ns) are those of its first and its last byte, ``size`` is in bytes.
    ``method``, ``path`` and ``status`` are what the item's row shows: of an exchange the first two of the request (of
    the response where the request has none) and the last of the response.
    """

    json: bytes
    time_ns: int
    end_ns: int
    size: int
    method: str = ""
    path: str = ""
    status: int = 0


def exchange(protocol: Protocol, request: Message, response: Message, side: Side = CLIENT) -> Entry:
    """The entry of a request of ``side`` and its response."""
    row = (
        protocol,
        request.json,
        response.json,
        request.time_ns,
        max(request.end_ns, response.end_ns),
        max(response.time_ns - request.time_ns, 0),
        request.size,
        response.size,
        request.method or response.method,
        request.path or response.path,
        response.status,
        None,
        side == SERVER,
        "",
        b"",
    )
    return _new(Entry, row)


def one_way(
    protocol: Protocol, message: Message, side: Side = CLIENT, error: Problem | None = None, empty: bytes = b"{}"
) -> Entry:
    """The entry of a message that has no answer, or got none (``error``); ``side`` sent it, so it is ``src``."""
    return Entry(
        protocol,
        message.json,
        empty,
        message.time_ns,
        message.end_ns,
        request_size=message.size,
        method=message.method,
        path=message.path,
        status=message.status,
        error=error,
        reversed=side == SERVER,
    )


def answer_only(protocol: Protocol, response: Message, side: Side = CLIENT, empty: bytes = b"{}") -> Entry:
    """The entry of a response whose request, one of ``side``, was not captured."""
    return Entry(
        protocol,
        empty,
        response.json,
        response.time_ns,
        response.end_ns,
        response_size=response.size,
        method=response.method,
        path=response.path,
        status=response.status,
        error=NO_REQUEST,
        reversed=side == SERVER,
    )
