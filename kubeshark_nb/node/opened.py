"""The streams of a run, in the order in which they opened: numbers only, a few bytes for each."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb.traffic import ICMP4, ICMP6, SCTP, TCP, UDP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

SUFFIXES = {TCP: ".pcap", UDP: "_udp.pcap", SCTP: "_sctp.pcap", ICMP4: "_icmp.pcap", ICMP6: "_icmp.pcap"}
MOST = 1_000_000  # streams of a live capture that are known; then the older half is forgotten


def stream_name(number: int, kind: int) -> str:
    """The name of the stream of ``kind`` (TCP, UDP ...) that packet ``number`` opened."""
    return f"{number:012d}{SUFFIXES[kind]}"


class OpenedStreams:
    """What leads from a stream's name to its packets."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._flows = array("Q")
        self._kinds = array("b")

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, number: int, flow: int, kind: int) -> None:
        """A stream that packet ``number`` of the conversation ``flow`` opened."""
        self._numbers.append(number)
        self._flows.append(flow)
        self._kinds.append(kind)

    def extend(self, streams: Iterable[tuple[int, int, int]]) -> None:
        """Several streams: number, flow and kind of each."""
        for stream in streams:
            self.add(*stream)

    def since(self, count: int) -> list[tuple[int, int, int]]:
        """Number, flow and kind of the streams after the first ``count``."""
        return list(zip(self._numbers[count:], self._flows[count:], self._kinds[count:], strict=True))

    def taken(self) -> list[tuple[int, int, int]]:
        """What has opened since the last time, which is forgotten here."""
        found = list(zip(self._numbers, self._flows, self._kinds, strict=True))
        for column in (self._numbers, self._flows, self._kinds):
            del column[:]
        return found

    def trim(self, most: int = MOST) -> None:
        """Forget the older half when there are too many."""
        if len(self) > most:
            for column in (self._numbers, self._flows, self._kinds):
                del column[: len(column) // 2]

    def columns(self) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int8]]:
        """Number, flow and kind of each, as they are now."""
        return np.array(self._numbers, np.int64), np.array(self._flows, np.uint64), np.array(self._kinds, np.int8)
