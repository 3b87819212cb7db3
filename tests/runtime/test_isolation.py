"""What one script or one captured document does to objects stays away from the other scripts."""

from __future__ import annotations

import orjson
import pytest

from tests.runtime.stage import START, Stage, item

BREAKING = [
    "JSON = null",
    "JSON.stringify = function () { return 'broken' }; JSON.parse = JSON.stringify",
    "Date = function () { return 'broken' }",
    "Date.now = function () { return 'broken' }",
    "console = null",
    "console.log = function () {}",
    "Array.prototype.push = function () { throw new Error('broken') }",
]
GOOD = """
var list = [];
function onItemCaptured(data) {
  list.push(data.request.path);
  console.log(list.join(), JSON.stringify({n: list.length}), typeof Date.now(), +new Date(0), Array.isArray([]));
  test.pass(data);
}"""


@pytest.mark.parametrize("breaking", BREAKING)
@pytest.mark.parametrize("order", [("bad", "good"), ("good", "bad")])
def test_what_a_script_breaks_when_it_loads_does_not_reach_the_next_one(breaking, order):
    stage = Stage()
    for name in order:
        stage.load(breaking if name == "bad" else GOOD, f"{name}.js")
    if order[0] == "good":  # it was there first: broken things are restored when something loads
        stage.load(";", "third.js")
    assert stage.items(item()) == [(True, False)]
    assert stage.said[-1] == '/items {"n":1} number 0 true'
    assert not stage.kept.errors


@pytest.mark.parametrize("breaking", BREAKING)
def test_what_a_hook_breaks_leaves_our_own_ways_whole(breaking):
    stage = Stage(
        f"function onItemCaptured(data) {{ {breaking} }}", "function onItemCaptured(data) { test.fail(data) }"
    )
    assert stage.items(item(), item(index=1)) == [(False, True)] * 2
    assert stage.player.globals_names() == ["onItemCaptured"]


def test_a_captured_proto_member_is_data():
    stage = Stage(
        """function onItemCaptured(data) {
          console.log(Object.keys(data.request.headers).join(), data.request.headers["__proto__"].polluted);
          console.log(({}).polluted, typeof data.request.headers.polluted, JSON.stringify(data.request.headers));
          test.pass(data);
        }
        function onItemQueried(data) { data.seen = true; return data }"""
    )
    headers = {"__proto__": {"polluted": "yes"}, "constructor": "x", "hasOwnProperty": 1, "toString": None}
    odd = item(request={"method": "GET", "path": "/", "headers": headers}, __proto__={"polluted": "top"})
    assert stage.items(odd) == [(True, False)]
    assert stage.said[0] == "__proto__,constructor,hasOwnProperty,toString yes"
    assert stage.said[1] == f"undefined undefined {orjson.dumps(headers).decode()}"
    [answer] = stage.player.query([odd.json])
    assert answer is not None
    assert orjson.loads(answer) == orjson.loads(odd.json) | {"seen": True}


def test_what_one_script_does_to_a_prototype_costs_another_one_item():
    bad = "var n = 0; function onItemCaptured(data) { if (n++ === 1) Array.prototype.push = null }"
    stage = Stage(bad, "var list = []; function onItemCaptured(data) { list.push(1); test.pass(data) }")
    verdicts = stage.items(*(item(START + n, n) for n in range(100)))
    assert verdicts.count((True, False)) == 99
    assert sum(error.count for error in stage.kept.errors) == 1
    assert "restored what a script had replaced in the language: push" in stage.texts


@pytest.mark.parametrize("name", ["JSON", "JSON.parse", "Date", "Date.now", "Math.floor", "Object.keys", "parseInt"])
def test_what_is_on_no_prototype_cannot_be_replaced(name):
    stage = Stage(f"var before = {name}; globalThis.{name} = null; console.log({name} === before)")
    assert stage.texts == ["true"]


def test_names_of_the_language_may_be_a_scripts_own():
    stage = Stage("var JSON = 5; function Date() { return 6 } console.log(JSON, Date())", "console.log(typeof JSON)")
    assert stage.texts == ["5 6", "object"]
