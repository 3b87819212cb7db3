"""Classic pcap files (draft-ietf-opsawg-pcap), as far as snapshots need them: read all records, write them in order."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.helpers.namespace import HelperError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MICRO, NANO = 0xA1B2C3D4, 0xA1B23C4D
ETHERNET = 1
SNAP_LENGTH = 262_144
HEADER = struct.Struct("<IHHiIII")
NS_PER_S = 1_000_000_000


class Record(NamedTuple):
    """One packet: capture time (ns), bytes on the wire, the bytes captured."""

    time_ns: int
    length: int
    data: bytes


def read(path: Path) -> tuple[int, list[Record]]:
    """Link type and records; a record cut off at the end is left out. Raises HelperError when it is no pcap file."""
    data = path.read_bytes()
    for order in "<>":
        magic = struct.unpack_from(f"{order}I", data)[0] if len(data) >= HEADER.size else 0
        if magic in (MICRO, NANO):
            link = struct.unpack_from(f"{order}I", data, 20)[0] & 0xFFFF
            return link, _records(data, order, 1 if magic == NANO else 1000)
    raise HelperError(f'"{path.name}" is no pcap file')


def _records(data: bytes, order: str, unit: int) -> list[Record]:
    header, at, found = struct.Struct(f"{order}IIII"), HEADER.size, []
    while at + header.size <= len(data):
        seconds, fraction, captured, length = header.unpack_from(data, at)
        at += header.size
        if at + captured > len(data):
            break
        found.append(Record(seconds * NS_PER_S + fraction * unit, length, data[at : at + captured]))
        at += captured
    return found


def content(link: int, records: Sequence[Record]) -> bytes:
    """A pcap file of ``records``; with nanoseconds only where microseconds would lose something."""
    nano = any(record.time_ns % 1000 for record in records)
    parts = [HEADER.pack(NANO if nano else MICRO, 2, 4, 0, 0, SNAP_LENGTH, link)]
    for record in records:
        seconds, rest = divmod(record.time_ns, NS_PER_S)
        parts.append(struct.pack("<IIII", seconds, rest if nano else rest // 1000, len(record.data), record.length))
        parts.append(record.data)
    return b"".join(parts)
