"""The packets of items as a capture file: classic pcap with nanoseconds, or pcapng when the name ends so.

pcap: draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng. Packets are spooled to disk and only their places are
kept in memory (32 bytes each), so a file may be larger than memory.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import numpy as np

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.files import Export, written

if TYPE_CHECKING:
    from kubeshark_nb.store.view import View

Packet = tuple[int, int, bytes]  # capture time (ns), length on the wire, captured bytes
PacketSource = Callable[[str, str], tuple[int, Sequence[Packet]]]  # (stream, node) -> (link type, packets)

NANOSECONDS = 0xA1B23C4D
SNAP_LENGTH = 262_144
NS_PER_S = 1_000_000_000
PLACE = np.dtype([("time", "<i8"), ("at", "<i8"), ("captured", "<u4"), ("length", "<u4"), ("link", "<i4")])


def pcap(view: View, path: str | Path, packets_of: PacketSource) -> Export:
    """Every packet of the streams of these items, each once, in the order of time.

    Raises:
        StoreError: redaction is on (packets cannot be redacted), the streams are of several link types and ``path``
            does not end in ``.pcapng``, or the file cannot be written.
    """
    if view.redaction is not None:
        raise StoreError("packets cannot be redacted; export HAR or Parquet, or ask for the items without redaction")
    with TemporaryFile() as spool, written(path) as temporary:
        places = _spooled(spool, (packets_of(stream, node) for node, stream in streams(view)))
        write = _pcapng if Path(path).suffix == ".pcapng" else _classic
        with temporary.open("wb") as file:
            write(file, spool, places)
    return Export(Path(path), len(view))


def streams(view: View) -> list[tuple[str, str]]:
    """The different (node, stream) of the view, each once."""
    table = view.table(["node", "stream"])
    pairs = table.group_by(["node", "stream"], use_threads=False).aggregate([])
    return list(zip(pairs["node"].to_pylist(), pairs["stream"].to_pylist(), strict=True))


def _spooled(spool: IO[bytes], sources: Iterable[tuple[int, Sequence[Packet]]]) -> np.ndarray:
    """Write the packets to ``spool``; their places, by time, equal times in the order given."""
    at = 0
    parts = [np.zeros(0, PLACE)]
    for link, packets in sources:
        part = np.zeros(len(packets), PLACE)
        for number, (time_ns, length, data) in enumerate(packets):
            part[number] = (time_ns, at, len(data), length, link)
            at += spool.write(data)
        parts.append(part)
    places = np.concatenate(parts)
    return places[np.argsort(places["time"], kind="stable")]


def _packets(spool: IO[bytes], places: np.ndarray) -> Iterator[tuple[int, int, int, bytes]]:
    """(link type, time, length, bytes) of each place."""
    for time_ns, at, captured, length, link in places.tolist():
        spool.seek(at)
        yield link, time_ns, length, spool.read(captured)


def _classic(file: IO[bytes], spool: IO[bytes], places: np.ndarray) -> None:
    links = np.unique(places["link"]).tolist()
    if len(links) > 1:
        raise StoreError(f"the packets are of several link types ({links}); give a name that ends in .pcapng")
    file.write(struct.pack("<IHHiIII", NANOSECONDS, 2, 4, 0, 0, SNAP_LENGTH, links[0] if links else 1))
    for _, time_ns, length, data in _packets(spool, places):
        file.write(struct.pack("<IIII", *divmod(time_ns, NS_PER_S), len(data), length) + data)


def _pcapng(file: IO[bytes], spool: IO[bytes], places: np.ndarray) -> None:
    links = np.unique(places["link"]).tolist()
    file.write(_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    for link in links:
        nanoseconds = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)  # if_tsresol = 10^-9, end of options
        file.write(_block(1, struct.pack("<HHI", link, 0, SNAP_LENGTH) + nanoseconds))
    for link, time_ns, length, data in _packets(spool, places):
        head = struct.pack("<IIIII", links.index(link), time_ns >> 32, time_ns & 0xFFFFFFFF, len(data), length)
        file.write(_block(6, head + data + b"\0" * (-len(data) % 4)))


def _block(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size
