"""One step per header: reads it for many frames at once and says what comes next.

`STEPS` lists them outermost first, so that an ordinary frame is through after one pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb import traffic
from kubeshark_nb.packets import kinds, tunnels
from kubeshark_nb.packets.cursor import Cursor, table
from kubeshark_nb.packets.kinds import ETHERTYPES, PPP_PROTOCOLS, PROTOCOLS, TUNNEL_PORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.traffic import Ints

BY_ETHERTYPE = table(ETHERTYPES, 1 << 16)
BY_PROTOCOL = table(PROTOCOLS, 1 << 8)
BY_PPP = table(PPP_PROTOCOLS, 1 << 16)
BY_PORT = table(TUNNEL_PORTS, 1 << 16)
BY_VERSION = table(kinds.IP_VERSIONS, 16)
ESP_AUTHENTICATION = 51
FRAGMENT_HEADER = 44
IP4, IP6 = 4, 6
PPP_ADDRESS, PPP_CONTROL = 0xFF, 0x03
NFLOG_PAYLOAD = 9
WIRELESS_DATA, WIRELESS_PROTECTED, WIRELESS_NO_DATA = 2, 0x40, 0x40
WIRELESS_RELAYED = 3  # to and from the distribution system: four addresses
SNAP_SERVICE = 0xAAAA03

Ethernet = np.dtype([("addresses", "V12"), ("type", ">u2")])
Tag = np.dtype([("tag", ">u2"), ("type", ">u2")])
CookedHeader = np.dtype([("other", "V14"), ("type", ">u2")])
Cooked2Header = np.dtype([("type", ">u2"), ("other", "V18")])
Family = np.dtype([("family", "V4")])
Version = np.dtype([("version", "u1")])
IPv4 = np.dtype(
    [("version", "u1"), ("tos", "u1"), ("size", ">u2"), ("id", ">u2"), ("fragment", ">u2"), ("ttl", "u1"),
     ("protocol", "u1"), ("checksum", ">u2"), ("source", ">u4"), ("target", ">u4")]
)  # fmt: skip
IPv6 = np.dtype([("version", ">u4"), ("size", ">u2"), ("next", "u1"), ("hops", "u1"), ("addresses", "V32")])
Extension = np.dtype([("next", "u1"), ("size", "u1"), ("fragment", ">u2"), ("id", ">u4")])
Tcp = np.dtype(
    [("source", ">u2"), ("target", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("offset", "u1"), ("flags", "u1"),
     ("window", ">u2"), ("checksum", ">u2"), ("urgent", ">u2")]
)  # fmt: skip
Udp = np.dtype([("source", ">u2"), ("target", ">u2"), ("size", ">u2"), ("checksum", ">u2")])
Word = np.dtype([("word", ">u4")])
Pppoe = np.dtype([("code", ">u2"), ("session", ">u2"), ("size", ">u2"), ("protocol", ">u2")])
Ppp = np.dtype([("first", "u1"), ("second", "u1"), ("third", "u1"), ("fourth", "u1")])
Field = np.dtype([("size", "<u2"), ("type", "<u2")])
Radiotap = np.dtype([("version", "u1"), ("pad", "u1"), ("size", "<u2")])
Wireless = np.dtype([("type", "u1"), ("flags", "u1"), ("other", "V22")])
SnapHeader = np.dtype([("service", ">u4"), ("organisation", "V2"), ("type", ">u2")])
Sctp = np.dtype([("source", ">u2"), ("target", ">u2"), ("tag", ">u4"), ("checksum", ">u4")])


def ethernet(cursor: Cursor, who: Ints) -> None:
    """Ethernet II (IEEE 802.3 frames with a length instead of a type are not IP)."""
    who, header = cursor.read(who, Ethernet)
    cursor.go_on(who, 14, BY_ETHERTYPE[header["type"]])


def tag(cursor: Cursor, who: Ints) -> None:
    """A VLAN tag (IEEE 802.1Q, also stacked): two bytes of tag, then the ethertype."""
    who, header = cursor.read(who, Tag)
    cursor.go_on(who, 4, BY_ETHERTYPE[header["type"]])


def cooked(cursor: Cursor, who: Ints) -> None:
    """Linux cooked capture, version 1."""
    who, header = cursor.read(who, CookedHeader)
    cursor.go_on(who, 16, BY_ETHERTYPE[header["type"]])


def cooked2(cursor: Cursor, who: Ints) -> None:
    """Linux cooked capture, version 2."""
    who, header = cursor.read(who, Cooked2Header)
    cursor.go_on(who, 20, BY_ETHERTYPE[header["type"]])


def loop(cursor: Cursor, who: Ints) -> None:
    """BSD loopback: an address family of four bytes, in either byte order. Whatever it says, it is IP that follows."""
    who, _ = cursor.read(who, Family)
    cursor.go_on(who, 4, kinds.RAW)


def raw(cursor: Cursor, who: Ints) -> None:
    """No link header: the version is in the first four bits."""
    who, header = cursor.read(who, Version)
    cursor.go_on(who, 0, BY_VERSION[header["version"] >> 4])


def ipv4(cursor: Cursor, who: Ints) -> None:
    """RFC 791. A total length of zero is what segmentation offload leaves: then the frame's end is the packet's."""
    who, header = cursor.read(who, IPv4)
    at = cursor.at[who]
    inner = (header["version"] & 15).astype(np.int64) * 4
    size = header["size"].astype(np.int64)
    cursor.ip_at[who] = at
    cursor.ip_version[who] = 4
    cursor.limit(who, np.where(size >= inner, at + size, cursor.wire_end[who]))
    fragment = header["fragment"] & 0x3FFF != 0
    cursor.fragmented[who] |= fragment
    kind = np.where(fragment, traffic.FRAGMENT, BY_PROTOCOL[header["protocol"]])
    cursor.next_header[who] = header["protocol"]
    cursor.go_on(who, inner, np.where((header["version"] >> 4 == IP4) & (inner >= IPv4.itemsize), kind, traffic.OTHER))


def ipv6(cursor: Cursor, who: Ints) -> None:
    """RFC 8200. A payload length of zero is a jumbogram or offload: the frame's end is the packet's."""
    who, header = cursor.read(who, IPv6)
    at = cursor.at[who]
    size = header["size"].astype(np.int64)
    cursor.ip_at[who] = at
    cursor.ip_version[who] = 6
    cursor.limit(who, np.where(size > 0, at + 40 + size, cursor.wire_end[who]))
    cursor.next_header[who] = header["next"]
    cursor.go_on(who, 40, np.where(header["version"] >> 28 == IP6, BY_PROTOCOL[header["next"]], traffic.OTHER))


def extension(cursor: Cursor, who: Ints) -> None:
    """IPv6 extension headers (RFC 8200, 4): eight bytes and what their length says; of fragments only the whole."""
    who, header = cursor.read(who, Extension)
    this = cursor.next_header[who]
    piece = (this == FRAGMENT_HEADER) & (header["fragment"] & 0xFFF9 != 0)
    cursor.fragmented[who] |= piece
    units = header["size"].astype(np.int64)
    skip = np.where(this == ESP_AUTHENTICATION, (units + 2) * 4, (units + 1) * 8)
    skip = np.where(this == FRAGMENT_HEADER, 8, skip)
    cursor.next_header[who] = header["next"]
    cursor.go_on(who, skip, np.where(piece, traffic.FRAGMENT, BY_PROTOCOL[header["next"]]))


def tcp(cursor: Cursor, who: Ints) -> None:
    """RFC 9293."""
    who, header = cursor.read(who, Tcp)
    skip = (header["offset"] >> 4).astype(np.int64) * 4
    _ports(cursor, who, header)
    cursor.seq[who] = header["seq"]
    cursor.flags[who] = header["flags"]
    fits = (skip >= Tcp.itemsize) & (cursor.at[who] + skip <= cursor.wire_end[who])
    cursor.go_on(who, skip, np.where(fits, traffic.TCP, traffic.OTHER))


def udp(cursor: Cursor, who: Ints) -> None:
    """RFC 768."""
    who, header = cursor.read(who, Udp)
    _ports(cursor, who, header)
    size = header["size"].astype(np.int64)
    stated = cursor.at[who] + size
    cursor.limit(who, np.where(size >= Udp.itemsize, np.minimum(stated, cursor.wire_end[who]), cursor.wire_end[who]))
    tunnel = np.maximum(BY_PORT[header["target"]], BY_PORT[header["source"]])
    cursor.go_on(who, 8, np.where(tunnel > 0, tunnel, traffic.UDP))


def nflog(cursor: Cursor, who: Ints) -> None:
    """Linux netfilter log: a header of four bytes, then fields."""
    who, _ = cursor.read(who, Word)
    cursor.go_on(who, 4, kinds.NFLOG_FIELD)


def nflog_field(cursor: Cursor, who: Ints) -> None:
    """A length (its own four bytes included) and a type, in the order of the machine; one of them is the packet."""
    who, header = cursor.read(who, Field)
    payload = header["type"] == NFLOG_PAYLOAD
    size = np.maximum(header["size"].astype(np.int64) + 3 & ~3, 4)
    cursor.go_on(who, np.where(payload, 4, size), np.where(payload, kinds.RAW, kinds.NFLOG_FIELD))


def radiotap(cursor: Cursor, who: Ints) -> None:
    """What the radio says about a frame, of its own length."""
    who, header = cursor.read(who, Radiotap)
    cursor.go_on(who, np.maximum(header["size"].astype(np.int64), 4), kinds.WIRELESS)


def wireless(cursor: Cursor, who: Ints) -> None:
    """IEEE 802.11 data frames that are not encrypted: the header is longer with four addresses and with QoS."""
    who, header = cursor.read(who, Wireless)
    kind, flags = header["type"].astype(np.int64), header["flags"].astype(np.int64)
    data = (kind >> 2 & 3 == WIRELESS_DATA) & (flags & WIRELESS_PROTECTED == 0) & (kind & WIRELESS_NO_DATA == 0)
    skip = 24 + 6 * (flags & WIRELESS_RELAYED == WIRELESS_RELAYED) + 2 * (kind >> 7)
    cursor.go_on(who, skip, np.where(data, kinds.SNAP, traffic.OTHER))


def snap(cursor: Cursor, who: Ints) -> None:
    """IEEE 802.2 with the subnetwork access protocol: eight bytes that end with an ethertype."""
    who, header = cursor.read(who, SnapHeader)
    is_snap = header["service"] >> 8 == SNAP_SERVICE
    cursor.go_on(who, 8, np.where(is_snap, BY_ETHERTYPE[header["type"]], traffic.OTHER))


def mpls(cursor: Cursor, who: Ints) -> None:
    """A stack of labels (RFC 3032); below the last is IP, or Ethernet behind an empty control word (RFC 4448)."""
    who, header = cursor.read(who, Word)
    last = header["word"] >> 8 & 1 == 1
    cursor.go_on(who, 4, np.where(last, kinds.BELOW_MPLS, kinds.MPLS))


def below_mpls(cursor: Cursor, who: Ints) -> None:
    """Nothing says what it is but its first four bits."""
    who, header = cursor.read(who, Version)
    version = header["version"] >> 4
    cursor.go_on(who, np.where(version == 0, 4, 0), np.where(version == 0, kinds.ETHERNET, BY_VERSION[version]))


def pppoe(cursor: Cursor, who: Ints) -> None:
    """A session packet of PPP over Ethernet (RFC 2516), with PPP's protocol."""
    who, header = cursor.read(who, Pppoe)
    cursor.go_on(who, 8, BY_PPP[header["protocol"]])


def ppp(cursor: Cursor, who: Ints) -> None:
    """PPP (RFC 1661, 1662): address and control may be left out, the protocol may be one byte."""
    who, header = cursor.read(who, Ppp)
    framed = (header["first"] == PPP_ADDRESS) & (header["second"] == PPP_CONTROL)
    first = np.where(framed, header["third"], header["first"]).astype(np.int64)
    second = np.where(framed, header["fourth"], header["second"]).astype(np.int64)
    short = first & 1 == 1
    skip = np.where(framed, 2, 0) + np.where(short, 1, 2)
    cursor.go_on(who, skip, BY_PPP[np.where(short, first, first << 8 | second)])


def sctp(cursor: Cursor, who: Ints) -> None:
    """RFC 9260: only the common header; the payload is its chunks."""
    who, header = cursor.read(who, Sctp)
    _ports(cursor, who, header)
    cursor.go_on(who, 12, traffic.SCTP)


def _ports(cursor: Cursor, who: Ints, header: np.ndarray) -> None:
    cursor.source_port[who] = header["source"]
    cursor.target_port[who] = header["target"]


STEPS: dict[int, Callable[[Cursor, Ints], None]] = {
    kinds.ETHERNET: ethernet,
    kinds.COOKED: cooked,
    kinds.COOKED2: cooked2,
    kinds.LOOP_HOST: loop,
    kinds.LOOP_NETWORK: loop,
    kinds.RAW: raw,
    kinds.RADIOTAP: radiotap,
    kinds.WIRELESS: wireless,
    kinds.SNAP: snap,
    kinds.NFLOG: nflog,
    kinds.NFLOG_FIELD: nflog_field,
    kinds.ETHERTYPE: tag,
    kinds.MPLS: mpls,
    kinds.BELOW_MPLS: below_mpls,
    kinds.PPPOE: pppoe,
    kinds.PPP: ppp,
    kinds.IPV4: ipv4,
    kinds.IPV6: ipv6,
    kinds.EXTENSION: extension,
    kinds.GRE: tunnels.gre,
    kinds.ERSPAN: tunnels.erspan,
    kinds.ERSPAN3: tunnels.erspan3,
    kinds.SECURITY: tunnels.security,
    kinds.TRANSPORT_TCP: tcp,
    kinds.TRANSPORT_UDP: udp,
    kinds.TRANSPORT_SCTP: sctp,
    kinds.VXLAN: tunnels.vxlan,
    kinds.GENEVE: tunnels.geneve,
    kinds.SERVICE: tunnels.service,
    kinds.GTP: tunnels.gtp,
    kinds.GTP_NEXT: tunnels.gtp_next,
    kinds.TEREDO: tunnels.teredo,
}
