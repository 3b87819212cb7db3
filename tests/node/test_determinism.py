"""Two nodes with the same capture and scripts say the same, byte for byte, however their work is interleaved."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import orjson
import pytest

from kubeshark_nb.model import NS_PER_S
from tests.runtime.stage import START, Stage, Window, item, packets

SCRIPT = """
var n = 0, packetCount = 0;
jobs.schedule("report", "*/2 * * * * *", report);
function report() { console.log("report", n, packetCount, new Date().toISOString()) }
function onPacketCaptured(info) { packetCount++ }
function onItemCaptured(data) {
  n++;
  console.log(data.id, Date.now(), Math.random(), file.write(file.temp("a", "", "txt"), "x"));
  if (Math.random() < 0.3) test.fail(data); else test.pass(data);
  if (n % 5 === 0) vendor.webhook("POST", "http://127.0.0.1/" + n, "body", {});
  if (n % 7 === 0) setTimeout(function () { console.log("later", Date.now()) }, 700);
  if (n % 11 === 0) throw new Error("eleven " + n);
}
function onJobPassed(tag) { console.log("passed", tag) }
"""


def windows(cuts: list[int]) -> list[Window]:
    """The same 120 packets and 60 items, cut into windows at other places."""
    times = [START + n * NS_PER_S // 10 for n in range(120)]
    items = [item(times[2 * n] + 5, n) for n in range(60)]
    edges = [START - 1, *(START + cut * NS_PER_S // 10 + 50 for cut in sorted(cuts)), times[-1] + NS_PER_S]
    return [
        Window(packets([t for t in times if a < t <= b]), [i for i in items if a < i.ready_ns <= b], b)
        for a, b in pairwise(edges)
    ]


class Player:
    """One node that plays its windows one at a time."""

    def __init__(self, cuts: list[int]) -> None:
        self._stage = Stage(SCRIPT)
        self._windows = windows(cuts)
        self._end = self._windows[-1].end_ns
        self._verdicts: list[tuple[bool, bool]] = []

    def step(self) -> bool:
        if not self._windows:
            return False
        self._verdicts += self._stage.player.play(self._windows.pop(0))
        return True

    def account(self) -> bytes:
        """Everything it said, without wall time."""
        self._stage.player.finish(self._end)
        kept = self._stage.kept
        jobs = [
            (job.tag, job.cron, job.runs, job.last_run, [(run.time, run.error, run.lines) for run in job.history])
            for job in self._stage.player.jobs()
        ]
        everything = [kept.lines, kept.effects, kept.errors, jobs, self._verdicts]
        return orjson.dumps(everything).replace(str(self._stage.folder).encode(), b"")


def alone(cuts: list[int]) -> bytes:
    player = Player(cuts)
    while player.step():
        pass
    return player.account()


@pytest.mark.parametrize("seed", range(3))
def test_two_nodes_interleaved_at_random_say_what_each_says_alone(seed):
    chance = Random(seed)
    cuts = [chance.sample(range(1, 119), chance.randrange(1, 40)) for _ in range(2)]
    left, right = Player(cuts[0]), Player(cuts[1])
    going = [left, right]
    while going:
        player = chance.choice(going)
        if not player.step():
            going.remove(player)
    expected = alone([60])
    assert len(expected) > 10_000
    assert left.account() == expected
    assert right.account() == expected
