"""Captures made by hand: frames, files, conversations."""

from __future__ import annotations

import struct
from ipaddress import ip_address

CLIENT_IP, SERVER_IP = "10.0.0.5", "10.0.0.9"
START = 1_700_000_000_000_000_000
MS = 1_000_000
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def ethernet(payload: bytes, kind: int = 0x0800, tags: tuple[int, ...] = ()) -> bytes:
    labels = b"".join(struct.pack(">HH", 0x8100, tag) for tag in tags)
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02" + labels + struct.pack(">H", kind) + payload


def ip(protocol: int, payload: bytes, source: str = CLIENT_IP, target: str = SERVER_IP, options: bytes = b"") -> bytes:
    a, b = ip_address(source), ip_address(target)
    if a.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64) + a.packed + b.packed + payload
    size = 20 + len(options)
    return (
        struct.pack(">BBHHHBBH", 0x40 | size // 4, 0, size + len(payload), 0, 0, 64, protocol, 0)
        + a.packed + b.packed + options + payload
    )  # fmt: skip


def udp(data: bytes, ports: tuple[int, int] = (40000, 53)) -> bytes:
    return struct.pack(">HHHH", *ports, 8 + len(data), 0) + data


def tcp(
    data: bytes, seq: int, ports: tuple[int, int] = (50000, 80), flags: int = PSH | ACK, options: bytes = b""
) -> bytes:
    size = 20 + len(options)
    return struct.pack(">HHIIBBHHH", *ports, seq % 2**32, 0, size // 4 << 4, flags, 1000, 0, 0) + options + data


def segment(side: int, data: bytes, seq: int, flags: int = PSH | ACK, ports: tuple[int, int] = (50000, 80)) -> bytes:
    """A frame of one side of the usual connection; side 0 is the client."""
    ends = (CLIENT_IP, SERVER_IP) if side == 0 else (SERVER_IP, CLIENT_IP)
    return ethernet(ip(6, tcp(data, seq, ports if side == 0 else ports[::-1], flags), *ends))


def datagram(data: bytes, side: int = 0, ports: tuple[int, int] = (40000, 53)) -> bytes:
    ends = (CLIENT_IP, SERVER_IP) if side == 0 else (SERVER_IP, CLIENT_IP)
    return ethernet(ip(17, udp(data, ports if side == 0 else ports[::-1]), *ends))


def pcap(frames, *, order: str = "<", nano: bool = False, link: int = 1, snap: int = 0, first: int = START) -> bytes:
    """A file; ``frames`` are bytes (one a millisecond) or (time ns, bytes)."""
    unit = 1 if nano else 1000
    out = [struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for number, frame in enumerate(frames):
        time_ns, data = frame if isinstance(frame, tuple) else (first + number * MS, frame)
        kept = data[:snap] if snap else data
        seconds, rest = divmod(time_ns, 10**9)
        out.append(struct.pack(order + "IIII", seconds, rest // unit, len(kept), len(data)) + kept)
    return b"".join(out)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(order: str = "<", link: int = 1, options: bytes = b"") -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, 0) + options, order)


def enhanced(data: bytes, ticks: int, number: int = 0, order: str = "<", length: int | None = None) -> bytes:
    fixed = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), length or len(data))
    return block(6, fixed + data, order)


def pcapng(frames, order: str = "<", first: int = START) -> bytes:
    packets = [enhanced(data, (first + number * MS) // 1000, order=order) for number, data in enumerate(frames)]
    return section(order) + interface(order) + b"".join(packets)


def conversation(turns, *, syn: bool = True, fin: bool = True, isn: tuple[int, int] = (1000, 9000), ports=(50000, 80)):
    """Frames of a connection: ``turns`` are (side, bytes)."""
    seq = list(isn)
    frames = []
    if syn:
        frames += [segment(0, b"", seq[0], SYN, ports), segment(1, b"", seq[1], SYN | ACK, ports)]
        seq = [seq[0] + 1, seq[1] + 1]
    for side, data in turns:
        frames.append(segment(side, data, seq[side], ports=ports))
        seq[side] += len(data)
    if fin:
        frames += [segment(0, b"", seq[0], FIN | ACK, ports), segment(1, b"", seq[1], FIN | ACK, ports)]
    return frames
