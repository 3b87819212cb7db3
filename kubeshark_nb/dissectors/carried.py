"""Protocols of streams whose messages come whole in datagrams: LDAP over UDP, Diameter over SCTP (RFC 6733, 2.1).

The dissector of the stream reads them: every datagram is a stretch of the stream that begins and ends with a message.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from kubeshark_nb.dissectors import diameter, ldap
from kubeshark_nb.dissectors.buffer import Buffer
from kubeshark_nb.dissectors.dissector import DatagramDissector, Says, Undissected
from kubeshark_nb.dissectors.frames import Malformed
from kubeshark_nb.traffic import CLIENT, SERVER, Chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubeshark_nb.dissectors.dissector import Dissector, StreamTalk, Talk
    from kubeshark_nb.traffic import Datagram, Side, Why

DATA, BEGIN_AND_END = 0, 3  # RFC 9260, 3.3.1: the kind of chunk, and the flags of a message in one piece
CHUNK_HEAD, DATA_HEAD = 4, 16
CUT = "datagrams with a message that is not whole"


class Carried(DatagramDissector):
    """Feeds a dissector of streams.

    Args:
        make: the dissector.
        measure: the length of the message that begins at some bytes; see `Frames`.
        messages: what of a datagram belongs to the protocol.
    """

    def __init__(
        self,
        talk: Talk,
        make: Callable[[StreamTalk], Dissector],
        measure: Callable[[bytes, int], int],
        messages: Callable[[bytes], bytes],
    ) -> None:
        super().__init__(talk)
        self._measure = measure
        self._messages = messages
        self._buffers = (Buffer(), Buffer())
        self._dissector = make(cast("StreamTalk", Carrier(talk, self._buffers)))

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """One datagram."""
        data = self._messages(datagram.data)
        if not data:
            return
        if not _fills(data, self._measure):
            self.talk.stats.count(CUT)
            return
        buffer = self._buffers[side]
        buffer.push(Chunk(data, 0, 0, 0, 1, [len(data)], [datagram.time_ns]))
        self._dissector.advance()
        buffer.settle()

    def end(self, side: Side, why: Why) -> None:
        """Both sides have ended."""
        for buffer in self._buffers:
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


def sctp_messages(data: bytes) -> bytes:
    """What the DATA chunks of an SCTP packet hold, as far as they hold whole messages (RFC 9260, 3.3.1)."""
    return b"".join(_user_data(data))


def _user_data(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + CHUNK_HEAD <= len(data):
        kind, flags, size = struct.unpack_from(">BBH", data, at)
        if size < CHUNK_HEAD or at + size > len(data):
            return
        if kind == DATA and flags & BEGIN_AND_END == BEGIN_AND_END:
            yield data[at + DATA_HEAD : at + size]
        at += size + 3 & ~3


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
    """Messages that fill the chunks."""
    data = sctp_messages(head)
    return diameter.probe(data) if _fills(data, diameter.measure) else Says.NO


ldap_datagrams = partial(Carried, make=ldap.Ldap, measure=ldap.measure, messages=bytes)
diameter_packets = partial(Carried, make=diameter.Diameter, measure=diameter.measure, messages=sctp_messages)
