"""A seeded capture of ordinary traffic: keep-alive HTTP, DNS and Redis over many interleaved connections.

Every connection is a small script of segments; the segments of all connections are shuffled together in time, and a
few are swapped or sent twice, as on a real network.
"""

from __future__ import annotations

import gzip
import heapq
import random
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

WORDS = [
    "order",
    "item",
    "cart",
    "user",
    "price",
    "stock",
    "event",
    "trace",
    "region",
    "queue",
    "token",
    "batch",
    "index",
    "shard",
    "replica",
    "status",
]
AGENTS = ["curl/8.5.0", "Go-http-client/1.1", "python-requests/2.31.0", "Mozilla/5.0 (X11; Linux x86_64) Firefox/121.0"]
PATHS = ["/api/v1/orders", "/api/v1/items", "/health", "/cart/checkout", "/static/app.js", "/search"]
MSS = 1448
HTTP, DNS, REDIS = 80, 53, 6379


def write(path: Path, *, packets: int, seed: int = 1) -> None:
    """Write a pcap of about ``packets`` packets (about 570 bytes each)."""
    random_ = random.Random(seed)
    with path.open("wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        written = 0
        now = 1_700_000_000.0
        lanes: list[tuple[float, int, object]] = []
        number = 0
        while written < packets or lanes:
            while len(lanes) < 400 and written + 40 * len(lanes) < packets:
                number += 1
                heapq.heappush(lanes, (now + random_.random() * 0.05, number, connection(random_, number)))
            if not lanes:
                break
            now, order, lane = heapq.heappop(lanes)
            frame = next(lane, None)
            if frame is None:
                continue
            seconds, rest = divmod(round(now * 1e6), 1_000_000)
            out.write(struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame)
            written += 1
            heapq.heappush(lanes, (now + random_.expovariate(1 / 0.004), order, lane))


def connection(random_: random.Random, number: int):
    kind = random_.random()
    if kind < 0.5:
        return http(random_, number)
    return dns(random_, number) if kind < 0.9 else redis(random_, number)


class Tcp:
    """Builds the frames of one connection; checksums are left 0 (offload)."""

    def __init__(self, random_: random.Random, number: int, port: int) -> None:
        self.client = struct.pack(">BBBB", 10, 0, random_.randrange(4), random_.randrange(1, 250))
        self.server = struct.pack(">BBBB", 10, 96, 0, random_.randrange(1, 30))
        self.ports = (1024 + number * 7 % 60_000, port)
        self.seq = [random_.getrandbits(32), random_.getrandbits(32)]

    def segment(self, side: int, payload: bytes = b"", flags: int = 0x10) -> bytes:
        source, target = (self.client, self.server) if side == 0 else (self.server, self.client)
        ports = self.ports if side == 0 else self.ports[::-1]
        header = (
            struct.pack(">HHIIBBHHH", *ports, self.seq[side], self.seq[1 - side], 0x80, flags, 64_240, 0, 0)
            + b"\x01\x01\x08\x0a"
            + bytes(8)
        )
        self.seq[side] = (self.seq[side] + len(payload) + (flags & 1) + (flags >> 1 & 1)) & 0xFFFFFFFF
        return ethernet(ip(source, target, 6, header + payload))

    def send(self, side: int, data: bytes):
        for at in range(0, len(data), MSS):
            last = at + MSS >= len(data)
            yield self.segment(side, data[at : at + MSS], 0x18 if last else 0x10)
        yield self.segment(1 - side)

    def open(self):
        yield self.segment(0, flags=0x02)
        yield self.segment(1, flags=0x12)
        yield self.segment(0)

    def close(self):
        yield self.segment(0, flags=0x11)
        yield self.segment(1, flags=0x11)
        yield self.segment(0)


def ethernet(packet: bytes) -> bytes:
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" + packet


def ip(source: bytes, target: bytes, protocol: int, payload: bytes) -> bytes:
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0) + source + target + payload


def http(random_: random.Random, number: int):
    tcp = Tcp(random_, number, HTTP)
    frames = exchange_http(random_, tcp)
    return disturbed(random_, frames)


def exchange_http(random_: random.Random, tcp: Tcp):
    yield from tcp.open()
    host = f"{random_.choice(WORDS)}.shop.svc.cluster.local"
    agent = random_.choice(AGENTS)
    for _ in range(random_.randrange(1, 12)):
        yield from tcp.send(0, request(random_, host, agent))
        yield from tcp.send(1, response(random_))
    yield from tcp.close()


def request(random_: random.Random, host: str, agent: str) -> bytes:
    path = f"{random_.choice(PATHS)}?id={random_.randrange(5000)}&page={random_.randrange(9)}"
    head = (
        f"Host: {host}\r\nUser-Agent: {agent}\r\nAccept: application/json\r\nAccept-Encoding: gzip, deflate\r\n"
        f"X-Request-Id: {random_.getrandbits(128):032x}\r\nCookie: session={random_.randrange(2000):08x}; theme=dark\r\n"  # noqa: E501 - told in one line
    )
    if random_.random() < 0.25:
        body = words(random_, 40)
        return f"POST {path} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()  # noqa: E501 - told in one line
    return f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()


def response(random_: random.Random) -> bytes:
    status = random_.choices(["200 OK", "404 Not Found", "500 Internal Server Error", "204 No Content"], [90, 5, 2, 3])[
        0
    ]
    head = (
        f"HTTP/1.1 {status}\r\nServer: nginx/1.25.3\r\nDate: Tue, 14 Nov 2023 22:13:{random_.randrange(60):02d} GMT\r\n"
        f"Content-Type: application/json; charset=utf-8\r\nCache-Control: no-store\r\nX-Trace: {random_.getrandbits(64):016x}\r\n"  # noqa: E501 - told in one line
    )
    if status.startswith("204"):
        return (head + "\r\n").encode()
    body = words(random_, int(random_.lognormvariate(5.9, 1.0))).encode()
    kind = random_.random()
    if kind < 0.2:
        body = gzip.compress(body, 1, mtime=0)
        head += "Content-Encoding: gzip\r\n"
    if kind > 0.85:
        chunks = b"".join(
            b"%x\r\n%b\r\n" % (len(body[at : at + 4096]), body[at : at + 4096]) for at in range(0, len(body), 4096)
        )
        return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def words(random_: random.Random, count: int) -> str:
    count = min(count, 20_000)
    part = random_.choices(WORDS, k=64)
    text = " ".join(f'"{word}":{random_.randrange(1000)},' for word in part)
    return "{" + (text * (count // 64 + 1))[: count * 9] + '"end":true}'


def dns(random_: random.Random, number: int):
    client = struct.pack(">BBBB", 10, 0, random_.randrange(4), random_.randrange(1, 250))
    server = b"\x0a\x60\0\x0a"
    port = 1024 + number * 7 % 60_000
    name = f"{random_.choice(WORDS)}-{random_.randrange(200)}.{random_.choice(WORDS)}.svc.cluster.local"
    for kind in (1, 28):
        ident = struct.pack(">H", random_.getrandbits(16))
        question = (
            b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
            + b"\0"
            + struct.pack(">HH", kind, 1)
        )
        query = ident + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + question
        size = 4 if kind == 1 else 16
        answer = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 30, size) + random_.randbytes(size)
        reply = ident + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + question + answer
        for source, target, ports, data in ((client, server, (port, DNS), query), (server, client, (DNS, port), reply)):
            yield ethernet(ip(source, target, 17, struct.pack(">HHHH", *ports, 8 + len(data), 0) + data))


def redis(random_: random.Random, number: int):
    tcp = Tcp(random_, number, REDIS)
    yield from tcp.open()
    for _ in range(random_.randrange(5, 40)):
        key = f"session:{random_.randrange(5000)}"
        value = words(random_, 6)
        if random_.random() < 0.3:
            yield tcp.segment(0, command("SET", key, value), 0x18)
            yield tcp.segment(1, b"+OK\r\n", 0x18)
        else:
            yield tcp.segment(0, command("GET", key), 0x18)
            yield tcp.segment(1, f"${len(value)}\r\n{value}\r\n".encode(), 0x18)
    yield from tcp.close()


def command(*parts: str) -> bytes:
    return f"*{len(parts)}\r\n".encode() + b"".join(f"${len(part)}\r\n{part}\r\n".encode() for part in parts)


def disturbed(random_: random.Random, frames):
    """One segment in two hundred comes late, one in three hundred twice."""
    late = None
    for frame in frames:
        if late is None and random_.random() < 0.005:
            late = frame
            continue
        yield frame
        if late is not None:
            yield late
            late = None
        if random_.random() < 0.003:
            yield frame
    if late is not None:
        yield late
