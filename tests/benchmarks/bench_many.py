"""Hundreds of captures in one call: how long, how much memory the kernel takes, whether progress and errors are told.

    python -m tests.benchmarks.bench_many [--captures N] [--megabytes N] [--keep FOLDER]

``make bench-many``. Every capture is a node of its own; one more file is none, and has to be named without stopping the
rest.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from tests.benchmarks.bench_scale import SCRIPT
from tests.benchmarks.traffic_mix import write

PACKETS_PER_MB = 1_700
MEMORY = 500  # MB that the kernel may take
SILENCE = 5.0  # seconds without a word about progress


def generated(folder: Path, captures: int, megabytes: float) -> list[Path]:
    paths = [folder / f"capture-{number:03}.pcap" for number in range(captures)]
    for number, path in enumerate(paths):
        if not path.exists():
            write(path, packets=int(megabytes * PACKETS_PER_MB), seed=number)
    bad = folder / "bad.pcap"
    bad.write_bytes(b"this is no capture")
    return [*paths, bad]


class Ear:
    """Listens to how far the run is."""

    def __init__(self, session) -> None:
        self._session = session
        self._heard = time.monotonic(), 0
        self.silence = 0.0
        self.words = 0

    def listen(self) -> None:
        now, (since, before) = time.monotonic(), self._heard
        done = self._session.ledger.progress.done
        if done != before:
            self.words += 1
            self._heard = now, done
        self.silence = max(self.silence, now - since)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--captures", type=int, default=200)
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--keep", type=Path, help="keep the captures in this folder")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = args.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        measure(generated(place, args.captures, args.megabytes))


def measure(captures: list[Path]) -> None:
    import kubeshark_nb as ks

    with ks.Session() as session:
        session.capture(*captures, cache=0)
        session.load_script(SCRIPT, "scale.js")
        ear, began = Ear(session), time.perf_counter()
        session.start()
        run = session.wait(ear.listen)
        wall = time.perf_counter() - began
    kernel = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(path.stat().st_size for path in captures) / 1e6
    print(f"{len(captures)} captures, {size:,.0f} MB, {run.items:,} items in {wall:.1f} s: {size / wall:.1f} MB/s")
    print(
        f"kernel {kernel:.0f} MB ({MEMORY} at most); {ear.words} words about progress, {ear.silence:.1f} s between two"
    )
    print("broken:", *(f"{node}: {why}" for node, why in run.broken), sep="\n  ")
    assert [node for node, _ in run.broken] == ["bad"]
    assert kernel < MEMORY
    assert ear.silence < SILENCE


if __name__ == "__main__":
    main()
