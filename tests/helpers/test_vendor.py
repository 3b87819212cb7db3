"""`vendor.*` and `chatgpt.*`: every documented order of arguments, recorded, never sent."""

from __future__ import annotations

import orjson
import pytest

from kubeshark_nb.errors import ScriptError
from kubeshark_nb.vendors.policy import VendorPolicy
from tests.runtime.stage import NODE, Stage, item

ENV = {"INFLUXDB_ORGANIZATION": "org", "INFLUXDB_BUCKET": "ib"}


def recorded(source: str, env: dict | None = None) -> list[tuple[str, str, dict]]:
    stage = Stage("file.write('a.pcap', 'x')", env=env or {})
    stage.load(source)
    assert all(effect.status == "recorded" for effect in stage.kept.effects)
    return [(effect.helper, effect.target, orjson.loads(effect.request)) for effect in stage.kept.effects]


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("vendor.slack('https://hooks.example/x/y', 'pre', 'text', '#f00')", {"pretext": "pre", "text": "text"}),
        ("vendor.slack('https://hooks.example/x', 'pre', 'text', '#f00', 'more')", {"pretext": "pre", "text": "text"}),
        (
            "vendor.slack('xoxb-token', 'C1', 'pre', 'text', '#f00')",
            {"channel": "C1", "pretext": "pre", "text": "text"},
        ),
    ],
)
def test_slack_by_number_of_arguments(call, fields):
    ((helper, _, request),) = recorded(call)
    assert helper == "vendor.slack"
    assert request.items() >= fields.items()


def test_four_arguments_are_a_webhook_whatever_the_first():
    with pytest.raises(ScriptError, match="webhook URL"):
        recorded("vendor.slack('token', 'pre', 'text', '#f00')")


def test_slack_bot_with_fields_and_files():
    ((helper, target, request),) = recorded(
        "vendor.slackBot('xoxb', 'C1', 'p', 't', '#f00', {n: 5, u: undefined, s: 'x'}, {'a.pcap': 'a.pcap'})",
    )
    assert (helper, target) == ("vendor.slackBot", "channel C1")
    assert request["fields"] == {"n": "5", "s": "x"}
    assert request["files"] == {"a.pcap": "a.pcap"}


@pytest.mark.parametrize(
    ("call", "env"),
    [
        ("vendor.influxdb('http://i', 't', 'org', 'ib', 'M', {n: 1}, {tag: 'x'})", {}),
        ("vendor.influxdb('http://i', 't', 'org', 'ib', 'M', {n: 1})", ENV),
        ("vendor.influxdb('http://i', 't', 'M', 'org', 'ib', {n: 1})", ENV),
        ("vendor.influxdb('http://i', 't', 'org', 'ib', 'M', {n: 1})", {}),
    ],
)
def test_influx_in_either_order(call, env):
    ((_, target, request),) = recorded(call, env)
    assert (request["organization"], request["bucket"], request["measurement"]) == ("org", "ib", "M")
    assert target == "http://i ib"


def test_a_guessed_order_is_told_once():
    stage = Stage("for (var i = 0; i < 3; i++) vendor.influxdb('http://i', 't', 'a', 'b', 'c', {n: 1})")
    assert len(stage.texts) == 1
    assert "arguments taken as" in stage.texts[0]


@pytest.mark.parametrize(
    "arguments",
    [
        "'bkt', 'a.pcap', 'us-east-1'",
        "'bkt', 'a.pcap', 'us-east-1', 'AKIATEST', 'sekret'",
        "'us-east-1', 'AKIATEST', 'sekret', 'bkt', 'a.pcap'",
        "'us-east-1', 'key', 'sekret', 'bkt', 'a.pcap'",
        "'bkt', 'a.pcap', 'us-east-1', undefined, undefined",
    ],
)
def test_s3_put_in_either_order(arguments):
    stage = Stage("file.write('a.pcap', 'x')")
    stage.load(f"console.log(vendor.s3.put({arguments}))")
    assert stage.said == ["https://bkt.s3.us-east-1.amazonaws.com/node-1_10.0.0.1_0/a.pcap"]
    assert stage.kept.effects[0].target == "s3://bkt"


def test_s3_put_with_an_object_is_gcs():
    stage = Stage("file.write('a.pcap', 'x')")
    stage.load(
        "console.log(vendor.s3.put('gbkt', 'a.pcap', {type: 'service_account'}), vendor.gcs.put('gbkt', 'a.pcap', {}))"
    )
    url = "https://storage.googleapis.com/gbkt/node-1_10.0.0.1_0/a.pcap"
    assert stage.said == [f"{url} {url}"]


@pytest.mark.parametrize(
    "arguments",
    ["'us-east-1', 'AKIATEST', 'sekret', 'bkt'", "'bkt', 'us-east-1'", "'bkt', 'us-east-1', 'AKIATEST', 'sekret'"],
)
def test_s3_clear_in_either_order(arguments):
    ((helper, target, _),) = recorded(f"vendor.s3.clear({arguments})")
    assert (helper, target) == ("vendor.s3.clear", "s3://bkt")


@pytest.mark.parametrize(
    ("arguments", "helper", "target"),
    [
        ("'gbkt', {type: 'x'}", "vendor.gcs.clear", "gbkt"),
        ("'gbkt', undefined, {type: 'x'}", "vendor.gcs.clear", "gbkt"),
        ("'us-east-1', 'AKIATEST', 'sekret', 'bkt'", "vendor.s3.clear", "bkt"),
    ],
)
def test_gcs_clear(arguments, helper, target):
    ((shown, where, _),) = recorded(f"vendor.gcs.clear({arguments})")
    assert shown == helper
    assert target in where


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("'text'", "text"),
        ("JSON.stringify({a: 1})", '{"a":1}'),
        ("{a: [1]}", '{"a":[1]}'),
        ("[1, 2]", "[1,2]"),
        ("5", "5"),
    ],
)
def test_webhook_bodies(body, sent):
    ((_, _, request),) = recorded(f"vendor.webhook('POST', 'https://hook.example/p', {body})")
    assert request["body"] == sent


def test_webhook_without_body_with_headers_and_form():
    calls = recorded(
        """console.log(vendor.webhook("GET", "https://h.example/x") === "");
        vendor.webhook("PUT", "https://h.example/x", "b", {"X-A": 1});
        vendor.webhookForm("POST", "https://h.example/x", {a: "1", b: 2});""",
    )
    assert "body" not in calls[0][2]
    assert calls[1][2]["headers"] == {"X-A": "1"}
    assert calls[2][2]["form"] == {"a": "1", "b": "2"}


def test_elastic_kinesis_azure_and_chatgpt():
    calls = recorded(
        """var id = vendor.elastic("", "idx", {"200": 3}, "", "", "cid", "ekey"); console.log(typeof id);
        vendor.kinesis.put("stream", {a: 1}, "us-east-1", "AKIATEST", "sekret");
        console.log(vendor.azure.put("box", "a.pcap", "account", "key"));
        console.log(chatgpt.prompt("sk-key", "Did it fail?") === "");""",
    )
    assert [helper for helper, _, _ in calls] == [
        "vendor.elastic", "vendor.kinesis.put", "vendor.azure.put", "chatgpt.prompt",
    ]  # fmt: skip
    assert calls[0][2]["data"] == {"200": 3}
    assert calls[1][2]["payload"] == '{"a":1}'
    assert calls[3][2]["max_tokens"] == 1024


def test_no_secret_is_in_an_effect_an_error_or_the_console():
    stage = Stage(
        """["vendor.s3.put('b', '../x', 'us-east-1', 'AKIAHIDDENHIDDEN', 'topsecretvalue')",
         "vendor.influxdb('bad', 'topsecretvalue', 'o', 'b', 'm', {n: 1})",
         "vendor.slackBot('topsecretvalue', 'C', 'p', 'see topsecretvalue', '#fff')",
         "vendor.webhook('POST', 'https://h.example/topsecretvalue', 'x')"].forEach(function (code) {
          try { eval(code) } catch (e) { console.log(e) }
        })""",
    )
    everything = " ".join([*stage.texts, *map(repr, stage.kept.effects), *map(repr, stage.kept.errors)])
    assert "topsecretvalue" not in everything
    assert len(stage.kept.effects) == 4


def test_scripted_answers_and_where_a_call_comes_from():
    policy = VendorPolicy().answering("chatgpt.prompt", "No", "Yes")
    stage = Stage(policy=policy)
    stage.load("function onItemCaptured(d) {\n  console.log(chatgpt.prompt('key', 'failed?'));\n}")
    stage.items(item(), item(index=1), item(index=2))
    assert stage.texts == ["No", "Yes", "Yes"]
    effect = stage.kept.effects[1]
    assert (effect.script, effect.line, effect.hook, effect.node) == ("s0.js", 2, "onItemCaptured", NODE.name)
    assert effect.item.endswith("-1")


def test_policy_can_change_and_a_failure_is_an_error():
    from kubeshark_nb.vendors.policy import Failure

    stage = Stage(
        "function onItemCaptured(d) { try { vendor.webhook('GET', 'https://h.example/x') } catch (e) { "
        "console.log(String(e)) } }"
    )
    stage.player.use_policy(VendorPolicy().answering("vendor.webhook", Failure("webhook: 503")))
    stage.items(item())
    assert stage.texts == ["Error: webhook: 503"]


@pytest.mark.parametrize("call", ["vendor.influxdb('a')", "vendor.elastic('u', 'i', 5)", "vendor.slack()"])
def test_nonsense_throws_or_is_recorded_never_crashes(call):
    assert (
        Stage(f"try {{ {call} }} catch (e) {{ console.log(e instanceof Error) }} console.log('on')").texts[-1] == "on"
    )
