"""What all conversations of a node share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.items.entry import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubeshark_nb.dissectors.dissector import DatagramRow, StreamRow
    from kubeshark_nb.items.item import Item
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.model import NodeInfo, Stats
    from kubeshark_nb.traffic import Why


class Held(Protocol):
    """A conversation whose items wait."""

    def release(self) -> None:
        """Make them: both sides have been read."""


class Scene(NamedTuple):
    """Whose conversations they are, which protocols are tried (in order), who takes finished items, TLS secrets.

    ``mute``: nobody takes items; the conversations are followed for what they teach. ``hold`` is told of conversations
    whose items wait for the end of the window; ``None``: no item waits.
    """

    node: NodeInfo
    names: NameTable
    stats: Stats
    streams: Sequence[StreamRow]
    datagrams: Sequence[DatagramRow]
    emit: Callable[[Item], None]
    keys: KeyLog = KeyLog()  # an empty one
    mute: bool = False
    hold: Callable[[Held], None] | None = None


HALF: dict[Why, Problem] = {
    "fin": Problem("connection", "the connection was closed before the exchange was complete"),
    "reset": Problem("connection", "the connection was reset before the exchange was complete"),
    "idle": Problem("timeout", "nothing more was captured of it for too long"),
    "evicted": Problem("timeout", "given up for lack of room: too many were open"),
    "capture": Problem("pair-not-found", "the capture ended before the exchange was complete"),
}
