"""Every helper, called by a script as the pages document it, against the same servers: sent, read back, and refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from gcp_storage_emulator.server import create_server
from werkzeug import Response

from kubeshark_nb.node.player import Player
from kubeshark_nb.vendors import SERVICES, Secrets, Settings, VendorPolicy
from tests.vendors.conftest import FOLDER, NODE
from tests.vendors.servers import azure as azure_server
from tests.vendors.servers import elastic as elastic_server
from tests.vendors.servers import google, influx, openai, slack
from tests.vendors.servers.amazon import BUCKET, REGION, STREAM, free_port

PLANTED = "planted-s3cret-4711"


@dataclass
class Sink:
    """Everything a player reports."""

    lines: list = field(default_factory=list)
    effects: list = field(default_factory=list)
    errors: list = field(default_factory=list)

    def console(self, line):
        self.lines.append(line)

    def effect(self, effect):
        self.effects.append(effect)

    def error(self, error):
        self.errors.append(error)

    def job(self, job):
        pass

    def metric(self, *metric):
        pass

    @property
    def texts(self):
        return [line.text for line in self.lines if line.level == "log"]


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def run(tmp_path, sink):
    """Runs a script at its top level, every service live at the given endpoints; the console lines it wrote."""
    folder = tmp_path / "node"
    folder.mkdir()
    players = []

    def run(source, env=None, *, live=True, **endpoints):
        quick = Settings(endpoints=endpoints, connect_s=0.5, read_s=5, total_s=8)
        modes = dict.fromkeys(SERVICES, "live") if live else {}
        policy = VendorPolicy(modes=modes, replay=True, allow_clear=True, settings=quick)
        secrets = Secrets()
        secrets.add_env(env or {})
        player = Player(NODE, folder, sink, policy=policy, secrets=secrets, start_ns=1_700_000_000_000_000_000)
        players.append(player)
        player.load("script.js", source, env or {})
        return sink.texts

    yield run
    for player in players:
        player.close()


def test_webhook(run, server):
    def echo(request):
        return Response(f"{request.method} {request.headers.get('X-One')} {request.get_data(as_text=True)}")

    server.expect_request("/hook").respond_with_handler(echo)
    source = """
      console.log(vendor.webhook("POST", env.URL, JSON.stringify({a: 1})));
      console.log(vendor.webhook("PUT", env.URL, {a: [1, "x"]}, {"X-One": "1"}));
    """
    lines = run(source, {"URL": server.url_for("/hook")})
    assert lines == ['POST None {"a":1}', 'PUT 1 {"a":[1,"x"]}']


def test_webhook_form(run, server):
    server.expect_request("/form").respond_with_handler(lambda request: Response(json.dumps(request.form.to_dict())))
    lines = run(
        'console.log(vendor.webhookForm("POST", env.URL, {apikey: "k", n: 7}))', {"URL": server.url_for("/form")}
    )
    assert json.loads(lines[0]) == {"apikey": "k", "n": "7"}


def test_slack_in_both_forms_and_with_files(run, server):
    arrived = slack.Slack().serve(server)
    source = """
      vendor.slack(env.SLACK_WEBHOOK, "new", "text", "#ff0000");
      vendor.slack(env.SLACK_AUTH_TOKEN, "#alerts", "old", "text", "ff0000");
      var path = file.temp("data", "", "json");
      file.write(path, "{}");
      var files = {"data.json": path};
      vendor.slackBot(env.SLACK_AUTH_TOKEN, "#alerts", "bot", "text", "#ff0000", {Service: "orders"}, files);
      file.delete(path);
    """
    run(source, {"SLACK_WEBHOOK": server.url_for(slack.HOOK), "SLACK_AUTH_TOKEN": slack.TOKEN}, slack=arrived.base)
    attachments = [message["attachments"][0] for message in arrived.messages]
    assert [attachment["pretext"] for attachment in attachments] == ["new", "old", "bot"]
    assert [entry["title"] for entry in attachments[2]["fields"]] == ["Service", "Timestamp"]
    assert [(file["name"], file["content"]) for file in arrived.shared] == [("data.json", b"{}")]


def test_influxdb_in_both_orders(run, server, sink):
    arrived = influx.Influx().serve(server)
    env = {
        "INFLUXDB_URL": server.url_for("").rstrip("/"),
        "INFLUXDB_TOKEN": influx.TOKEN,
        "INFLUXDB_ORGANIZATION": influx.ORGANIZATION,
        "INFLUXDB_BUCKET": influx.BUCKET,
    }
    source = """
      var e = env, u = e.INFLUXDB_URL, t = e.INFLUXDB_TOKEN, o = e.INFLUXDB_ORGANIZATION, b = e.INFLUXDB_BUCKET;
      vendor.influxdb(u, t, o, b, "new", {"200": 3}, {example: "tag"});
      vendor.influxdb(u, t, "old", o, b, {"200": 1.5});
    """
    run(source, env)
    points = [(measurement, tags, fields) for measurement, tags, fields, _ in arrived.points]
    assert points == [("new", {"example": "tag"}, {"200": 3.0}), ("old", {}, {"200": 1.5})]


def test_elastic(run, server):
    arrived = elastic_server.Elastic().serve(server)
    env = {"URL": server.url_for(""), "KEY": elastic_server.API_KEY}
    [number] = run('console.log(vendor.elastic(env.URL, "idx", {"200": 3}, "", "", "", env.KEY))', env)
    assert arrived.documents == {("idx", number): {"200": 3}}


def test_s3_in_both_orders_and_clear(run, aws):
    env = {"ID": aws.key_id, "SECRET": aws.access_key, "BUCKET": BUCKET, "REGION": REGION}
    source = """
      file.write("a.json", "first"); file.write("b.json", "second");
      console.log(vendor.s3.put(env.BUCKET, "a.json", env.REGION, env.ID, env.SECRET));
      console.log(vendor.s3.put(env.REGION, env.ID, env.SECRET, env.BUCKET, "b.json"));
    """
    lines = [line for line in run(source, env, s3=aws.url) if line.startswith("http")]
    assert lines == [f"{aws.url}/{BUCKET}/{FOLDER}/{name}.json" for name in "ab"]
    stored = aws.client("s3").get_object(Bucket=BUCKET, Key=f"{FOLDER}/b.json")
    assert stored["Body"].read() == b"second"
    run("vendor.s3.clear(env.REGION, env.ID, env.SECRET, env.BUCKET)", env, s3=aws.url)
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=BUCKET)


def test_kinesis(run, aws):
    env = {"ID": aws.key_id, "SECRET": aws.access_key}
    source = f'console.log(JSON.stringify(vendor.kinesis.put("{STREAM}", {{a: 7}}, "{REGION}", env.ID, env.SECRET)))'
    [answer] = run(source, env, kinesis=aws.url)
    kinesis = aws.client("kinesis")
    shard = json.loads(answer)["ShardId"]
    start = kinesis.get_shard_iterator(StreamName=STREAM, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
    assert b'{"a":7}' in [record["Data"] for record in records]


def test_gcs_put_and_clear(run, server):
    env = {"KEY": json.dumps(google.account_key(google.Tokens().serve(server)))}
    with create_server("127.0.0.1", port := free_port(), in_memory=True, default_bucket=google.BUCKET):
        source = """
          var key = JSON.parse(env.KEY);
          file.write("a.json", "content");
          console.log(vendor.gcs.put("captures", "a.json", key));
          console.log(vendor.s3.put("captures", "a.json", key));
          vendor.gcs.clear("captures", key);
        """
        lines = [line for line in run(source, env, gcs=f"http://127.0.0.1:{port}") if line.startswith("http")]
    assert lines == [f"http://127.0.0.1:{port}/captures/{FOLDER}/a.json"] * 2


def test_azure(run, server):
    arrived = azure_server.Azure().serve(server)
    source = f"""
      file.write("a.json", "content");
      console.log(vendor.azure.put("captures", "a.json", "{azure_server.ACCOUNT}", env.KEY));
    """
    lines = run(source, {"KEY": azure_server.KEY}, azure=server.url_for("").rstrip("/"))
    assert arrived.blobs == {f"/captures/{FOLDER}/a.json": b"content"}
    assert lines[0].startswith("http") or "Azure" in lines[0]


def test_chatgpt(run, server):
    arrived = openai.OpenAI("It failed.").serve(server)
    source = """
      var answer = chatgpt.prompt(env.OPENAI_API_KEY, "Did it fail?", 50);
      console.log(answer, chatgpt.sentiment(answer).neg > 0.4);
    """
    assert run(source, {"OPENAI_API_KEY": openai.KEY}, chatgpt=arrived.base) == ["It failed. true"]
    assert arrived.asked[0]["max_completion_tokens"] == 50


DEAD = "http://127.0.0.1:9"
CALLS = {
    "webhook": "vendor.webhook('POST', env.URL + '/' + p, p, {X: p})",
    "webhookForm": "vendor.webhookForm('POST', env.URL + '/' + p, {x: p})",
    "slack": "vendor.slack(env.URL + '/' + p, p, p, p)",
    "slackBot": "vendor.slackBot(p, p, p, p, p, {x: p})",
    "influxdb": "vendor.influxdb(env.URL, p, p, p, p, {x: p}, {x: p})",
    "elastic": "vendor.elastic(env.URL, p, {x: p}, p, p)",
    "s3.put": "vendor.s3.put(p, file.temp(p, '', p), p, p, p)",
    "s3.clear": "vendor.s3.clear(p, p, p, p)",
    "gcs.put": "vendor.gcs.put(p, file.temp(p, '', p), JSON.parse(env.KEY))",
    "gcs.clear": "vendor.gcs.clear(p, JSON.parse(env.KEY))",
    "azure": "vendor.azure.put(p, file.temp(p, '', p), p, 'cGxhbnRlZC1zM2NyZXQtNDcxMQ==')",
    "kinesis": "vendor.kinesis.put(p, p, p, p, p)",
    "chatgpt": "chatgpt.prompt(p, p)",
}


@pytest.mark.parametrize("name", CALLS)
def test_a_failure_is_a_javascript_error_without_a_secret(run, name, sink):
    key = google.account_key(f"{DEAD}/token")
    source = f"""
      var p = env.PLANTED;
      try {{ {CALLS[name]}; console.log("nothing thrown"); }}
      catch (e) {{ console.log(e instanceof Error, e.message); }}
    """
    endpoints = {service: DEAD for service in SERVICES if service != "slack"}
    [line] = run(source, {"URL": DEAD, "PLANTED": PLANTED, "KEY": json.dumps(key)}, slack=f"{DEAD}/", **endpoints)
    assert line.startswith("true ")
    assert "unreachable" in line
    assert "planted" not in f"{sink.lines}{sink.effects}{sink.errors}"


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "link", "../other-node/file"])
@pytest.mark.parametrize(
    "call",
    [
        "vendor.s3.put('b', PATH, 'us-east-1')",
        "vendor.gcs.put('b', PATH, {})",
        "vendor.azure.put('c', PATH)",
        "vendor.slackBot('t', 'c', 'p', 't', '#f00', {}, {a: PATH})",
    ],
    ids=["s3", "gcs", "azure", "slackBot"],
)
def test_a_path_out_of_the_folder_is_refused(run, tmp_path, sink, call, path):
    (tmp_path / "node" / "link").symlink_to("/etc/passwd")
    (tmp_path / "x").write_text("x")
    (tmp_path / "other-node").mkdir()
    (tmp_path / "other-node" / "file").write_text("x")
    source = (
        f"try {{ {call.replace('PATH', repr(path))}; console.log('taken') }} catch (e) {{ console.log('refused') }}"
    )
    assert run(source, live=False) == ["refused"]
    assert [effect.status for effect in sink.effects] == ["refused"]
