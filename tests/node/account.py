"""Everything one replay brings of node ``node-1``, as JSON on standard output, without wall time and folders.

    python -m tests.node.account CAPTURE [beside]

``beside``: a second node replays the same capture at the same time.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, replace

import orjson

import kubeshark_nb as ks

SCRIPT = """
var n = 0, packetCount = 0, seen = {};
jobs.schedule("report", "*/2 * * * * *", report);
function report() {
  console.log("report", n, packetCount, new Date().toISOString(), Object.keys(seen), JSON.stringify(env));
}
function onPacketCaptured(info) { packetCount++ }
function onItemCaptured(data) {
  n++;
  seen[data.protocol.name + "/" + data.dst.name] = true;
  console.log(data.id, Date.now(), Math.random(), file.write(file.temp("a", "", "txt"), "x"));
  if (n % 3 === 0) test.fail(data); else if (Math.random() < 0.5) test.pass(data);
  if (n % 5 === 0) vendor.webhook("POST", "http://127.0.0.1/" + n, JSON.stringify(data.src), {"X-B": "1", "X-A": "2"});
  if (n % 7 === 0) setTimeout(function () { console.log("later", Date.now(), data.id) }, 700);
  if (n % 11 === 0) throw new Error("eleven " + n);
  if (n % 13 === 0) prometheus.metric("m", "d", 1, n, {z: "1", a: data.protocol.abbr});
}
function onJobPassed(tag) { console.log("passed", tag, kfl.match("http and response.status >= 200", {})) }
"""


def main(capture: str, *, beside: bool) -> None:
    nodes = {"node-1": capture, "other": capture} if beside else {"node-1": capture}
    with ks.Session() as session:
        session.capture(nodes=nodes)
        run = session.replay_script(SCRIPT, "a.js", {"B": 1, "A": 2})
        mine = [item for item in session.items if item["node"]["name"] == "node-1"]
        jobs = [replace(job, last_seconds=0, history=()) for job in session.jobs if job.node == "node-1"]
        account = {
            "ended": run.ended,
            "items": mine,
            "console": [asdict(line) for line in session.console.lines if line.node == "node-1"],
            "jobs": [asdict(job) for job in jobs],
            "history": [
                (one.time, one.error, one.lines) for job in session.jobs if job.node == "node-1" for one in job.history
            ],
            "effects": [asdict(effect) for effect in session.effects if effect.node == "node-1"],
            "errors": [asdict(replace(error, count=error.count // len(nodes))) for error in session.errors],
        }
    sys.stdout.buffer.write(orjson.dumps(account))


if __name__ == "__main__":
    main(sys.argv[1], beside="beside" in sys.argv)
