"""Jobs on time: one a second for a minute, on a live capture under load and a machine that has other things to do.

    python -m tests.benchmarks.bench_jobs --seconds 60 --rate 20000 --busy 1

Needs the right to capture. Ends with status 1 when a tick ran twice, or was neither run nor counted as missed, or when
jobs were late: the 99th percentile of their lateness is asked to stay below 100 ms.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import numpy as np

import kubeshark_nb as ks
from kubeshark_nb.model import NS_PER_S, Job
from tests.benchmarks.bench_live import SCRIPT, free_port, sender, watch

LATE = 100  # ms
SPIN = "while True: sum(range(1000))"


def measured(seconds: float, rate: int, busy: int) -> Job:
    """The job of a live session that captures ``rate`` packets/s while ``busy`` processes do nothing but compute."""
    port = free_port()
    spinning = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(busy)]
    try:
        with ks.Session() as session:
            session.capture(live="lo", bpf=f"udp port {port}")
            session.attach_script(SCRIPT, "count.js")
            sending = sender(port, rate, seconds)
            slowest = watch(session, sending)
            sent = int(sending.stdout.read())
            job: Job = session.jobs[0]
            run = session.stop()
    finally:
        for process in spinning:
            process.kill()
    print(f"sent {sent:,} packets in {seconds:g} s, received {run.packets:,}, dropped {run.dropped:,}", end="")
    print(f"; slowest answer of the node {slowest * 1000:.0f} ms")
    return job


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--busy", type=int, default=1, help="processes that compete for the processors")
    args = parser.parse_args()
    job = measured(args.seconds, args.rate, args.busy)
    ticks = [one.time // NS_PER_S for one in job.history]
    late = np.array([one.time % NS_PER_S / 1e6 for one in job.history])
    unaccounted = ticks[-1] - ticks[0] + 1 - len(set(ticks)) - job.missed
    p99 = float(np.percentile(late, 99))
    print(f"runs {job.runs}, twice {len(ticks) - len(set(ticks))}, missed {job.missed}, unaccounted {unaccounted}")
    print(f"late: median {np.median(late):.1f} ms, p99 {p99:.1f} ms (asked: < {LATE}), worst {late.max():.1f} ms")
    return int(len(set(ticks)) < len(ticks) or unaccounted != 0 or p99 >= LATE)


if __name__ == "__main__":
    started = time.monotonic()
    code = main()
    print(f"{time.monotonic() - started:.0f} s")
    sys.exit(code)
