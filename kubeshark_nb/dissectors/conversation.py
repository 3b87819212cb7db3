"""One stream from its first byte to its last item: recognises the protocol, feeds its dissector, survives it."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.buffer import Buffer
from kubeshark_nb.dissectors.dissector import Says, Undissected
from kubeshark_nb.dissectors.opaque import Opaque
from kubeshark_nb.dissectors.scene import HALF
from kubeshark_nb.items.envelope import Envelope
from kubeshark_nb.traffic import CLIENT, SERVER, TCP

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.dissector import Dissector, StreamRow, StreamTalk
    from kubeshark_nb.dissectors.scene import Scene
    from kubeshark_nb.items.entry import Entry, Problem
    from kubeshark_nb.traffic import Chunk, Datagram, Endpoint, Side, Why

HEAD = 4096  # bytes of one side that a probe gets to see
MAX_UNREAD = 4 << 20  # a side that leaves more than this unread has lost its way
MAX_TRIES = 64  # segments of one side at which a protocol is looked for
READY = attrgetter("ready_ns")
OTHER: tuple[Side, Side] = (SERVER, CLIENT)


class Conversation:
    """A TCP stream (or the plaintext inside one). Sides are those of the stream until the roles are known.

    Args:
        ends: endpoints of side 0 and side 1.
        caller: the side known to be the client, ``None`` when only the content can tell.
    """

    __slots__ = (
        "_caller", "_dissector", "_done", "_ended", "_envelope", "_held", "_inside", "_opaque", "_scene", "_stream",
        "_tries", "buffers", "ends", "keys", "names", "stats", "tls", "whole",
    )  # fmt: skip

    def __init__(
        self, scene: Scene, stream: str, ends: tuple[Endpoint, Endpoint], caller: Side | None, *, tls: bool = False
    ) -> None:
        self.buffers = (Buffer(), Buffer())
        self.names = scene.names
        self.stats = scene.stats
        self.keys = scene.keys
        self.tls = tls
        self.whole = caller is not None
        self._scene = scene
        self._stream = stream
        self.ends = (ends[1], ends[0]) if caller == 1 else ends
        self._caller = caller
        self._envelope: Envelope | None = None
        self._held: list[Entry] = []
        self._dissector: Dissector | None = None
        self._inside: Callable[[StreamTalk], Dissector] | None = None  # begins the conversation inside this one
        self._opaque: Opaque | None = Opaque()  # as long as nobody understands what is said
        self._done = False
        self._tries = [0, 0]
        self._ended: list[Why | None] = [None, None]

    # --- heard from the stream layer; `side` is the stream's -------------------------------------------------------

    @property
    def caller(self) -> Side | None:
        """The stream's side that is the client, as soon as it is known."""
        return self._caller

    def data(self, side: Side, chunk: Chunk) -> None:
        """The next bytes of one side."""
        role = self._role(side)
        if self._opaque is not None and chunk.data:
            self._opaque.heard(role, chunk.data, chunk.time_at(0))
        if self._done:
            return
        buffer = self.buffers[role]
        if chunk.gap:
            self._gap(role, chunk.gap)
        if chunk.data:
            buffer.push(chunk)
            self._advance()
            buffer.settle()
            if len(buffer) > MAX_UNREAD:
                self._give_up("streams left undissected: a message that never ends")

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """A stream of bytes has none."""
        raise NotImplementedError

    def end(self, side: Side, why: Why, time_ns: int) -> None:
        """One side has ended."""
        role = self._role(side)
        self._ended[role] = why
        self.buffers[role].ended = True
        if not self._done:
            self._tell_end(role, why)
        if all(self._ended) and self._opaque is not None:
            entry = self._opaque.entry(TCP)
            self._opaque = None
            if entry is not None:
                self.emit(entry)

    def _tell_end(self, role: Side, why: Why) -> None:
        if self._dissector is None and len(self.buffers[role]):
            self._guarded(partial(self._identify, last=True))
        self._tell(lambda dissector: dissector.end(role, why))
        if all(self._ended):
            if self._dissector is None and any(self._tries):
                self._count_undissected()
            self._done = True
            self._dissector = None  # it knows us: the circle would outlive the stream

    # --- what a dissector may do: `StreamTalk` ------------------------------------------------------------------------

    def emit(self, entry: Entry) -> None:
        """Make an item."""
        scene = self._scene
        if scene.mute:
            return
        if scene.hold is not None and (self._held or (self._dissector is not None and self._dissector.apart)):
            if not self._held:
                scene.hold(self)
            self._held.append(entry)
            return
        self._make(entry)

    def release(self) -> None:
        """Make the items that waited, by time."""
        held, self._held = self._held, []
        for entry in sorted(held, key=READY):
            self._make(entry)

    def _make(self, entry: Entry) -> None:
        if self._envelope is None:
            scene = self._scene
            self._envelope = Envelope(scene.node, self._stream, scene.names, *self.ends, tls=self.tls)
        self._scene.emit(self._envelope.item(entry))

    def half(self, why: Why) -> Problem:
        """The error of an exchange still open at the end."""
        return HALF[why]

    def hand_over(self, make: Callable[[StreamTalk], Dissector]) -> None:
        """Another dissector goes on with what is unread, and hears of an end that already came."""
        self._opaque = None
        self._dissector = make(self)

    def identify_again(self, inside: Callable[[StreamTalk], Dissector] | None = None) -> None:
        """Look at the content of what follows."""
        self._inside = inside
        self._dissector = None
        self._opaque = Opaque()
        for role in (CLIENT, SERVER):
            buffer = self.buffers[role]
            if len(buffer):
                self._opaque.heard(role, buffer.data[buffer.at :], buffer.time_at(buffer.at))
        self._tries = [0, 0]

    def inner(self, *, tls: bool) -> Conversation:
        """A conversation inside this one; its sides are CLIENT and SERVER."""
        stream = self._stream.removesuffix(".pcap") + ("_tls.pcap" if tls else ".pcap")
        inner = Conversation(self._scene, stream, self.ends, CLIENT, tls=tls)
        if self._inside is not None:
            inner.hand_over(self._inside)
        return inner

    # --- the machinery ---------------------------------------------------------------------------------------------

    def _role(self, side: Side) -> Side:
        """CLIENT or SERVER; as long as nobody knows, side 0 stands in the client's place."""
        return OTHER[side] if self._caller == 1 else side

    def _advance(self) -> None:
        while True:
            if self._dissector is None:
                self._guarded(self._identify)
            dissector = self._dissector
            if dissector is None:
                return
            self._guarded(dissector.advance)
            if self._dissector is dissector or self._done:
                return

    def _gap(self, role: Side, missing: int) -> None:
        self._tell(lambda dissector: dissector.gap(role, missing))
        self.buffers[role].clear()

    def _tell(self, what: Callable[[Dissector], None]) -> None:
        """A gap or an end. Who gives way at it leaves what is unread to the next one, who is told as well."""
        told = None
        while self._dissector is not None and self._dissector is not told:
            told = self._dissector
            self._guarded(partial(what, told))
            if self._dissector is not told and not self._done:
                self._advance()

    def _guarded(self, act: Callable[[], None]) -> None:
        dissector = self._dissector
        try:
            act()
        except Undissected as reason:
            self._give_up(str(reason))
        except Exception as error:  # noqa: BLE001 - hostile bytes must never stop the traffic (safety rule 5)
            who = type(dissector).__name__ if dissector is not None else "telling the protocol"
            self._give_up(f"streams left undissected: {who} failed ({type(error).__name__})")

    def _give_up(self, reason: str) -> None:
        self.stats.count(reason)
        self.stats.undissected += 1
        self._done = True
        self._dissector = None
        for buffer in self.buffers:
            buffer.clear()
            buffer.settle()

    def _count_undissected(self) -> None:
        self.stats.undissected += 1
        self.stats.count("streams of no known protocol")

    def _identify(self, *, last: bool = False) -> None:
        """Ask every row about what each side has said; where nobody knows, look again at the next segment."""
        for role in (CLIENT, SERVER):
            buffer = self.buffers[role]
            while len(buffer):
                found, more = self._ask(buffer.data[buffer.at : buffer.at + HEAD], role)
                if found is not None:
                    self._begin(*found, role)
                    return
                if more and not last:
                    break
                self._tries[role] += 1
                following = [start for start in buffer.starts() if start > buffer.at]
                if not following or self._tries[role] >= MAX_TRIES:
                    buffer.clear()
                    break
                buffer.at = following[0]
        if min(self._tries) >= MAX_TRIES:
            self._count_undissected()
            self._done = True

    def _ask(self, head: bytes, role: Side) -> tuple[tuple[StreamRow, Says] | None, bool]:
        more = False
        for row in self._scene.streams:
            says = row.probe(head)
            if says is Says.MORE:
                more = True
            elif says is not Says.NO and self._fits(says, role):
                return (row, says), more
        return None, more

    def _fits(self, says: Says, role: Side) -> bool:
        """A SYN tells who called; then the content may not say otherwise."""
        return self._caller is None or (says is Says.CLIENT) == (role == CLIENT)

    def _begin(self, row: StreamRow, says: Says, role: Side) -> None:
        if self._caller is None:
            client = role if says is Says.CLIENT else OTHER[role]
            self._caller = client
            if client == 1:
                self.buffers = (self.buffers[1], self.buffers[0])
                self.ends = (self.ends[1], self.ends[0])
                self._tries.reverse()
                self._ended.reverse()
        self._opaque = None
        self._dissector = row.make(self)
