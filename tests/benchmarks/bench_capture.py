"""Items per second, beside the tools a Python user would otherwise pick. ``make bench-capture``.

    python tests/benchmarks/bench_capture.py [--packets N] [--rounds N] [--scapy N] [--long] [--keep FOLDER]

Generates a seeded capture (keep-alive HTTP, DNS, Redis over many interleaved connections), then lets ours, tshark
(``-T fields`` with the same fields) and scapy's PcapReader run over it in turn, so that a busy machine hits all alike.
Ours makes complete items as JSON bytes, in the surroundings that a node's process has; the others print or touch the
fields an item row shows. Rates and ratios are given by wall time and by CPU time (the fairer one on a shared machine).
Ours and tshark are charged for their start-up; scapy, which only reads a part, is not. ``two`` is ours in two processes
at once, half of the streams each. ``--long`` adds one run of ours over ten times the capture, to show that memory and
cost per packet stay flat.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
FIELDS = [
    "frame.number",
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.stream",
    "http.request.method",
    "http.request.uri",
    "http.host",
    "http.user_agent",
    "http.response.code",
    "http.content_type",
    "http.content_length",
    "dns.id",
    "dns.qry.name",
    "dns.qry.type",
    "dns.a",
    "dns.aaaa",
]


def ours(capture: Path, _count: int, part: int = 0, parts: int = 1) -> dict[str, object]:
    from kubeshark_nb.capture import open_source
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.model import NodeInfo, Stats
    from kubeshark_nb.node.dissection import Dissection
    from kubeshark_nb.node.lanes import Share

    stats = Stats()
    items = size = 0
    marks = [(0, time.process_time())]
    share = Share(part, parts)
    for window in Dissection(open_source(str(capture)), NodeInfo(), NameTable(), stats, share=share).windows():
        items += len(window.items)
        size += sum(len(item.json) for item in window.items)
        marks.append((stats.packets, time.process_time()))
    return {"packets": stats.packets, "items": items, "json_mb": size / 1e6, "flat": flatness(marks) if not part else 0}


def flatness(marks: list[tuple[int, float]]) -> float:
    """CPU time per packet of the last tenth, as a multiple of the first tenth's (the very first window warms up)."""
    total = marks[-1][0]

    def cost(low: float, high: float) -> float:
        inside = [mark for mark in marks[1:] if low * total <= mark[0] <= high * total]
        (first, began), (last, ended) = inside[0], inside[-1]
        return (ended - began) / max(last - first, 1)

    return cost(0.9, 1.0) / cost(0.0, 0.12)


def scapy(capture: Path, count: int) -> dict[str, object]:
    from scapy.all import PcapReader

    number = 0
    wall, cpu = time.perf_counter(), time.process_time()
    with PcapReader(str(capture)) as reader:
        for packet in reader:
            number += 1
            packet.haslayer("TCP")
            if number == count:
                break
    return {"packets": number, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def warm(capture: Path, _count: int) -> dict[str, object]:
    from kubeshark_nb.capture import open_source
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.model import NodeInfo, Stats
    from kubeshark_nb.node.dissection import Dissection

    return {"windows": len(list(Dissection(open_source(str(capture)), NodeInfo(), NameTable(), Stats()).windows()))}


RUNS = {
    "ours": ours,
    "first half": lambda capture, count: ours(capture, count, 0, 2),
    "second half": lambda capture, count: ours(capture, count, 1, 2),
    "scapy": scapy,
    "warm": warm,
}
Measured = tuple[float, float, float, str]  # wall seconds, CPU seconds, peak memory in MB, what it printed last


def side_by_side(commands: list[list[str]]) -> Measured:
    """Several commands at once: the last to end counts, CPU and memory together, what the first printed."""
    with ThreadPoolExecutor(len(commands)) as pool:
        runs = list(pool.map(measured, commands))
    wall, cpu, memory, _ = zip(*runs, strict=True)
    return max(wall), sum(cpu), sum(memory), runs[0][3]


def measured(command: list[str]) -> Measured:
    """One command."""
    from kubeshark_nb.node.spawn import SURROUNDINGS

    surroundings = os.environ | SURROUNDINGS if __file__ in command else os.environ
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=surroundings)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        wall = time.perf_counter() - began
        if status:
            raise SystemExit(f"{command[0]} failed with {status}")
        out.seek(max(out.seek(0, 2) - 4096, 0))
        tail = out.read().decode("utf-8", "replace").splitlines()
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, tail[-1] if tail else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=615_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scapy", type=int, default=20_000, help="packets for scapy: it is too slow for all of them")
    parser.add_argument("--long", action="store_true", help="also ours over ten times the capture")
    parser.add_argument("--keep", type=Path, help="keep the capture in this folder")
    parser.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("capture", nargs="?", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(RUNS[arguments.run](arguments.capture, arguments.scapy)))
        return
    with tempfile.TemporaryDirectory() as folder:
        compile_as_installed(Path(folder) / "compiled")
        compare(arguments, arguments.keep or Path(folder))


def compile_as_installed(folder: Path) -> None:
    """Let every run find byte code, as it does once a package is installed, whatever the surroundings say."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
    with tempfile.NamedTemporaryFile(suffix=".pcap") as capture:
        capture.write(PCAP_HEADER)
        capture.flush()
        measured([sys.executable, __file__, "--run", "warm", capture.name])


def compare(arguments: argparse.Namespace, folder: Path) -> None:
    import traffic_mix

    capture = folder / "mix.pcap"
    if not capture.exists():
        traffic_mix.write(capture, packets=arguments.packets)
    print(f"{capture.stat().st_size / 1e6:.0f} MB, seed 1; alternating, {arguments.rounds} rounds, medians")
    this = [sys.executable, __file__, "--scapy", str(arguments.scapy), "--run"]
    runs = {"ours": ["ours"], "two": ["first half", "second half"], "scapy": ["scapy"]}
    commands = {name: [[*this, run, str(capture)] for run in parts] for name, parts in runs.items()}
    if shutil.which("tshark"):
        fields = [word for field in FIELDS for word in ("-e", field)]
        commands["tshark"] = [["tshark", "-n", "-r", str(capture), "-T", "fields", *fields]]
    results: dict[str, list[Measured]] = {name: [] for name in commands}
    for _ in range(arguments.rounds):
        for name, parts in commands.items():
            results[name].append(side_by_side(parts))
    report(results)
    if arguments.long:
        long_run(arguments, folder)


def report(results: dict[str, list[Measured]]) -> None:
    """Rates by wall time and by CPU time, and how often ours goes into the others'."""
    facts = json.loads(results["ours"][0][3])
    rates = {}
    for name, runs in results.items():
        wall, cpu, memory = (median(run[place] for run in runs) for place in range(3))
        packets = facts["packets"]
        if name == "scapy":
            told = [json.loads(run[3]) for run in runs]
            packets = told[0]["packets"]
            wall, cpu = (median(one[clock] for one in told) for clock in ("wall", "cpu"))
        rates[name] = (packets / wall, packets / cpu)
        print(
            f"{name:8} {packets / wall / 1000:7.1f} k packets/s, {packets / cpu / 1000:7.1f} k per CPU second; "
            f"{wall:6.1f} s wall {cpu:6.1f} s CPU {memory:5.0f} MB"
        )
    flat = median(json.loads(run[3])["flat"] for run in results["ours"])
    print(f"{facts['items']} items, {facts['json_mb']:.0f} MB of JSON; last tenth / first tenth {flat:.2f} (CPU)")
    gain = median(one[0] / two[0] for one, two in zip(results["ours"], results["two"], strict=True))
    print(f"two processes / one: {gain:.2f} by wall time")
    for name, (by_wall, by_cpu) in rates.items():
        if name not in ("ours", "two"):
            print(
                f"ours / {name}: {rates['ours'][0] / by_wall:.1f} by wall time, {rates['ours'][1] / by_cpu:.1f} by CPU"
            )


def long_run(arguments: argparse.Namespace, folder: Path) -> None:
    import traffic_mix

    capture = folder / "long.pcap"
    traffic_mix.write(capture, packets=10 * arguments.packets)
    wall, _, memory, printed = measured([sys.executable, __file__, "--run", "ours", str(capture)])
    facts = json.loads(printed)
    print(
        f"{capture.stat().st_size / 1e6:.0f} MB: {facts['packets'] / wall / 1000:.1f} k packets/s, {memory:.0f} MB, "
        f"last tenth / first tenth {facts['flat']:.2f}"
    )
    capture.unlink()


if __name__ == "__main__":
    main()
