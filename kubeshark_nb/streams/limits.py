"""How much the stream layer keeps. Whatever a limit throws away is counted."""

from __future__ import annotations

from dataclasses import dataclass

NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Bounds of the stream layer; times in nanoseconds of capture time.

    Attributes:
        streams: open at a time; beyond it the one heard of longest ago is ended.
        tcp_idle, datagram_idle: a stream that is silent for so long is ended.
        hole_bytes, hole_segments, hole_age: what one direction holds back while it waits for a missing segment. Beyond
            any of them the missing bytes are given up as a gap.
    """

    streams: int = 50_000
    tcp_idle: int = 300 * NS
    datagram_idle: int = 30 * NS
    hole_bytes: int = 1 << 20
    hole_segments: int = 1024
    hole_age: int = 5 * NS
