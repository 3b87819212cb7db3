"""A conversation between two endpoints, and what the layer above must offer to hear it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from kubeshark_nb.traffic import Chunk, Datagram, Endpoint, Side, Why


class Opened(NamedTuple):
    """What is known when a stream opens.

    ``number`` is that of the packet that opened it, from 1 over the whole source. ``ends`` are the endpoints of side 0
    and side 1. ``caller`` is the side known to have called (a SYN says so), ``None`` when the start was not captured;
    ``speaker`` is the side that sent the opening packet. ``flow`` is the
    packets' (`kubeshark_nb.traffic.Packets`).
    """

    kind: int
    number: int
    ends: tuple[Endpoint, Endpoint]
    caller: Side | None
    speaker: Side
    time_ns: int
    flow: int


class Listener(Protocol):
    """Hears one stream. For each side: ``data`` in order, then ``end`` once; or ``datagram`` by ``datagram``."""

    @property
    def caller(self) -> Side | None:
        """The side that is the client, once the content told; its bytes are heard first in every window."""

    def data(self, side: Side, chunk: Chunk) -> None:
        """The next bytes of ``side``."""

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """The next datagram of ``side``."""

    def end(self, side: Side, why: Why, time_ns: int) -> None:
        """Nothing more comes from ``side``."""


class Open(Protocol):
    """What a stream table calls when a stream opens."""

    def __call__(self, opened: Opened) -> Listener:
        """The listener of a new stream."""
