"""The pcapng file (draft-ietf-opsawg-pcapng): sections of typed blocks, several interfaces, any time resolution.

Packet blocks only are walked one by one in Python, to find where they begin; their fields are read as columns.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kubeshark_nb.capture.damage import MAX_FRAME, Damage
from kubeshark_nb.columns import rows
from kubeshark_nb.traffic import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.traffic import Ints

MAGIC = b"\x0a\x0d\x0d\x0a"
SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, NAMES, PACKET, SECRETS = 0x0A0D0D0A, 1, 2, 3, 4, 6, 10
BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
FIXED = {PACKET: 28, OLD_PACKET: 28, SIMPLE_PACKET: 12}  # bytes of a packet block before the frame
SMALLEST = 12  # bytes of a block: type and length, and the length again
FIELDS = 8  # bytes before the options or the secrets
TLS_KEY_LOG = 0x544C534B
RESOLUTION, OFFSET = 9, 14  # if_tsresol, if_tsoffset
IPV4_NAME, IPV6_NAME = 1, 2  # records of a name resolution block


class Interface(NamedTuple):
    """What an interface description says: link type, snap length, time units per second, offset in seconds."""

    link: int
    snap: int
    units: int
    offset: int


class PcapngReader:
    """Turns the bytes of one file into batches. ``names`` and ``key_log`` collect what other blocks carry.

    Attributes:
        names: (address as text, names) of the name resolution blocks, in order.
        key_log: texts in the SSLKEYLOGFILE format of the decryption secrets blocks, in order.
    """

    def __init__(self) -> None:
        self.names: list[tuple[str, list[str]]] = []
        self.key_log: list[str] = []
        self._order = "<"
        self._interfaces: list[Interface] = []
        self._last_time = 0

    def header(self, data: bytes) -> int:  # noqa: ARG002 - of every reader
        """A section header is a block like any other: nothing to skip."""
        return 0

    def read(self, data: bytes, at: int, end: int) -> tuple[Batch | None, int]:
        """Frames of the complete blocks in ``data[at:end]`` and where the next block begins.

        Stops early where the byte order or the interfaces change, so that a batch has one of each; call again.

        Raises:
            Damage: the first block there cannot be one.
        """
        offsets: list[int] = []
        kinds: list[int] = []
        while at + SMALLEST <= end:
            if data[at : at + 4] == MAGIC:
                if offsets:
                    break
                self._order = BYTE_ORDERS.get(data[at + 8 : at + 12]) or _damage("a section of no byte order")
            kind, size = struct.unpack_from(self._order + "II", data, at)
            if size < SMALLEST or size % 4 or size > MAX_FRAME:
                if offsets:
                    break
                raise Damage(f"a block of {size} bytes")
            if at + size > end:
                break
            if kind in FIXED:
                offsets.append(at)
                kinds.append(kind)
            elif kind in (SECTION, INTERFACE) and offsets:
                break
            else:
                self._note(kind, data[at + 8 : at + size - 4])
            at += size
        return (self._batch(data, np.array(offsets, np.int64), kinds) if offsets else None), at

    def _note(self, kind: int, body: bytes) -> None:
        if kind == SECTION:
            self._interfaces = []
        elif kind == INTERFACE and len(body) >= FIELDS:
            self._interfaces.append(self._interface(body))
        elif kind == NAMES:
            self.names += self._name_records(body)
        elif kind == SECRETS and len(body) >= FIELDS:
            secret, size = struct.unpack_from(self._order + "II", body)
            if secret == TLS_KEY_LOG:
                self.key_log.append(body[8 : 8 + size].decode("ascii", "replace"))

    def _interface(self, body: bytes) -> Interface:
        link, _, snap = struct.unpack_from(self._order + "HHI", body)
        options = dict(self._options(body, 8))
        resolution = options.get(RESOLUTION, b"\x06")[:1] or b"\x06"
        power = resolution[0] & 0x7F
        units = 2 ** min(power, 62) if resolution[0] & 0x80 else 10 ** min(power, 18)
        offset = int.from_bytes(options.get(OFFSET, b"")[:8], "little" if self._order == "<" else "big", signed=True)
        return Interface(link, snap, units, offset)

    def _options(self, body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
        while at + 4 <= len(body):
            code, size = struct.unpack_from(self._order + "HH", body, at)
            if code == 0:
                return
            yield code, body[at + 4 : at + 4 + size]
            at += 4 + (size + 3 & ~3)

    def _name_records(self, body: bytes) -> Iterator[tuple[str, list[str]]]:
        from ipaddress import ip_address

        for kind, value in self._options(body, 0):
            width = {IPV4_NAME: 4, IPV6_NAME: 16}.get(kind, 0)
            if width and len(value) > width:
                texts = [text.decode("utf-8", "replace") for text in value[width:].split(b"\0") if text]
                yield str(ip_address(value[:width])), texts

    def _batch(self, data: bytes, offsets: Ints, kinds: list[int]) -> Batch:
        kind = np.array(kinds, np.int64)
        fields = rows(data, offsets, 28).view(self._order + "u4").reshape(-1, 7).astype(np.int64)
        simple = kind == SIMPLE_PACKET
        interface = np.where(kind == PACKET, fields[:, 2], np.where(simple, 0, self._old_interface(fields[:, 2])))
        room = fields[:, 1] - np.where(simple, 16, 32)
        captured = np.where(simple, fields[:, 2], fields[:, 5])
        known = self._interfaces or [Interface(1, 0, 10**6, 0)]
        interface = np.minimum(interface, len(known) - 1)
        snap = np.array([one.snap or MAX_FRAME for one in known], np.int64)[interface]
        captured = np.clip(np.where(simple, np.minimum(captured, snap), captured), 0, np.maximum(room, 0))
        return Batch(
            data=data,
            first=0,
            starts=offsets + np.where(simple, 12, 28),
            captured=captured,
            length=np.maximum(np.where(simple, fields[:, 2], fields[:, 6]), captured),
            time_ns=self._times(fields, simple, interface, known),
            link=np.array([one.link for one in known], np.int64)[interface],
        )

    def _old_interface(self, word: Ints) -> Ints:
        return word & 0xFFFF if self._order == "<" else word >> 16

    def _times(self, fields: Ints, simple: Ints, interface: Ints, known: list[Interface]) -> Ints:
        """Nanoseconds. A simple packet has no time: it gets that of the packet before it."""
        ticks = fields[:, 3] << 32 | fields[:, 4]
        times = np.zeros(len(ticks), np.int64)
        for number, one in enumerate(known):
            of_it = interface == number
            seconds, rest = np.divmod(ticks[of_it], one.units)
            part = rest * (10**9 // one.units) if one.units <= 10**9 else rest // max(one.units // 10**9, 1)
            if one.units & (one.units - 1) == 0:
                part = (rest.astype(np.float64) * (10**9 / one.units)).astype(np.int64)
            times[of_it] = (seconds + one.offset) * 10**9 + part
        if simple.any():
            last = np.maximum.accumulate(np.where(simple, -1, np.arange(len(times))))
            times = np.where(last >= 0, times[last], self._last_time)
        self._last_time = int(times[-1])
        return times


def _damage(what: str) -> str:
    raise Damage(what)
