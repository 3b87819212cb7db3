"""A network interface of this machine, through Linux's packet ring; `sniffed` is for other systems."""

from __future__ import annotations

import ctypes
import mmap
import select
import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kubeshark_nb.capture.arriving import QUIET, Arriving
from kubeshark_nb.capture.bpf import compiled
from kubeshark_nb.capture.ring import BLOCK, Blocks, batch_of, link_of
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.traffic import nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.traffic import Batch

# linux/if_packet.h and asm-generic/socket.h
SOL_PACKET, RX_RING, STATISTICS, VERSION, IGNORE_OUTGOING = 263, 5, 6, 10, 23
ATTACH_FILTER = 26
TPACKET_V3 = 2
EVERY_PROTOCOL = 3
SLOT = 2048  # what the kernel checks block sizes against; frames may be longer
RETIRE_MS = 20  # after which a block that is not full is handed over
RETIRED = 5 * RETIRE_MS / 1000  # seconds after which nothing that arrived before is still on its way
ANY = "any"
LOOPBACK = "lo"
MOST = 16  # blocks of one batch
FULL = "packets dropped by the kernel because the ring was full (--ring MB makes it larger)"
FORBIDDEN = (
    "capturing needs the right to: start Jupyter as root, or give its Python the capability "
    '(sudo setcap cap_net_raw+ep "$(readlink -f "$(which python3)")"), '
    'or use --pipe "sudo tcpdump -U -w - -i {name}"'
)


@dataclass
class LiveSource(Arriving):
    """What passes an interface (``any``: all of them) from now on.

    Attributes:
        bpf: a capture filter in tcpdump's syntax; "" for everything.
        ring: MB that the kernel may hold back for us.
    """

    bpf: str = ""
    ring: int = 64

    def check(self) -> None:
        """Whether it could be captured from.

        Raises:
            CaptureError: there is no such interface, we have no right to, or the filter is wrong.
        """
        self._open().close()

    def arrivals(self) -> Iterator[Batch]:
        """See `Arriving`."""
        with self._open() as opened, self._mapped(opened) as memory:
            if self.name != ANY:
                opened.bind((self.name, EVERY_PROTOCOL))
            yield from self._batches(opened, Blocks(memory))
            self._count_dropped(opened)

    def _batches(self, opened: socket.socket, blocks: Blocks) -> Iterator[Batch]:
        poll = select.poll()
        poll.register(opened, select.POLLIN | select.POLLERR)
        twice = socket.if_nametoindex(LOOPBACK) if self.name == ANY else 0
        while True:
            taken = blocks.take(min(self.pace.bytes // BLOCK + 1, MOST))
            self._count_dropped(opened)
            if taken:
                yield batch_of(taken, not_outgoing=twice)
            elif self.stopping and time.monotonic() > self.stopping + RETIRED:
                return
            else:
                yield nothing()
                if any(event & select.POLLERR for _, event in poll.poll(QUIET * 1000)) and self._is_down(opened):
                    return

    def _is_down(self, opened: socket.socket) -> bool:
        if opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            return False
        self.ended = f"interface {self.name!r} went down"
        return True

    def _count_dropped(self, opened: socket.socket) -> None:
        """The kernel counts from one asking to the next."""
        _, dropped, _ = struct.unpack("III", opened.getsockopt(SOL_PACKET, STATISTICS, 12))
        self.dropped += dropped
        self.lost(FULL, dropped)

    def _open(self) -> socket.socket:
        """A socket that gets nothing before it is bound, so that no packet passes by the filter.

        One for all interfaces cannot be bound. It gets packets at once, but none of them is in the ring, which is not
        there yet.
        """
        hardware = _hardware(self.name)
        protocol = socket.htons(EVERY_PROTOCOL) if self.name == ANY else 0
        try:
            opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, protocol)
        except PermissionError:
            raise CaptureError(FORBIDDEN.format(name=self.name), file=self.name) from None
        try:
            if self.bpf:
                _attach(opened, compiled(self.bpf, link_of(hardware)))
            if self.name == LOOPBACK:  # there, every packet passes twice: going out, and coming in
                opened.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
        except BaseException:
            opened.close()
            raise
        return opened

    def _mapped(self, opened: socket.socket) -> mmap.mmap:
        size = max(self.ring, 1) << 20
        opened.setsockopt(SOL_PACKET, VERSION, TPACKET_V3)
        slots = size // SLOT
        try:
            opened.setsockopt(
                SOL_PACKET, RX_RING, struct.pack("7I", BLOCK, size // BLOCK, SLOT, slots, RETIRE_MS, 0, 0)
            )
            return mmap.mmap(opened.fileno(), size)
        except OSError as error:
            raise CaptureError(f"no ring of {self.ring} MB ({error.strerror}); make --ring smaller") from None


def _hardware(name: str) -> int:
    """The hardware type of an interface (ARPHRD_…)."""
    if name == ANY:
        return 1
    try:
        return int(Path(f"/sys/class/net/{name}/type").read_text(encoding="ascii"))
    except (OSError, ValueError):
        there = ", ".join(sorted(known for _, known in socket.if_nameindex()))
        raise CaptureError(f"no such interface; there are {there}, and {ANY} for all", file=name) from None


def _attach(opened: socket.socket, program: bytes) -> None:
    """Set the filter: ``struct sock_fprog`` has a count of instructions and their address."""
    held = ctypes.create_string_buffer(program, len(program))
    fields = struct.pack("HL", len(program) // 8, ctypes.addressof(held))
    opened.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, fields)
