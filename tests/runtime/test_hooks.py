"""Hooks: what they get, in which order, and what becomes of their errors."""

from __future__ import annotations

import orjson
import pytest

from kubeshark_nb.model import NS_PER_S
from tests.runtime.stage import START, Stage, Window, document, item, packets


def test_packet_info():
    stage = Stage("function onPacketCaptured(info) { console.log(JSON.stringify(info)) }")
    window = Window(packets([START, START + 1_000, START + 1], captured=96, length=1514), [], START + 1)
    stage.player.play(window)
    shown = [orjson.loads(text) for text in stage.texts]
    assert [info["timestamp"] for info in shown] == [
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20.000001Z",
        "2023-11-14T22:13:20.000000001Z",
    ]
    assert shown[0] | {"timestamp": ""} == {
        "timestamp": "", "captureLength": 96, "length": 1514, "truncated": True, "fragmented": False,
    }  # fmt: skip


def test_items_and_verdicts():
    stage = Stage(
        """function onItemCaptured(data) {
          if (data.index === 0) return test.pass(data);
          if (data.index === 1) test.fail(data);
          if (data.index === 2) { test.pass(data); test.fail(data) }
        }""",
    )
    verdicts = stage.items(*(item(START + n, n) for n in range(4)))
    assert verdicts == [(True, False), (False, True), (True, True), (False, False)]


def test_the_document_is_the_item():
    stage = Stage("function onItemCaptured(data) { console.log(JSON.stringify(data)) }")
    stage.items(item())
    assert stage.texts == [orjson.dumps(document()).decode()]


def test_each_script_gets_its_own_copy_and_verdicts_add_up():
    stage = Stage(
        "function onItemCaptured(d) { d.request.path = 'changed'; test.pass(d) }",
        "function onItemCaptured(d) { console.log(d.request.path, d.passed); test.fail(d) }",
    )
    assert stage.items(item()) == [(True, True)]
    assert stage.texts == ["/items false"]


def test_an_error_in_one_script_stays_its_own():
    stage = Stage(
        "function onItemCaptured(d) {\n  d.nothing.here;\n}",
        "function onItemCaptured(d) { console.log('fine', d.index) }",
    )
    stage.items(*(item(START + n, n) for n in range(3)))
    assert stage.texts == [
        "(hook=onItemCaptured) TypeError: cannot read property 'here' of undefined", "fine 0", "fine 1", "fine 2",
    ]  # fmt: skip
    assert sum(error.count for error in stage.kept.errors) == 3
    first = stage.kept.errors[0]
    assert (first.script, first.line, first.hook) == ("s0.js", 2, "onItemCaptured")
    assert first.first_item == document()["id"]
    assert first.source_line == "  d.nothing.here;"
    assert "onItemCaptured (s0.js:2:" in first.frame


def test_console_lines_know_where_they_come_from():
    stage = Stage(
        "function say(x) {\n  console.log(x);\n}\nfunction onItemCaptured(d) { say(d.index) }\nconsole.error(1)"
    )
    stage.items(item(START + 5))
    top, inside = stage.kept.lines
    assert (top.level, top.text, top.line, top.hook, top.time) == ("error", "1", 5, "", START)
    assert (inside.level, inside.line, inside.hook, inside.time) == ("log", 2, "onItemCaptured", START + 5)
    assert (inside.script, inside.item, inside.node) == ("s0.js", document()["id"], "node-1")


def test_queried_items_are_replaced_only_by_a_returned_object():
    stage = Stage(
        """function onItemQueried(data, filter) {
          data.seen = filter;
          if (data.index === 0) return test.pass(data);
          if (data.index === 1) return 5;
          if (data.index === 2) return [1];
        }""",
    )
    answers = stage.player.query([orjson.dumps(document(n)) for n in range(4)], "http")
    assert [answer is None for answer in answers] == [False, True, True, True]
    replaced = orjson.loads(answers[0])
    assert replaced == document(0, passed=True, seen="http")


def test_a_returned_object_goes_on_to_the_next_script():
    stage = Stage(
        "function onItemQueried(d) { return {n: 1} }",
        "function onItemQueried(d) { d.n++ }",
        "function onItemQueried(d) { return {n: d.n * 10} }",
    )
    assert stage.player.query([orjson.dumps(document())]) == [b'{"n":20}']


def test_many_documents_are_queried_in_order():
    stage = Stage("function onItemQueried(d) { if (d.index % 2) return {i: d.index}; if (d.index === 40) throw 1 }")
    answers = stage.player.query([orjson.dumps(document(n)) for n in range(100)])
    assert answers == [b'{"i":%d}' % n if n % 2 else None for n in range(100)]


def test_packets_items_jobs_and_timers_in_one_order():
    stage = Stage(
        """function onPacketCaptured(i) { console.log("p", i.timestamp.slice(17, -1)) }
        function onItemCaptured(d) { console.log("i", d.index); setTimeout(function () {
          console.log("t", d.index) }, 1500) }
        jobs.schedule("j", "*/2 * * * * *", function () { console.log("j", new Date().getUTCSeconds()) });""",
    )
    second = NS_PER_S
    items = [item(START + second, 0), item(START + 3 * second, 1)]
    stage.player.play(Window(packets(START + n * second for n in range(5)), items, START + 4 * second))
    assert stage.said == ["p 20", "p 21", "i 0", "j 22", "p 22", "t 0", "p 23", "i 1", "j 24", "p 24"]
    stage.until(6)
    assert stage.said[10:] == ["t 1", "j 26"]


@pytest.mark.parametrize("cut", [1, 7, 16, 100])
def test_the_borders_of_windows_make_no_difference(cut):
    source = """var n = 0; function onPacketCaptured(i) { n++ } function onItemCaptured(d) {
          console.log(d.index, n, Date.now()) }
        jobs.schedule("j", "* * * * * *", function () { console.log("j", n, Date.now()) });"""
    times = [START + n * 90_000_000 for n in range(100)]
    rows = [item(time, index) for index, time in enumerate(times[::3])]

    def played(size: int) -> list[str]:
        stage = Stage(source)
        for at in range(0, 100, size):
            part = times[at : at + size]
            inside = [one for one in rows if part[0] <= one.ready_ns <= part[-1]]
            stage.player.play(Window(packets(part), inside, part[-1]))
        return stage.texts

    assert played(cut) == played(100)


def test_the_clock_is_the_nodes():
    stage = Stage(
        """function onItemCaptured() {
          console.log(Date.now(), new Date().getTime(), +new Date(2020, 0), Date().slice(0, 15)) }
        console.log(Date.now(), new Date().toISOString(), new Date() instanceof Date, performance.now())""",
    )
    stage.items(item(START + 1_234 * 1_000_000))
    assert stage.texts == [
        "1700000000000 2023-11-14T22:13:20.000Z true 0",
        "1700000001234 1700000001234 1577836800000 Tue Nov 14 2023",
    ]


def test_goish_names_are_aliases_that_nobody_sees():
    stage = Stage(
        """function onItemCaptured(d) {
          console.log(d.Protocol.Name, d.Request.Path, d.Response.Status, d.Src.IP, d.ElapsedTime,
          d.pcapFile, d.ID === d.id);
          console.log(Object.keys(d).indexOf("Protocol"), "Protocol" in d, d.Nothing,
          JSON.stringify(d).indexOf("Path"));
          var seen = []; for (var key in d) seen.push(key); console.log(seen.length, d.hasOwnProperty("id"));
          d.Custom = 1; console.log(d.Custom, Object.keys(d).indexOf("Custom") >= 0);
        }""",
    )
    stage.items(item())
    assert stage.texts == [
        "http /items 200 10.0.0.5 3 000000000001.pcap true",
        "-1 false undefined -1",
        f"{len(document())} true",
        "1 true",
    ]


def test_pod_events_and_hub_actions_reach_every_script():
    source = """function onPodEvent(event, pod) { console.log(event, pod.ObjectMeta.Name) }
        function onHubAction(action, object) { console.log(action, object ? object.n : "none") }"""
    stage = Stage(source, source)
    stage.player.event("onPodEvent", "ADDED", {"ObjectMeta": {"Name": "web"}})
    stage.player.call_hub_action("count", {"n": 3})
    stage.player.call_hub_action("nothing", None)
    assert stage.texts == ["ADDED web"] * 2 + ["count 3"] * 2 + ["nothing none"] * 2


def test_hub_action_of_a_script_goes_out():
    stage = Stage("")
    sent = []
    stage.player.on_hub_action = lambda action, value: sent.append((action, value))
    stage.load("hub.action('count', {a: [1, {b: 2}]})")
    assert sent == [("count", {"a": [1, {"b": 2}]})]
    assert [(effect.helper, effect.target) for effect in stage.kept.effects] == [("hub.action", "count")]
