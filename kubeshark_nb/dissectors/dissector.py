"""What a dissector is. The contract in full: `kubeshark_nb.dissectors`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.keylog import KeyLog
    from kubeshark_nb.items.entry import Entry, Problem
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.model import Stats
    from kubeshark_nb.traffic import Chunk, Datagram, Endpoint, Side, Why


class Undissected(Exception):  # noqa: N818 - not an error to the user: counted, and the traffic goes on
    """These bytes are not, or no longer, this protocol. The text is the reason users see counted."""


class Says(Enum):
    """Who would begin a conversation of a protocol with some bytes."""

    NO = 0
    MORE = 1
    CLIENT = 2
    SERVER = 3


class Talk(Protocol):
    """What every dissector may do with its conversation. ``ends`` are the endpoints of client and server."""

    stats: Stats
    names: NameTable
    tls: bool
    ends: tuple[Endpoint, Endpoint]

    def emit(self, entry: Entry) -> None:
        """Make an item."""

    def half(self, why: Why) -> Problem:
        """The error of an exchange that is still open when the stream ends."""


class StreamTalk(Talk, Protocol):
    """What a dissector of a stream may do as well. ``whole``: its beginning was captured (a SYN was seen)."""

    buffers: tuple[Buffer, Buffer]
    whole: bool
    keys: KeyLog

    def hand_over(self, make: Callable[[StreamTalk], Dissector]) -> None:
        """Another dissector goes on with what is unread."""

    def identify_again(self, inside: Callable[[StreamTalk], Dissector] | None = None) -> None:
        """What follows is to be recognised by its content; ``inside`` begins a conversation inside it (`inner`)."""

    def inner(self, *, tls: bool) -> Inner:
        """A conversation inside this one, with buffers of its own, in the same roles (decrypted TLS)."""


class Inner(Protocol):
    """A conversation inside another; `Conversation` again."""

    def data(self, side: Side, chunk: Chunk) -> None:
        """The next bytes of ``side`` (CLIENT or SERVER)."""

    def end(self, side: Side, why: Why, time_ns: int) -> None:
        """Nothing more comes from ``side``."""


class Dissector:
    """One conversation over a stream of bytes.

    Attributes:
        apart: both sides make items by themselves. They are read one after the other, so their items have to wait for
            each other to be numbered by time.
    """

    apart = False

    def __init__(self, talk: StreamTalk) -> None:
        self.talk = talk

    def advance(self) -> None:
        """Read every complete message in ``talk.buffers``."""
        raise NotImplementedError

    def gap(self, side: Side, missing: int) -> None:
        """``missing`` bytes of ``side`` are lost behind what was readable."""
        raise Undissected("streams left undissected after a gap")

    def end(self, side: Side, why: Why) -> None:
        """Nothing more comes from ``side``."""


class DatagramDissector:
    """One conversation of datagrams. There may be many that are silent: slots keep them small."""

    __slots__ = ("talk",)

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    def datagram(self, side: Side, datagram: Datagram) -> None:
        """The next datagram of ``side``."""
        raise NotImplementedError

    def end(self, side: Side, why: Why) -> None:
        """Nothing more comes from ``side``."""


class StreamRow(NamedTuple):
    """A protocol over TCP: how it is recognised, what dissects it."""

    name: str
    probe: Callable[[bytes], Says]
    make: Callable[[StreamTalk], Dissector]


class DatagramRow(NamedTuple):
    """A protocol over datagrams of ``kind`` (`kubeshark_nb.traffic`: UDP, ICMP4 ...)."""

    name: str
    kind: int
    probe: Callable[[bytes], Says]
    make: Callable[[Talk], DatagramDissector]
