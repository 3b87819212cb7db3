"""One conversation of datagrams: recognised by the first of them, then dissected one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.dissector import Says, Undissected
from kubeshark_nb.dissectors.opaque import Opaque
from kubeshark_nb.dissectors.scene import HALF
from kubeshark_nb.items.envelope import Envelope
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.dissector import DatagramDissector, DatagramRow
    from kubeshark_nb.dissectors.scene import Scene
    from kubeshark_nb.items.entry import Entry, Problem
    from kubeshark_nb.traffic import Chunk, Datagram, Endpoint, Side, Why

MAX_TRIES = 8  # datagrams looked at before a conversation counts as of no known protocol
OTHER: tuple[Side, Side] = (SERVER, CLIENT)


class Datagrams:
    """What two endpoints say to each other over UDP, SCTP or ICMP.

    Args:
        kind: of `kubeshark_nb.traffic` (UDP, ...).
        ends: endpoints of side 0 and side 1; the roles follow from the content.
    """

    __slots__ = (
        "_client", "_dissector", "_done", "_ended", "_envelope", "_kind", "_opaque", "_scene", "_stream", "_tries",
        "ends", "names", "stats", "tls",
    )  # fmt: skip

    def __init__(self, scene: Scene, kind: int, stream: str, ends: tuple[Endpoint, Endpoint]) -> None:
        self.names = scene.names
        self.stats = scene.stats
        self.ends = ends
        self.tls = False
        self._scene = scene
        self._kind = kind
        self._stream = stream
        self._client: Side = CLIENT
        self._envelope: Envelope | None = None
        self._dissector: DatagramDissector | None = None
        self._opaque: Opaque | None = Opaque()  # as long as nobody understands what is said
        self._tries = 0
        self._done = False
        self._ended = False

    @property
    def caller(self) -> Side | None:
        """Datagrams are heard one by one, in the order they came: it does not matter."""
        return None

    def data(self, side: Side, chunk: Chunk) -> None:
        """Datagrams are no stream of bytes."""
        raise NotImplementedError

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """The next datagram of one side."""
        if self._opaque is not None:
            self._opaque.heard(side, datagram.data, datagram.time_ns)
        if self._done:
            return
        if self._dissector is None:
            self._guarded(self._identify, side, datagram.data)
        if self._dissector is None:
            return
        role = side if self._client == CLIENT else OTHER[side]
        self._guarded(self._dissector.datagram, role, datagram)

    def end(self, side: Side, why: Why, time_ns: int) -> None:
        """Both sides end at once: the first call counts."""
        if self._ended:
            return
        self._ended = True
        if self._dissector is not None and not self._done:
            self._guarded(self._dissector.end, CLIENT, why)
        elif self._dissector is None and not self._done:
            self._give_up("conversations of no known protocol")
        if self._opaque is not None and (entry := self._opaque.entry(self._kind)) is not None:
            self.emit(entry)
        self._dissector = None  # it knows us: the circle would outlive the stream

    def emit(self, entry: Entry) -> None:
        """Make an item."""
        if self._scene.mute:
            return
        if self._envelope is None:
            scene = self._scene
            self._envelope = Envelope(scene.node, self._stream, scene.names, self.ends[0], self.ends[1])
        self._scene.emit(self._envelope.item(entry))

    def half(self, why: Why) -> Problem:
        """The error of an exchange still open at the end."""
        return HALF[why]

    def _identify(self, side: Side, head: bytes) -> None:
        for row in self._scene.datagrams:
            if row.kind == self._kind and (says := row.probe(head)) in (Says.CLIENT, Says.SERVER):
                self._begin(row, says, side)
                return
        self._tries += 1
        if self._tries >= MAX_TRIES:
            self._give_up("conversations of no known protocol")

    def _begin(self, row: DatagramRow, says: Says, side: Side) -> None:
        self._client = side if says is Says.CLIENT else OTHER[side]
        if self._client == SERVER:
            self.ends = (self.ends[1], self.ends[0])
        self._opaque = None
        self._dissector = row.make(self)

    def _guarded(self, act: Callable[..., None], *what: object) -> None:
        dissector = self._dissector
        try:
            act(*what)
        except Undissected as reason:
            self._give_up(str(reason))
        except Exception as error:  # noqa: BLE001 - hostile bytes must never stop the traffic (safety rule 5)
            who = type(dissector).__name__ if dissector is not None else "telling the protocol"
            self._give_up(f"streams left undissected: {who} failed ({type(error).__name__})")

    def _give_up(self, reason: str) -> None:
        self._done = True
        self.stats.undissected += 1
        self.stats.count(reason)
