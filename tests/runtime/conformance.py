"""Plays a script over the reference capture as the conformance cases are played, and reports in their shape.

As a command: ``python -m tests.runtime.conformance VECTORS`` compares our scripts with the reference's expectations.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.errors import ScriptError
from kubeshark_nb.model import NS_PER_MS
from kubeshark_nb.vendors.policy import VendorPolicy
from kubeshark_nb.vendors.settings import Settings
from tests.runtime.stage import START, Packets, Stage, Window, item, packets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubeshark_nb.items.item import Item

SCRIPTS = Path(__file__).parent / "scripts"
CLOCK = 1_700_000_100_000 * NS_PER_MS
ENV = {
    "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "sekret", "S3_BUCKET": "bkt",
    "APICALLS_KFL": "http", "APICALLS_S3_BUCKET": "apibkt",
    "INFLUXDB_URL": "http://influx:8086", "INFLUXDB_TOKEN": "tok",
    "INFLUXDB_ORGANIZATION": "org", "INFLUXDB_ORG": "org", "INFLUXDB_BUCKET": "ib", "ELASTIC_INDEX": "idx",
    "ELASTIC_CLOUD_ID": "cid", "ELASTIC_API_KEY": "ekey",
    "SLACK_WEBHOOK": "http://slack/hook", "SLACK_AUTH_TOKEN": "xoxb",
    "SLACK_CHANNEL_ID": "C1", "ZAP_SERVER_URL": "http://zap", "ZAP_APIKEY": "zk",
}  # fmt: skip
WATCHED = ("vendor.", "prometheus.", "chatgpt.")
OURS = ("Uploaded node-1_", "Message sent to Slack")
STREAMS = ["000000000001.pcap", "000000000002.pcap", "000000000003.pcap", "000000000004_udp.pcap"]


class Reference:
    """The streams of the reference capture, a packet each."""

    def names(self) -> list[str]:
        return STREAMS

    def packets(self, stream: str) -> tuple[int, list[tuple[int, int, bytes]]] | None:
        return (1, [(START + STREAMS.index(stream), 60, stream.encode())]) if stream in STREAMS else None

    def history(self) -> dict[str, Any]:
        return {"1699999990": {"10.0.0.5": {"FullAddress": "client.shop", "Namespace": "shop"}}}


def reference_items() -> list[Item]:
    """The six items: DNS, three requests on one stream, a 404, and one that leaves the cluster."""
    ends = {"dst": {"ip": "93.184.216.34", "port": "80", "name": "", "namespace": ""}}
    rows: list[tuple[str, int, dict[str, Any]]] = [
        ("000000000004_udp.pcap", 0, {
            "protocol": {"name": "dns", "abbr": "DNS"}, "elapsedTime": 0, "requestSize": 154, "responseSize": 154,
            "dst": {"ip": "10.96.0.10", "port": "53", "name": "kube-dns.kube-system", "namespace": "kube-system"},
            "request": {"opCode": "Query"}, "response": {"code": "No Error"},
        }),
        (STREAMS[0], 0, http("GET", "/health", 200, 3, 90, 120)),
        (STREAMS[0], 1, http("GET", "/items?id=7", 200, 12, 95, 110)),
        (STREAMS[0], 2, http("POST", "/orders", 500, 40, 160, 120)),
        (STREAMS[1], 0, http("GET", "/missing", 404, 0, 82, 90)),
        (STREAMS[2], 0, http("GET", "/", 200, 25, 73, 120) | ends),
    ]  # fmt: skip
    return [
        item(CLOCK, index, stream=stream, id=f"10.0.0.1:30001/{stream}-{index}", **members)
        for stream, index, members in rows
    ]


def http(method: str, url: str, status: int, elapsed: int, sent: int, received: int) -> dict[str, Any]:
    """The members of an HTTP item that differ."""
    request = {"method": method, "url": url, "path": url.partition("?")[0], "headers": {}}
    sizes = {"elapsedTime": elapsed, "requestSize": sent, "responseSize": received}
    return {"request": request, "response": {"status": status, "headers": {}}, **sizes}


class Case(Stage):
    """One script on one kind of node; ``report`` is in the shape of the cases."""

    def __init__(self, *, hub: bool) -> None:
        policy = VendorPolicy(settings=Settings(run_folder=False))
        policy = policy.answering("vendor.webhook", '{"Result":"OK"}').answering(
            "vendor.webhookForm", '{"Uploaded":"x.har"}'
        )
        super().__init__(env=ENV, hub=hub, start_ns=CLOCK, policy=policy)
        self.player.use_streams(Reference())
        self.calls: list[list[Any]] = []
        functions = self.player._pump._functions
        for name in [name for name in functions if name.decode().startswith(WATCHED)]:
            functions[name] = self._watched(name.decode(), functions[name])

    def play(self, source: str, *, items: list[Item], captured: Packets) -> dict[str, Any]:
        """Load, events, every job once, timers."""
        try:
            self.load(source)
        except ScriptError as error:
            return self.report(error.message)
        self.player.play(Window(captured, items, CLOCK))
        listed = [{"tag": job.tag, "cron": job.cron, "limit": job.limit} for job in self.player.jobs()]
        phase = len(self.kept.lines)
        self.player.jobs_run()
        self.player.finish(CLOCK)
        return self.report(None, listed, phase)

    def report(self, load_error: str | None, jobs: list[Any] | None = None, phase: int | None = None) -> dict[str, Any]:
        lines = [[line.level, line.text] for line in self.kept.lines]
        if phase is not None:
            lines.insert(phase, ["phase", "jobs run once"])
        left = [
            path.name + ("/" if path.is_dir() else "") for path in sorted(self.folder.iterdir()) if path.name != "pcaps"
        ]
        shown = {"console": [line for line in lines if not line[1].startswith(OURS)], "calls": self.calls,
                 "jobs": jobs or [], "load_error": load_error, "files_left": left}  # fmt: skip
        return anonymous(shown)

    def _watched(self, name: str, function: Any) -> Any:
        def call(*values: Any) -> Any:
            given = list(values)
            while given and (given[-1] is None or given[-1] == ""):
                given.pop()
            self.calls.append([name, *given])
            return function(*values)

        return call


def anonymous(report: dict[str, Any]) -> dict[str, Any]:
    """Dates, random suffixes and the long form of a HAR replaced by what the cases have."""
    text = orjson.dumps(report).decode()
    text = re.sub(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} [\d:]{8} GMT\+0000", "<DATE>", text)
    text = re.sub(r"(apicalls|snapshot|packed|data)\d{10}", r"\1<rnd>", text)
    made: dict[str, Any] = orjson.loads(text)
    for call in made["calls"]:
        if call[0] == "vendor.webhookForm":
            entries = orjson.loads(call[3]["fileContents"])["log"]["entries"]
            call[3]["fileContents"] = [f"{e['request']['method']} {e['response']['status']}" for e in entries]
    return made


def outcome(name: str) -> dict[str, Any]:
    """Our script ``name`` as a worker and as the hub."""
    source = (SCRIPTS / name).read_text()
    times = packets([CLOCK] * 9)
    worker = Case(hub=False).play(source, items=reference_items(), captured=times)
    hub = Case(hub=True).play(source, items=[], captured=packets([]))
    return {"worker": worker, "hub": hub}


PAIRS = {
    "anomalies/find.js": "latency_bands.js", "anomalies/find2.js": "z_scores.js",
    "apisec/apicalls.js": "record_calls_broken.js", "apisec/apisec_s3/apicalls.js": "record_calls.js",
    "detection/slacklogs.js": "triggers_off.js", "drafts/hub-worker.js": "hub_groups.js",
    "examples/elastic.js": "status_codes_elastic.js", "examples/influxdb.js": "status_codes_influxdb.js",
    "examples/s3_pcap_snapshot.js": "snapshot_on_error.js",
    "examples/s3_pcap_snapshot_selective.js": "snapshot_of_some.js",
    "examples/s3_pcap_snapshot_selective_fs.js": "snapshot_of_folder.js",
    "examples/s3_pcap_stream.js": "upload_stream.js", "perf/perf.js-old": "latency_metric.js",
    "perf/perf2.js": "path_vectors.js", "security/processes.js1": "returns_early.js",
    "telemetry/influx_db_kpis.js": "call_points.js", "utilities/logs.js": "log_report.js",
    "zap-proxy/zap.js": "har_to_proxy.js",
}  # fmt: skip


def plain(expected: Mapping[str, Any]) -> dict[str, Any]:
    """A case's expectation without what is an observation of its simulator."""
    text = re.sub(r"<rnd\d>", "<rnd>", orjson.dumps(expected).decode())
    made = {k: v for k, v in orjson.loads(text).items() if k not in {"queried", "files_gone"}}
    made["calls"] = [call for call in made["calls"] if not call[0].startswith("(")]
    for call in made["calls"]:
        if call[0] == "vendor.webhookForm":
            entries = orjson.loads(call[3]["fileContents"])["log"]["entries"]
            call[3]["fileContents"] = [f"{e.split()[0]} {e.split()[-1]}" for e in entries]
    return made


def main(vectors: Path) -> int:
    """Compare; how many differ."""
    different = 0
    for line in (vectors / "script_cases_public.jsonl").read_bytes().splitlines():
        case = orjson.loads(line)
        ours = outcome(PAIRS[case["script"]])
        for side in ("worker", "hub"):
            if case[side] is None:
                continue
            wanted = plain(case[side])
            for part, value in wanted.items():
                if ours[side][part] != value:
                    different += 1
                    print(f"{case['script']} {side} {part}:\n  wanted {value}\n  got    {ours[side][part]}")
    print(f"{different} differences")
    return different


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1])) else 0)
