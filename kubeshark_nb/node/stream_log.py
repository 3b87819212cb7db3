"""The packets of each stream, found again in the capture: read only when somebody asks for them.

A stream is named after the number of the packet that opened it. So the packet leads to its flow, and the flow to the
stream's other packets, up to the one that opened the next stream of the same flow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from kubeshark_nb.model import Stats
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.packets.fragments import Fragments
from kubeshark_nb.traffic import PADDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kubeshark_nb.capture import Source
    from kubeshark_nb.items.names import NameTable

Packet = tuple[int, int, bytes]  # capture time (ns), bytes on the wire, captured bytes
ETHERNET = 1
COLUMNS = np.dtype(
    [("flow", "<u8"), ("time", "<i8"), ("at", "<i8"), ("captured", "<i4"), ("length", "<i4"), ("link", "<i4")]
)


@dataclass
class StreamLog:
    """The streams of one run, for ``pcap.*`` and for exports.

    Args:
        reopen: gives the capture again, from its start.
        table: the names of addresses.
        opened: stream names in the order in which they opened; grows while the run goes on.
    """

    reopen: Callable[[], Source]
    table: NameTable
    opened: list[str] = field(default_factory=list)
    _frames: IO[bytes] | None = None
    _index: np.ndarray[Any, Any] | None = None
    _seen: dict[int, None] = field(default_factory=dict)

    def names(self) -> Iterable[str]:
        """Every stream that has opened so far."""
        return tuple(self.opened)

    def history(self) -> dict[str, Any]:
        """See `NameTable.history`."""
        return self.table.history()

    def packets(self, stream: str) -> tuple[int, Sequence[Packet]] | None:
        """Link type and packets of a stream, in capture order; ``None`` when there is no stream of this name.

        Raises:
            CaptureError: the capture cannot be read again.
        """
        number = int(stream[:12]) if stream[:12].isdigit() else 0
        if number not in self._numbers():
            return None
        index = self._read()
        flow = int(index["flow"][number - 1])
        rows = np.flatnonzero(index["flow"] == flow)
        rows = rows[(rows >= number - 1) & (rows < self._end(flow, number))]
        link = int(index["link"][rows[0]]) if len(rows) else ETHERNET
        return link, [self._frame(row) for row in index[rows]]

    def _numbers(self) -> dict[int, None]:
        """Numbers of the opening packets of all streams."""
        for name in self.opened[len(self._seen) :]:
            self._seen[int(name[:12])] = None
        return self._seen

    def _end(self, flow: int, number: int) -> int:
        """Row at which the next stream of the same flow opens."""
        assert self._index is not None
        flows = self._index["flow"]
        later = (other - 1 for other in self._numbers() if other > number and flows[other - 1] == flow)
        return min(later, default=len(flows))

    def _frame(self, row: Any) -> Packet:
        assert self._frames is not None
        self._frames.seek(int(row["at"]))
        return int(row["time"]), int(row["length"]), self._frames.read(int(row["captured"]))

    def _read(self) -> np.ndarray[Any, Any]:
        """One pass over the capture: its frames to a temporary file, what leads to them to memory (36 bytes each)."""
        if self._index is None:
            self._frames = TemporaryFile()  # noqa: SIM115 - lives as long as the log
            parts, at = [np.zeros(0, COLUMNS)], 0
            fragments, flows = Fragments(Stats()), {}
            for batch in self.reopen().batches():
                part = np.zeros(len(batch), COLUMNS)
                packets, joined = fragments.join(decode(batch))
                part["flow"] = packets.flow
                flows.update({number: packets.flow[one.row] for one in joined for number in one.numbers})
                part["time"], part["captured"], part["length"] = batch.time_ns, batch.captured, batch.length
                part["link"], part["at"] = batch.link, batch.starts + at
                parts.append(part)
                at += self._frames.write(memoryview(batch.data)[: len(batch.data) - len(PADDING)])
            self._index = np.concatenate(parts)
            for number, flow in flows.items():  # a fragment belongs to the stream of its packet
                self._index["flow"][number - 1] = flow
        return self._index
