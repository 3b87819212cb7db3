"""What flows from the capture to the dissectors: columns of packets, then runs of ordered bytes.

Never a packet object: a batch is one block of bytes and a few numpy columns beside it. Offsets are in bytes from the
start of ``data``; times are int64 nanoseconds since the epoch, UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

PADDING = bytes(64)  # follows the last frame of every batch, so that a header may be read without a bounds check

# what the last header that was understood is; 6: a piece of an IP packet; 0: nothing we know, or cut in its header
OTHER, TCP, UDP, SCTP, ICMP4, ICMP6, FRAGMENT = range(7)

Side = Literal[0, 1]
CLIENT: Side = 0
SERVER: Side = 1

Why = Literal["fin", "reset", "idle", "evicted", "capture"]
"""How a stream ended: its own FIN, a reset, nothing heard for long, thrown out to keep a bound, end of the capture."""


@dataclass(slots=True)
class Batch:
    """Frames as captured. ``data`` ends with `PADDING`; the columns have one row per frame, in capture order.

    Attributes:
        first: number of the first frame, from 1 over the whole source.
        starts: where each frame begins in ``data``.
        captured: bytes of the frame that are in ``data``.
        length: bytes of the frame on the wire.
        link: link type of each frame (the registry at tcpdump.org/linktypes.html).
        until_ns: nothing that was captured before this moment will follow; 0 when only the frames say how late it is.
    """

    data: bytes
    first: int
    starts: Ints
    captured: Ints
    length: Ints
    time_ns: Ints
    link: Ints
    until_ns: int = 0

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(slots=True)
class Packets:
    """A decoded batch: what the stream layer and ``onPacketCaptured`` need, one row per frame.

    Attributes:
        kind: the last header that was understood, TCP, UDP, SCTP, ICMP4, ICMP6, FRAGMENT or OTHER.
        ip_at, ip_version: where the innermost IP header begins, and 4, 6 or 0 for none.
        flow: 64 bits that are equal for both directions of a conversation and for nothing else.
        side: which of the two directions the packet belongs to.
        start, end: the transport payload that is in ``batch.data``.
        size: bytes of that payload on the wire (more than ``end - start`` when the snap length cut it).
        seq, flags: of TCP, else 0.
        carried: bytes on the wire of all frames that brought the payload, more than one where it was fragmented.
        clock_ns: the latest capture time so far, over the whole source. How long something has been silent is told by
            it: it stands still where capture times run back, so it does not matter how the frames are cut into batches.
    """

    batch: Batch
    kind: NDArray[np.int16]
    ip_at: Ints
    ip_version: NDArray[np.int8]
    flow: NDArray[np.uint64]
    side: NDArray[np.int8]
    source_port: Ints
    target_port: Ints
    start: Ints
    end: Ints
    size: Ints
    seq: Ints
    flags: Ints
    fragmented: Bools
    carried: Ints
    clock_ns: Ints

    @property
    def time_ns(self) -> Ints:
        """Capture time of each frame."""
        return self.batch.time_ns

    @property
    def captured(self) -> Ints:
        """Bytes captured of each frame."""
        return self.batch.captured

    @property
    def length(self) -> Ints:
        """Bytes of each frame on the wire."""
        return self.batch.length

    def __len__(self) -> int:
        return len(self.kind)


def nothing(until_ns: int = 0) -> Batch:
    """A batch without frames: time passes, or somebody must get the chance to do something else."""
    import numpy as np

    starts, captured, length, time_ns, link = (np.zeros(0, np.int64) for _ in range(5))
    return Batch(PADDING, 0, starts, captured, length, time_ns, link, until_ns)


class PacketColumns(Protocol):
    """One row per packet, in capture order, as hooks see it."""

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Capture time, ns since the epoch."""

    @property
    def captured(self) -> NDArray[np.int64]:
        """Bytes in the capture."""

    @property
    def length(self) -> NDArray[np.int64]:
        """Bytes on the wire."""

    @property
    def fragmented(self) -> NDArray[np.bool_]:
        """Whether it is an IP fragment."""

    def __len__(self) -> int: ...


class Endpoint(NamedTuple):
    """One end of a conversation; ``port`` is 0 where the protocol has none."""

    ip: str
    port: int


class Chunk(NamedTuple):
    """Bytes of one direction that follow each other, and when they were captured.

    Segment ``i`` (``low <= i < high``) ends ``ends[i] - base`` bytes into ``data`` and was captured at ``times[i]``:
    the two lists are shared by all chunks of a window. ``gap`` bytes are missing right before ``data``.
    """

    data: bytes
    gap: int
    base: int
    low: int
    high: int
    ends: Sequence[int]
    times: Sequence[int]

    def time_at(self, offset: int) -> int:
        """Capture time (ns) of the byte at ``offset``; of the last byte when ``offset`` is past the end."""
        at = bisect_right(self.ends, self.base + offset, self.low, self.high)
        return self.times[at if at < self.high else self.high - 1]

    def since(self, offset: int) -> Chunk:
        """The times of what follows ``offset``, without the bytes, and without holding the window's lists."""
        start = self.base + offset
        low = bisect_right(self.ends, start, self.low, self.high)
        times = list(self.times[low : self.high])
        return Chunk(b"", 0, start, 0, len(times), list(self.ends[low : self.high]), times)

    def segment_starts(self) -> list[int]:
        """Offsets in ``data`` at which a captured segment begins."""
        return [0, *(end - self.base for end in self.ends[self.low : self.high - 1])]


class Datagram(NamedTuple):
    """One datagram: its payload, capture time (ns) and length of the whole frame on the wire."""

    data: bytes
    time_ns: int
    length: int
