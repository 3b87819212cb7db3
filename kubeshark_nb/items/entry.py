"""What a dissector hands over: one exchange of messages, before it knows whose it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kubeshark_nb.items.protocol import Protocol


class Problem(NamedTuple):
    """The item member ``error``. ``type``: ``dissection``, ``connection``, ``timeout`` or ``pair-not-found``."""

    type: str
    text: str


class Entry(NamedTuple):
    """One item without its envelope.

    ``request``, ``response`` and ``data`` are JSON, serialised (``{}`` where there is none); the first two may come in
    parts, which are joined only once. Times are ns;
    ``time_ns`` is that of the request's first byte, ``ready_ns`` that of the packet that completed the exchange. Sizes
    are bytes of the messages as captured. ``method``, ``path`` and ``status`` are what tables show (KFL does not read
    them). ``reversed``: the server spoke first, so it is ``src``. ``server_name`` is a name for ``dst`` when no other
    is known. ``data`` is the member of that name of one-way protocols, left out when empty.
    """

    protocol: Protocol
    request: bytes | tuple[bytes, ...]
    response: bytes | tuple[bytes, ...]
    time_ns: int
    ready_ns: int
    elapsed_ns: int = 0
    request_size: int = 0
    response_size: int = 0
    method: str = ""
    path: str = ""
    status: int = 0
    error: Problem | None = None
    reversed: bool = False
    server_name: str = ""
    data: bytes = b""
