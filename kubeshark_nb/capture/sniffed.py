"""An interface where there is no packet ring of Linux: through scapy's listening socket (BPF devices on macOS)."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kubeshark_nb.capture.arriving import QUIET, Arriving
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.traffic import PADDING, Batch, nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1 << 18  # bytes of a frame
BUFFER = 4 << 20  # bytes that the system may hold back for us, if it lets us
AT_ONCE = 512  # frames of one batch
ANY = "any"
FULL = "packets dropped by the system because its buffer was full"
NOT_ANY = "here, one interface is captured at a time; there are {there}"
FORBIDDEN = (
    "capturing needs the right to: on macOS, install Wireshark's ChmodBPF or start Jupyter with sudo; "
    'or use --pipe "sudo tcpdump -U -w - -i {name}"'
)


@dataclass
class SniffedSource(Arriving):
    """What passes an interface from now on. ``bpf`` is a capture filter in tcpdump's syntax; "" for everything."""

    bpf: str = ""

    def check(self) -> None:
        """Whether it could be captured from.

        Raises:
            CaptureError: there is no such interface, we have no right to, or the filter is wrong.
        """
        self._open().close()

    def arrivals(self) -> Iterator[Batch]:
        """See `Arriving`."""
        opened = self._open()
        try:
            while True:
                frames = _waiting(opened)
                self._count_dropped(opened)
                if frames:
                    yield _batch(frames, _link(opened))
                elif self.stopping:
                    return
                else:
                    yield nothing()
        finally:
            opened.close()

    def _open(self) -> Any:
        import scapy.arch
        import scapy.layers.l2  # noqa: F401 - which layer an interface has
        from scapy.config import conf
        from scapy.error import Scapy_Exception

        there = [name for _, name in socket.if_nameindex()]
        if self.name not in there:
            words = NOT_ANY if self.name == ANY else "no such interface; there are {there}"
            raise CaptureError(words.format(there=", ".join(sorted(there))), file=self.name)
        conf.bufsize = BUFFER
        try:
            return conf.L2listen(iface=self.name, filter=self.bpf or None)
        except PermissionError:
            raise CaptureError(FORBIDDEN.format(name=self.name), file=self.name) from None
        except (Scapy_Exception, OSError) as error:
            if "permission" in str(error).lower():
                raise CaptureError(FORBIDDEN.format(name=self.name), file=self.name) from None
            raise CaptureError(f"cannot be captured from: {error}", file=self.name) from None

    def _count_dropped(self, opened: Any) -> None:
        """Where the system tells: it counts from the beginning."""
        if (ask := getattr(opened, "get_stats", None)) is None:
            return
        dropped = max(int(ask()[1] or 0) - self.dropped, 0)
        self.dropped += dropped
        self.lost(FULL, dropped)


def _waiting(opened: Any) -> list[tuple[int, bytes]]:
    """Time (ns) and bytes of the frames that are there, or come within a moment."""
    frames: list[tuple[int, bytes]] = []
    wait = QUIET
    while len(frames) < AT_ONCE and opened.select([opened], wait):
        wait = 0
        _, data, seconds = opened.recv_raw(LARGEST)
        if data:
            frames.append((int(float(seconds) * 1e9) if seconds else time.time_ns(), data))
    return frames


def _link(opened: Any) -> int:
    """The link type of the interface, as scapy knows it."""
    from scapy.config import conf

    return int(conf.l2types.layer2num.get(opened.LL, 1))


def _batch(frames: list[tuple[int, bytes]], link: int) -> Batch:
    sizes = np.array([len(data) for _, data in frames], np.int64)
    return Batch(
        data=b"".join((*(data for _, data in frames), PADDING)),
        first=0,
        starts=np.cumsum(sizes) - sizes,
        captured=sizes,
        length=sizes.copy(),
        time_ns=np.array([time_ns for time_ns, _ in frames], np.int64),
        link=np.full(len(frames), link, np.int64),
    )
