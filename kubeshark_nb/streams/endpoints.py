"""The addresses of one packet as text. Asked once per stream, never per packet."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address
from socket import AF_INET, inet_ntop
from typing import TYPE_CHECKING

from kubeshark_nb.traffic import Endpoint

if TYPE_CHECKING:
    from kubeshark_nb.traffic import Packets


def endpoints(packets: Packets, row: int) -> tuple[Endpoint, Endpoint]:
    """Endpoints of side 0 and side 1 of the packet in ``row``."""
    data = packets.batch.data
    at = int(packets.ip_at[row])
    width, first = (4, at + 12) if packets.ip_version[row] == 4 else (16, at + 8)  # noqa: PLR2004 - IP versions
    source = Endpoint(address(data[first : first + width]), int(packets.source_port[row]))
    target = Endpoint(address(data[first + width : first + 2 * width]), int(packets.target_port[row]))
    return (target, source) if packets.side[row] else (source, target)


@lru_cache(maxsize=65_536)
def address(packed: bytes) -> str:
    """An IPv4 or IPv6 address as Kubeshark writes it (RFC 5952 for IPv6)."""
    return inet_ntop(AF_INET, packed) if len(packed) == 4 else str(IPv6Address(packed))  # noqa: PLR2004 - bytes of IPv4
