"""console, test, kfl, env, utils, hub, prometheus, chatgpt."""

from __future__ import annotations

import orjson
import pytest

from kubeshark_nb.helpers.metrics import exposition
from tests.runtime.stage import START, Stage, document, item, run


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("'The variable x is:', 5", "The variable x is: 5"),
        ("", ""),
        ("{a: 1}, [1, [2, 3]], undefined, null, true", "[object Object] 1,2,3 undefined null true"),
        ("new TypeError('x')", "TypeError: x"),
        ("function f() { return 1 }", "function f() { return 1 }"),
        ("'\\033[31mred\\033[0m', 'two\\nlines'", "\x1b[31mred\x1b[0m two\nlines"),
        ("1.5, 1e21, -0, NaN, 0.1 + 0.2", "1.5 1e+21 0 NaN 0.30000000000000004"),
        ("Object.create(null)", "[object Object]"),
    ],
)
def test_console_log(arguments, text):
    assert run(f"console.log({arguments})") == [text]


def test_console_levels():
    lines = Stage("console.log(1); console.error('no', 2); console.clear()").kept.lines
    assert [(line.level, line.text) for line in lines] == [("log", "1"), ("error", "no 2"), ("clear", "")]


def test_test_gives_the_same_object_back():
    stage = Stage(
        """var d = {failed: true}; console.log(test.pass(d) === d, d.passed, d.failed, test.fail(d) === d);
        ["x", null, undefined, 5].forEach(function (v) { try { test.pass(v) } catch (e) {
          console.log(e instanceof TypeError) } })""",
    )
    assert stage.texts == ["true true true true"] + ["true"] * 4


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("http", True),
        ("", True),
        ("dns", False),
        ("http and response.status == 500", False),
        ('request.path == "/items"', True),
        ('src.name == "client.shop" and !tls', True),
        ('request.path == r"/it.*"', True),
    ],
)
def test_kfl_match(query, matches):
    stage = Stage(f"function onItemCaptured(d) {{ console.log(kfl.match({orjson.dumps(query).decode()}, d)) }}")
    stage.items(item())
    assert stage.texts == [str(matches).lower()]


def test_kfl_match_throws_and_validate_does_not():
    stage = Stage(
        """try { kfl.match("http and", {}) } catch (e) { console.log(e instanceof Error) }
        console.log(kfl.validate("http and response.status == 500"), kfl.validate("http and (", true));
        console.log(kfl.validate("=="))""",
    )
    assert stage.texts[:2] == ["true", "true false"]
    assert [line.level for line in stage.kept.lines[2:]] == ["error", "log"]
    assert stage.texts[-1] == "false"


def test_kfl_now_is_the_nodes_clock():
    stage = Stage(
        "function onItemCaptured(d) { console.log(kfl.match('timestamp >= now()', d), "
        "kfl.match('timestamp < now()', d)) }"
    )
    stage.items(item(START), item(START + 10**12, 0))
    assert stage.texts[1] == "false true"


def test_json_of_env_is_as_the_page_says():
    stage = Stage(env={"SLACK_AUTH_TOKEN": "foo", "SLACK_CHANNEL_ID": "bar"})
    stage.load("console.log(JSON.stringify(env)); console.log(CONSTS)")
    assert stage.texts == ['{"SLACK_AUTH_TOKEN":"foo","SLACK_CHANNEL_ID":"bar"}', "SLACK_AUTH_TOKEN,SLACK_CHANNEL_ID"]


def test_utils():
    stage = Stage(
        """console.log(utils.nodeName()); console.log(utils.json2Yaml('{"b": [1, "x"], "a": {"c": null}}'));
          console.log(utils.json2Yaml("{}"));
        try { utils.json2Yaml("{") } catch (e) { console.log(e instanceof Error) }""",
    )
    assert stage.texts == ["node-1", "a:\n  c: null\nb:\n- 1\n- x\n", "{}\n", "true"]
    assert Stage("console.log(utils.nodeName())", hub=True).texts == ["hub"]


def test_hub_answers():
    stage = Stage(
        "console.log(JSON.parse(hub.targeted()).targets.length); console.log(hub.blockPod('web', 'shop') === '')"
    )
    assert stage.texts == ["0", "true"]
    assert [(effect.helper, effect.target, effect.status) for effect in stage.kept.effects] == [
        ("hub.blockPod", "shop/web", "recorded"),
    ]
    stage.player.targeted = lambda: {"targets": [{"metadata": {"name": "orders"}}], "excluded": []}
    stage.load("console.log(JSON.parse(hub.targeted()).targets[0].metadata.name)")
    assert stage.texts[-1] == "orders"


def test_prometheus_keeps_the_latest_value_per_labels():
    stage = Stage(
        """console.log(prometheus.metric("orders_shop", "Pod", 1, 18.5, {ns: "shop"}));
          prometheus.metric("orders_shop", "Pod", 1, 19, {ns: "shop"});
        prometheus.vector("perf", "Latency\\nms", 2, 3, {path: '/a"b', pod: "x"});
          prometheus.vector("perf", "Latency", 2, 4, {path: "/b", pod: "x"});
        prometheus.metric("plain", "d", 3, 1);
        ["1x", "a b"].forEach(function (n) { try { prometheus.metric(n, "", 1, 1) } catch (e) {
          console.log(e instanceof Error) } })""",
    )
    assert stage.texts == ["ok", "true", "true"]
    assert exposition({"node-1": stage.player.exposed()}) == (
        '# HELP orders_shop Pod\n# TYPE orders_shop counter\norders_shop{ns="shop"} 19.0\n'
        '# HELP perf Latency\\nms\n# TYPE perf gauge\nperf{path="/a\\"b",pod="x"} 3.0\nperf{path="/b",pod="x"} 4.0\n'
        "# HELP plain d\n# TYPE plain untyped\nplain 1.0\n"
    )


def test_samples_of_several_nodes_stand_together_and_say_whose_they_are():
    one, two = Stage('prometheus.metric("m", "d", 1, 1, {a: "b"})'), Stage('prometheus.metric("m", "other", 2, 2)')
    assert exposition({"n1": one.player.exposed(), "n2": two.player.exposed()}) == (
        '# HELP m d\n# TYPE m counter\nm{node="n1",a="b"} 1.0\nm{node="n2"} 2.0\n'
    )


def test_sentiment():
    stage = Stage(
        """var good = chatgpt.sentiment("This is wonderful and great"),
        bad = chatgpt.sentiment("This failed, terrible error");
        console.log(Object.keys(good).sort(), good.pos > 0.4, bad.neg > 0.4, good.compound > 0, bad.compound < 0)""",
    )
    assert stage.texts == ["compound,neg,neu,pos true true true true"]


def test_join_maps():
    stage = Stage(
        """var a = {n: 1, s: "x", deep: {k: 1}}, b = {n: 2, s: "y", deep: {k: 2, m: 3}, extra: [1]};
        console.log(JSON.stringify(wrapper.joinMaps(a, b)), JSON.stringify(a))""",
    )
    assert stage.texts == ['{"n":3,"s":"y","deep":{"k":3,"m":3},"extra":[1]} {"n":1,"s":"x","deep":{"k":1}}']


def test_har():
    stage = Stage("function onItemCaptured(d) { console.log(wrapper.buildHAR([d, {protocol: {name: 'dns'}}])) }")
    stage.items(item(request={"method": "POST", "url": "/a?b=1", "path": "/a", "headers": {"Host": "x"}}))
    log = orjson.loads(stage.texts[0])["log"]
    assert log["version"] == "1.2"
    assert [entry["request"]["method"] for entry in log["entries"]] == ["POST"]


def test_arguments_without_json_form_are_errors_of_the_script():
    stage = Stage(
        "var a = {}; a.a = a; try { kfl.match('http', a) } catch (e) { console.log(e instanceof TypeError) } "
        "console.log('on')"
    )
    assert stage.texts == ["true", "on"]


def test_document_is_not_shared_with_the_store():
    stage = Stage("function onItemCaptured(d) { delete d.passed; delete d.failed; d.request = null; }")
    one = item()
    assert stage.items(one) == [(False, False)]
    assert orjson.loads(one.json) == document()
