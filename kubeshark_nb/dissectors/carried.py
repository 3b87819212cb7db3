"""Protocols of streams whose messages come whole in datagrams: LDAP over UDP, Diameter over SCTP (RFC 6733, 2.1).

The dissector of the stream reads them: every datagram is a stretch of the stream that begins and ends with a message.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from kubeshark_nb.dissectors import diameter, ldap
from kubeshark_nb.dissectors.buffer import Buffer
from kubeshark_nb.dissectors.dissector import DatagramDissector, Says, Undissected
from kubeshark_nb.dissectors.frames import Malformed
from kubeshark_nb.dissectors.sctp import FIRST, SctpMessages, data_chunks
from kubeshark_nb.traffic import CLIENT, SERVER, Chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubeshark_nb.dissectors.dissector import Dissector, StreamTalk, Talk
    from kubeshark_nb.dissectors.sctp import DataChunk
    from kubeshark_nb.model import Stats
    from kubeshark_nb.traffic import Datagram, Side, Why

CUT = "datagrams with a message that is not whole"


class Messages(Protocol):
    """Takes the messages of one side out of datagrams."""

    def messages(self, datagram: Datagram) -> Iterator[Chunk]:
        """Those that are complete with this datagram."""

    def end(self) -> None:
        """Nothing more comes."""


class Plain:
    """A datagram is a message, or several."""

    def __init__(self, stats: Stats) -> None:
        pass

    def messages(self, datagram: Datagram) -> Iterator[Chunk]:
        """All of the datagram."""
        data = datagram.data
        if data:
            yield Chunk(data, 0, 0, 0, 1, [len(data)], [datagram.time_ns])

    def end(self) -> None:
        """Nothing waits."""


class Carried(DatagramDissector):
    """Feeds a dissector of streams.

    Args:
        make: the dissector.
        measure: the length of the message that begins at some bytes; see `Frames`.
        messages: what of the datagrams of one side belongs to the protocol.
    """

    def __init__(
        self,
        talk: Talk,
        make: Callable[[StreamTalk], Dissector],
        measure: Callable[[bytes, int], int],
        messages: Callable[[Stats], Messages],
    ) -> None:
        super().__init__(talk)
        self._measure = measure
        self._messages = (messages(talk.stats), messages(talk.stats))
        self._buffers = (Buffer(), Buffer())
        self._dissector = make(cast("StreamTalk", Carrier(talk, self._buffers)))

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """One datagram."""
        buffer = self._buffers[side]
        for message in self._messages[side].messages(datagram):
            if not _fills(message.data, self._measure):
                self.talk.stats.count(CUT)
                continue
            buffer.push(message)
            self._dissector.advance()
            buffer.settle()

    def end(self, side: Side, why: Why) -> None:
        """Both sides have ended."""
        for messages, buffer in zip(self._messages, self._buffers, strict=True):
            messages.end()
            buffer.ended = True
        for one in (CLIENT, SERVER):
            self._dissector.end(one, why)


class Carrier:
    """The talk of datagrams, as a dissector of streams expects it."""

    whole = True

    def __init__(self, talk: Talk, buffers: tuple[Buffer, Buffer]) -> None:
        self._talk = talk
        self.buffers = buffers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._talk, name)

    def identify_again(self) -> None:
        """Datagrams do not change their protocol."""
        raise Undissected("datagrams that change their protocol")


def _fills(data: bytes, measure: Callable[[bytes, int], int]) -> bool:
    """Whether ``data`` is whole messages and nothing else."""
    at = 0
    try:
        while at < len(data):
            size = measure(data, at)
            if size <= 0:
                return False
            at += size
    except Malformed:
        return False
    return at == len(data) > 0


def probe_ldap(head: bytes) -> Says:
    """Messages that fill the datagram."""
    return ldap.probe(head) if head and _fills(head, ldap.measure) else Says.NO


def probe_diameter(head: bytes) -> Says:
    """Messages that fill their chunks; or the first piece of one, which says that it is longer."""
    says: list[Says] = []
    with suppress(Malformed):
        says.extend(_says(chunk) for chunk in data_chunks(head) if chunk.flags & FIRST)
    return says[0] if says and Says.NO not in says else Says.NO


def _says(chunk: DataChunk) -> Says:
    data = chunk.data
    if chunk.whole:
        return diameter.probe(data) if _fills(data, diameter.measure) else Says.NO
    longer = chunk.flags & FIRST and len(data) >= diameter.SIZE and diameter.measure(data, 0) > len(data)
    return diameter.probe(data) if longer else Says.NO


ldap_datagrams = partial(Carried, make=ldap.Ldap, measure=ldap.measure, messages=Plain)
diameter_packets = partial(Carried, make=diameter.Diameter, measure=diameter.measure, messages=SctpMessages)
