"""What several processes gain over one, dissection and hooks included. ``make bench-scale``.

    python -m tests.benchmarks.bench_scale [--packets N] [--rounds N] [--capture FILE] [--no-dask]

One node over the seeded capture: everything in its own process, then with two processes that dissect beside the one
that plays (``shards=2``), and the same as a task of a dask worker. The ceiling is what this machine gives to two
processes that share nothing: two nodes over the capture at once, against one after the other. All take turns, so that
a busy machine hits all alike; ratios are those of neighbours, and their median counts. Wall time is what a user waits;
CPU time is what the work costs in all processes together.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

SCRIPT = """
var hits = 0, slow = {};
function onItemCaptured(data) {
  hits++;
  if (data.protocol.name === "http" && data.response.status >= 500) { console.log(data.src.ip, data.request.path); }
  if (data.elapsedTime > 20) slow[data.dst.ip] = (slow[data.dst.ip] || 0) + 1;
}
jobs.schedule("report", "*/5 * * * * *", function () { console.log(hits) });
"""
MOMENT = 1.0  # seconds between binding a capture and running it: processes that it needs start meanwhile
FASTER = 1.7  # two processes over one
DASK = 0.15  # more wall time than plain processes


def cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def once(capture: Path, shards: int, cluster: object = None, nodes: int = 1) -> tuple[float, float, int]:
    """Wall and CPU seconds of a run, without starting and ending processes of the nodes themselves; its items."""
    import kubeshark_nb as ks

    began_cpu = cpu()
    with ks.Session(**({"cluster": cluster} if cluster else {})) as session:
        session.capture(nodes={f"node-{number}": capture for number in range(nodes)}, shards=shards, cache=0)
        session.load_script(SCRIPT, "scale.js")
        time.sleep(MOMENT)
        began = time.perf_counter()
        items = session.run().items
        wall = time.perf_counter() - began
    return wall, cpu() - began_cpu, items


@contextmanager
def workers(*, wanted: bool):
    """A dask cluster on this machine, with one worker; ``None`` when it is not wanted."""
    if not wanted:
        yield None
        return
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        yield client


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--packets", type=int, default=615_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--capture", type=Path)
    parser.add_argument("--no-dask", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compile_as_installed(Path(folder))
        compare(args, Path(folder))


def compile_as_installed(folder: Path) -> None:
    """Let every process find byte code, as it does once a package is installed, whatever the surroundings say."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    once(generated(folder, 1000), 2)


def compare(args: argparse.Namespace, folder: Path) -> None:
    with workers(wanted=not args.no_dask) as client:
        measure(args.capture or generated(folder, args.packets), args.rounds, client)


def generated(folder: Path, packets: int) -> Path:
    from tests.benchmarks.traffic_mix import write

    path = folder / "mix.pcap"
    write(path, packets=packets)
    return path


def measure(capture: Path, rounds: int, client: object) -> None:
    if client is not None:
        once(capture, 2, client)  # starts the worker's processes, as a session starts its own before the clock runs
    gains, ceilings, costs = [], [], []
    for number in range(rounds):
        one, two, apart = once(capture, 1), once(capture, 2), once(capture, 1, nodes=2)
        gains.append(one[0] / two[0])
        ceilings.append(2 * one[0] / apart[0])
        line = f"round {number + 1}: one {one[0]:.2f} s wall, {one[1]:.2f} s CPU; two {two[0]:.2f} s, {two[1]:.2f} s"
        if client is not None:
            dask = once(capture, 2, client)
            assert dask[2] == two[2]
            costs.append(dask[0] / two[0] - 1)
            line += f"; dask {dask[0]:.2f} s"
        assert one[2] == two[2] == apart[2] / 2
        print(f"{line}; {one[2]:,} items; x{gains[-1]:.2f} of x{ceilings[-1]:.2f}", flush=True)
    ceiling = median(ceilings)
    print(f"two processes over one: x{median(gains):.2f} ({FASTER} wanted; this machine's ceiling: x{ceiling:.2f})")
    if costs:
        print(f"dask over plain processes: {median(costs):+.0%} (at most {DASK:+.0%} wanted)")


if __name__ == "__main__":
    main()
