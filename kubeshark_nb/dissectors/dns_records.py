"""DNS names and resource data -> text."""

from __future__ import annotations

import struct
from socket import AF_INET, AF_INET6, inet_ntop
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_NAME = 255
POINTER, POINTERS = 0xC0, b"\xc0"
MAX_JUMPS = 64


class Malformed(Exception):  # noqa: N818 - not an error to the user: such datagrams are counted
    """Not a DNS message."""


def read_name(data: bytes, at: int) -> tuple[str, int]:
    """The name at ``at`` (RFC 1035, 4.1.4) and where what follows it begins. The root is ``""``.

    Raises:
        Malformed: cut, too long, or pointers that lead in a circle.
    """
    begin = at
    if data[at : at + 1] >= POINTERS:  # most names of records are one pointer
        begin = int.from_bytes(data[at : at + 2], "big") & 0x3FFF
    end = data.find(b"\0", begin)
    name = NAMES[data[begin:end]] if end >= 0 else None
    if name is None:
        return _walked(data, at)
    return name, end + 1 if begin == at else at + 2


def _plain(labels: bytes) -> str | None:
    """The name of ``labels`` up to the root's, ``None`` when they are anything but whole labels."""
    try:
        name, after = _walked(labels + b"\0", 0)
    except Malformed:
        return None
    return name if after == len(labels) + 1 else None


NAMES = Kept(_plain, 8192, MAX_NAME)


def _walked(data: bytes, at: int) -> tuple[str, int]:
    """`read_name`, label by label."""
    labels: list[bytes] = []
    after = 0
    jumps = 0
    length = 0
    while True:
        if at >= len(data):
            raise Malformed("cut in a name")
        size = data[at]
        if size == 0:
            return _shown(labels), after or at + 1
        if size >= POINTER:
            target = int.from_bytes(data[at : at + 2], "big") & 0x3FFF
            jumps += 1
            if at + 2 > len(data) or jumps > MAX_JUMPS:
                raise Malformed("pointers that lead nowhere")
            after = after or at + 2
            at = target
            continue
        length += size + 1
        if size > 63 or length > MAX_NAME or at + 1 + size > len(data):  # noqa: PLR2004 - longest label
            raise Malformed("not a label")
        labels.append(data[at + 1 : at + 1 + size])
        at += 1 + size


def _shown(labels: list[bytes]) -> str:
    joined = b".".join(labels)
    return joined.decode() if joined.isascii() else joined.decode("utf-8", "backslashreplace")


def _address4(data: bytes, at: int, size: int) -> str:
    return inet_ntop(AF_INET, data[at : at + 4]) if size == 4 else ""  # noqa: PLR2004 - bytes of an address


def _address6(data: bytes, at: int, size: int) -> str:
    return inet_ntop(AF_INET6, data[at : at + 16]) if size == 16 else ""  # noqa: PLR2004 - bytes of an address


def _name(data: bytes, at: int, size: int) -> str:
    return read_name(data, at)[0] if size else ""


def _texts(data: bytes, at: int, size: int) -> str:
    end = at + size
    texts = []
    while at < end:
        length = data[at]
        texts.append(data[at + 1 : min(at + 1 + length, end)].decode("utf-8", "backslashreplace"))
        at += 1 + length
    return ",".join(texts)


def _authority(data: bytes, at: int, size: int) -> str:
    if not size:
        return ""
    server, after = read_name(data, at)
    mailbox, after = read_name(data, after)
    if after + 20 > len(data):
        raise Malformed("cut in an authority")
    numbers = struct.unpack_from(">5I", data, after)
    return " ".join([server, mailbox, *map(str, numbers)])


def _service(data: bytes, at: int, size: int) -> str:
    if size < 7:  # noqa: PLR2004 - three numbers and a name
        return ""
    priority, weight, port = struct.unpack_from(">HHH", data, at)
    return f"{priority} {weight} {port} {read_name(data, at + 6)[0]}"


def _mail(data: bytes, at: int, size: int) -> str:
    if size < 3:  # noqa: PLR2004 - a number and a name
        return ""
    return f"{int.from_bytes(data[at : at + 2], 'big')} {read_name(data, at + 2)[0]}"


def _options(data: bytes, at: int, size: int) -> str:
    end = at + size
    options = []
    while at + 4 <= end:
        code, length = struct.unpack_from(">HH", data, at)
        options.append(f"{code}={data[at + 4 : min(at + 4 + length, end)].hex()}")
        at += 4 + length
    return ",".join(options)


def _uri(data: bytes, at: int, size: int) -> str:
    if size < 4:  # noqa: PLR2004 - two numbers and the rest
        return ""
    priority, weight = struct.unpack_from(">HH", data, at)
    return f"{priority} {weight} {data[at + 4 : at + size].decode('utf-8', 'backslashreplace')}"


# type -> the member that holds its data, and its reader
RECORDS: dict[int, tuple[str, Callable[[bytes, int, int], str]]] = {
    1: ("ip", _address4),
    2: ("ns", _name),
    5: ("cname", _name),
    6: ("soa", _authority),
    12: ("ptr", _name),
    15: ("mx", _mail),
    16: ("txts", _texts),
    28: ("ip", _address6),
    33: ("srv", _service),
    41: ("opt", _options),
    256: ("uri", _uri),
}

# https://www.iana.org/assignments/dns-parameters; others show as TYPE<n> (RFC 3597)
TYPES = {
    1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR", 10: "NULL", 11: "WKS",
    12: "PTR", 13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP", 18: "AFSDB", 24: "SIG", 25: "KEY", 28: "AAAA",
    29: "LOC", 32: "NIMLOC", 33: "SRV", 35: "NAPTR", 36: "KX", 37: "CERT", 39: "DNAME", 41: "OPT", 42: "APL", 43: "DS",
    44: "SSHFP", 45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 49: "DHCID", 50: "NSEC3", 51: "NSEC3PARAM",
    52: "TLSA", 53: "SMIMEA", 55: "HIP", 59: "CDS", 60: "CDNSKEY", 61: "OPENPGPKEY", 62: "CSYNC", 63: "ZONEMD",
    64: "SVCB", 65: "HTTPS", 99: "SPF", 108: "EUI48", 109: "EUI64", 249: "TKEY", 250: "TSIG", 251: "IXFR",
    252: "AXFR", 253: "MAILB", 254: "MAILA", 255: "ANY", 256: "URI", 257: "CAA",
}  # fmt: skip
CLASSES = {1: "IN", 2: "CS", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"}
