"""The same capture and scripts bring the same, byte for byte, in whatever process they run."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[2]
LENGTH = 1_000_000  # bytes of the capture; enough for a thousand items
SHOP = ROOT / "notebooks" / "captures" / "shop.pcap.gz"


def accounts(capture: Path, *runs: tuple[str, ...]) -> list[bytes]:
    """What each run said, each in a process that hashes differently."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.node.account", str(capture), *words],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(seed), "TZ": f"Etc/GMT+{seed}"},
        )
        for seed, words in enumerate(runs, 1)
    ]
    return [process.communicate(timeout=120)[0] for process in processes]


def test_three_processes_and_one_beside_another_node_say_the_same(tmp_path):
    capture = tmp_path / "short.pcap"
    capture.write_bytes(gzip.decompress(SHOP.read_bytes())[:LENGTH])
    first, *others = accounts(capture, (), (), (), ("beside",))
    told = orjson.loads(first)
    assert told["ended"] == "done"
    assert len(told["items"]) > 100
    assert min(len(told[part]) for part in ("console", "jobs", "history", "effects", "errors")) > 0
    assert {item["failed"] for item in told["items"]} == {item["passed"] for item in told["items"]} == {True, False}
    for other in others:
        again = orjson.loads(other)
        assert [part for part in told if told[part] != again[part]] == []
        assert other == first
