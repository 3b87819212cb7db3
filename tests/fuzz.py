"""Mutate captures and dissect them until the time is over: ``make fuzz MINUTES=10``.

Every mutant runs in a child process with a limit on memory and one on CPU time. Nothing may escape but CaptureError,
nothing may loop, nothing may grow. A mutant that does is kept in ``tests/artefacts`` with its seed; make it a test.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import random
import resource
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
SEEDS = [*sorted((PROJECT / "tests" / "captures").glob("*.pcap*")), PROJECT / "notebooks" / "captures" / "shop.pcap.gz"]
MOST_BYTES = 200_000  # of a seed: many small runs find more than a few long ones
CPU_S = 20
MEMORY = 2 << 30


def seed_bytes(path: Path) -> bytes:
    """The capture, unpacked and cut."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content)[:MOST_BYTES]


def mutant(content: bytes, dice: random.Random) -> bytes:
    """``content`` with a few bytes changed, pieces cut out, doubled or swapped; the file header stays."""
    data = bytearray(content)
    for _ in range(dice.choice([1, 3, 10, 100])):
        at, size = dice.randrange(24, len(data)), dice.randrange(1, 64)
        kind = dice.randrange(4)
        if kind == 0:
            data[at] = dice.randrange(256)
        elif kind == 1:
            data[at : at + 4] = dice.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\r\n\r\n"])
        elif kind == 2:
            del data[at : at + size]
        else:
            data[at:at] = data[at : at + size]
    return bytes(data)


def dissect(path: Path) -> None:
    """Read the capture to its end; ends the process with exit code 1 when anything but CaptureError comes out."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from kubeshark_nb.capture import open_source
    from kubeshark_nb.errors import CaptureError
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.model import NodeInfo, Stats
    from kubeshark_nb.node.dissection import Dissection

    stats = Stats()
    try:
        for window in Dissection(open_source([str(path)]), NodeInfo(), NameTable(), stats).windows():
            assert all(item.json.startswith(b"{") for item in window.items)
    except CaptureError:
        return
    bugs = [reason for reason in stats.reasons if " failed (" in reason]  # a dissector that raised is counted so
    assert not bugs, bugs


def main() -> int:
    """Fuzz for as long as asked; the number of finds."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=1)
    options.add_argument("--seed", type=int, default=None)
    args = options.parse_args()
    seed = args.seed if args.seed is not None else random.SystemRandom().randrange(1 << 32)
    dice = random.Random(seed)
    kept = PROJECT / "tests" / "artefacts"
    kept.mkdir(exist_ok=True)
    until, runs, finds = time.monotonic() + 60 * args.minutes, 0, 0
    while time.monotonic() < until:
        origin = dice.choice(SEEDS)
        path = kept / f"fuzz-{seed}-{runs}.pcap"
        path.write_bytes(mutant(seed_bytes(origin), dice))
        child = multiprocessing.Process(target=dissect, args=(path,))
        child.start()
        child.join(3 * CPU_S)
        if child.exitcode == 0:
            path.unlink()
        else:
            child.kill()
            finds += 1
            print(f"{path}: from {origin.name}, exit code {child.exitcode}")
        runs += 1
    print(f"seed {seed}: {runs} mutants, {finds} finds")
    return min(finds, 1)


if __name__ == "__main__":
    raise SystemExit(main())
