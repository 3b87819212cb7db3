"""Live capture under load: DNS on loopback at a steady rate, then bursts; what came, and what was lost.

    python -m tests.benchmarks.bench_live --seconds 60 --rate 20000 --burst 10 --burst-rate 100000

Needs the right to capture. Sent and received are compared packet by packet: received + dropped = sent, or it says so.
A job that is due every second tells how late it came.
"""

from __future__ import annotations

import argparse
import resource
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import kubeshark_nb as ks
from kubeshark_nb.model import NS_PER_S

CLIENTS = 20
TICK = 0.001  # seconds between two handfuls
SCRIPT = 'var n = 0; function onItemCaptured(data) { n++; } jobs.schedule("tick", "* * * * * *", function () {});'


def question(number: int) -> bytes:
    name = b"".join(bytes([len(part)]) + part for part in (b"h%d" % (number % 1000), b"example", b"test")) + b"\0"
    return struct.pack(">HHHHHH", number & 0xFFFF, 0x0100, 1, 0, 0, 0) + name + struct.pack(">HH", 16, 1)


def answer(asked: bytes) -> bytes:
    """A TXT record that makes the frame about 530 bytes long."""
    text = b"\xc8" + b"x" * 200 + b"\xc8" + b"y" * 200
    return asked[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + asked[12:] + struct.pack(
        ">HHHIH", 0xC00C, 16, 1, 60, len(text)
    ) + text  # fmt: skip


def send(port: int, rate: int, seconds: float) -> int:
    """Questions and answers between ``CLIENTS`` sockets and one server; returns the packets sent."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", port))
    clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(CLIENTS)]
    for client in clients:
        client.bind(("127.0.0.1", 0))
    places = [client.getsockname() for client in clients]
    pairs = [(asked := question(number), answer(asked)) for number in range(1 << 16)]
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while sent < min(passed, seconds) * rate:
            number = sent // 2
            asked, answered = pairs[number & 0xFFFF]
            client = number % CLIENTS
            clients[client].sendto(asked, ("127.0.0.1", port))
            server.sendto(answered, places[client])
            sent += 2
        time.sleep(TICK)
    return sent


def sender(port: int, rate: int, seconds: float) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.benchmarks.bench_live", "--send", str(port), str(rate), str(seconds)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def round_of(title: str, rate: int, seconds: float, ring: int) -> None:
    port = free_port()
    with ks.Session() as session:
        session.capture(live="lo", bpf=f"udp port {port}", ring=ring)
        session.attach_script(SCRIPT, "count.js")
        sending = sender(port, rate, seconds)
        slowest = watch(session, sending)
        sent = int(sending.stdout.read())
        settle(session)
        jobs = session.jobs
        seen = session.globals["n"]
        run = session.stop()
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    late = sorted(one.time % NS_PER_S / 1e6 for one in jobs[0].history)
    print(f"{title}: {rate:,} packets/s asked for, {sent / seconds:,.0f} sent, for {seconds:g} s, ring {ring} MB")
    print(f"  sent {sent:,}  received {run.packets:,}  dropped {run.dropped:,}", end="")
    print(
        f"  unaccounted {sent - run.packets - run.dropped:,}  items {run.items:,} of {sent // 2:,}  in hooks {seen:,}"
    )
    print(f"  jobs run {jobs[0].runs}  missed {jobs[0].missed}  late: median {late[len(late) // 2]:.0f} ms", end="")
    print(f"  worst {late[-1]:.0f} ms;  slowest answer of the node {slowest * 1000:.0f} ms;  {run.reasons}")
    print(f"  largest child process so far {memory} MB")


def watch(session: ks.Session, sending: subprocess.Popen[str]) -> float:
    """Ask for a global every half second while it is sent; the longest wait for it (s)."""
    slowest = 0.0
    while sending.poll() is None:
        began = time.monotonic()
        session.globals["n"]
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.5)
    return slowest


def settle(session: ks.Session) -> None:
    """Until nothing new has come for two seconds."""
    last, began = -1, time.monotonic()
    while session.stats.packets != last and time.monotonic() - began < 120:
        last = session.stats.packets
        time.sleep(2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--burst", type=float, default=10)
    parser.add_argument("--burst-rate", type=int, default=100_000)
    parser.add_argument("--ring", type=int, default=64)
    parser.add_argument("--send", nargs=3, metavar=("PORT", "RATE", "SECONDS"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.send:
        print(send(int(args.send[0]), int(args.send[1]), float(args.send[2])))
        return
    round_of("steady", args.rate, args.seconds, args.ring)
    round_of("burst", args.burst_rate, args.burst, args.ring)


if __name__ == "__main__":
    main()
