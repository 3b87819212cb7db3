"""Steps of headers that carry packets of other networks: GRE, ERSPAN, VXLAN, Geneve, NSH, GTP, Teredo.

A tunnel over UDP is known by its port only, so each looks at its own header first: a datagram that does not fit is an
ordinary one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kubeshark_nb import traffic
from kubeshark_nb.packets import kinds
from kubeshark_nb.packets.cursor import Cursor, table

if TYPE_CHECKING:
    from kubeshark_nb.traffic import Ints

BY_ETHERTYPE = table(kinds.ETHERTYPES, 1 << 16)
BY_SERVICE = table(kinds.SERVICE_PROTOCOLS, 1 << 8)
BY_VERSION = table(kinds.IP_VERSIONS, 16)
SEQUENCE_IS_THERE = 0x1000
VNI_IS_THERE, PROTOCOL_IS_THERE = 0x08, 0x04
MIRRORED_IP = 2  # the frame type of ERSPAN III
GTP_DATA, GTP_OPTIONS, GTP_EXTENSIONS = 0xFF, 0x07, 0x04
TEREDO_LOGIN, TEREDO_ORIGIN = 0x0001, 0x0000

Gre = np.dtype([("flags", ">u2"), ("type", ">u2")])
Erspan2 = np.dtype([("other", "V8")])
Erspan3 = np.dtype([("other", "V10"), ("frame", ">u2")])
Vxlan = np.dtype([("flags", "u1"), ("reserved", "V2"), ("next", "u1"), ("vni", ">u4")])
Geneve = np.dtype([("first", "u1"), ("flags", "u1"), ("type", ">u2"), ("vni", ">u4")])
Service = np.dtype([("first", ">u2"), ("kind", "u1"), ("next", "u1")])
Gtp = np.dtype([("flags", "u1"), ("message", "u1"), ("size", ">u2"), ("tunnel", ">u4")])
GtpNext = np.dtype([("size", "u1")])
Teredo = np.dtype([("mark", ">u2"), ("name", "u1"), ("value", "u1")])
Security = np.dtype([("other", "V6"), ("type", ">u2")])


def gre(cursor: Cursor, who: Ints) -> None:
    """RFC 2784 and 2890: checksum, key and sequence number are there if their bits say so; version 1 is PPTP's.

    ERSPAN without a sequence number is type I: the mirrored frame follows at once.
    """
    who, header = cursor.read(who, Gre)
    flags = header["flags"].astype(np.int64)
    optional = (flags >> 15 & 1) + (flags >> 13 & 1) + (flags >> 12 & 1) + (flags >> 7 & 1) * (flags & 1)
    kind = BY_ETHERTYPE[header["type"]]
    bare = (kind == kinds.ERSPAN) & (flags & SEQUENCE_IS_THERE == 0)
    cursor.go_on(who, 4 + 4 * optional, np.where(bare, kinds.ETHERNET, kind))


def erspan(cursor: Cursor, who: Ints) -> None:
    """ERSPAN type II (draft-foschiano-erspan): eight bytes, then the mirrored frame."""
    who, _ = cursor.read(who, Erspan2)
    cursor.go_on(who, 8, kinds.ETHERNET)


def erspan3(cursor: Cursor, who: Ints) -> None:
    """ERSPAN type III: twelve bytes, eight more if the last bit says so; a frame, or an IP packet."""
    who, header = cursor.read(who, Erspan3)
    frame = header["frame"].astype(np.int64)
    ip = frame >> 10 & 31 == MIRRORED_IP
    cursor.go_on(who, 12 + 8 * (frame & 1), np.where(ip, kinds.RAW, kinds.ETHERNET))


def vxlan(cursor: Cursor, who: Ints) -> None:
    """RFC 7348, and the generic extension (draft-ietf-nvo3-vxlan-gpe), whose header may say that no frame follows."""
    who, header = cursor.read(who, Vxlan)
    valid = header["flags"] & VNI_IS_THERE != 0
    told = header["flags"] & PROTOCOL_IS_THERE != 0
    kind = np.where(told, BY_SERVICE[header["next"]], kinds.ETHERNET)
    cursor.go_on(who, np.where(valid, 8, 0), np.where(valid, kind, traffic.UDP))


def geneve(cursor: Cursor, who: Ints) -> None:
    """RFC 8926: options of four bytes each, then what the protocol type says."""
    who, header = cursor.read(who, Geneve)
    kind = BY_ETHERTYPE[header["type"]]
    valid = (header["first"] >> 6 == 0) & (kind != traffic.OTHER)
    skip = 8 + 4 * (header["first"] & 63).astype(np.int64)
    cursor.go_on(who, np.where(valid, skip, 0), np.where(valid, kind, traffic.UDP))


def service(cursor: Cursor, who: Ints) -> None:
    """The network service header (RFC 8300): its length is in words of four bytes."""
    who, header = cursor.read(who, Service)
    words = np.maximum((header["first"] & 63).astype(np.int64), 2)
    cursor.go_on(who, 4 * words, BY_SERVICE[header["next"]])


def gtp(cursor: Cursor, who: Ints) -> None:
    """A user's packet in a GTP tunnel, version 1 (3GPP TS 29.281, 5); four more bytes with any of three flags."""
    who, header = cursor.read(who, Gtp)
    valid = (header["flags"] >> 4 == 3) & (header["message"] == GTP_DATA)  # noqa: PLR2004 - version 1, not GTP'
    options = header["flags"] & GTP_OPTIONS != 0
    more = header["flags"] & GTP_EXTENSIONS != 0
    skip = np.where(valid, 8 + np.where(more, 3, 4 * options), 0)
    kind = np.where(more, kinds.GTP_NEXT, kinds.RAW)
    cursor.go_on(who, skip, np.where(valid, kind, traffic.UDP))


def gtp_next(cursor: Cursor, who: Ints) -> None:
    """The type of the next GTP extension header, 0 for none; each ends with such a byte and tells its length."""
    who, header = cursor.read(who, GtpNext)
    there = who[header["size"] != 0]
    cursor.go_on(who, 1, kinds.RAW)
    there, header = cursor.read(there, GtpNext)
    cursor.go_on(there, np.maximum(header["size"].astype(np.int64) * 4, 4) - 1, kinds.GTP_NEXT)


def teredo(cursor: Cursor, who: Ints) -> None:
    """IPv6 over UDP (RFC 4380, 5.1.1), behind an authentication (its lengths are told) or an origin (eight bytes)."""
    who, header = cursor.read(who, Teredo)
    mark = header["mark"]
    login, origin, bare = mark == TEREDO_LOGIN, mark == TEREDO_ORIGIN, mark >> 12 == 6  # noqa: PLR2004 - the IP version
    lengths = header["name"].astype(np.int64) + header["value"]
    skip = np.where(login, 13 + lengths, np.where(origin, 8, 0))
    kind = np.where(bare, kinds.IPV6, np.where(login | origin, kinds.TEREDO, traffic.UDP))
    cursor.go_on(who, skip, kind)


def security(cursor: Cursor, who: Ints) -> None:
    """Cisco's metadata: six bytes of a security tag, then the ethertype."""
    who, header = cursor.read(who, Security)
    cursor.go_on(who, 8, BY_ETHERTYPE[header["type"]])
