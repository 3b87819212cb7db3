"""What a session asks a node's player beside traffic: variables, profile, explanations."""

from __future__ import annotations

import orjson
import pytest

from kubeshark_nb.errors import KubesharkError
from tests.runtime.stage import START, Stage, document, item

SCRIPT = """var packetCount = 3, seen = {a: [1]}; function helper() { return 1 } shared = 5;
function onItemCaptured(d) { console.log("saw", d.index); if (d.index === 1) nope();
          vendor.webhook("GET", "https://h.example/x"); packetCount++; return test.fail(d) }
function onItemQueried(d) { d.extra = 1; return d }"""


def test_variables_are_read_and_written():
    stage = Stage(SCRIPT)
    player = stage.player
    assert set(player.globals_names()) == {"packetCount", "seen", "helper", "shared", "onItemCaptured", "onItemQueried"}
    assert player.globals_get("packetCount") == 3
    assert player.globals_get("seen") == {"a": [1]}
    assert player.globals_get("shared") == 5
    assert player.globals_get("helper") == "function helper() { return 1 }"
    player.globals_set("packetCount", 10)
    player.globals_set("fresh", {"text": "a\u2028b'\"\\"})
    stage.load("console.log(fresh.text.length)", "b.js")
    stage.items(item())
    assert player.globals_get("packetCount") == 11
    assert stage.texts[0] == "6"


@pytest.mark.parametrize("name", ["nothing", "a b", "x;y", "", "1x"])
def test_unknown_variables(name):
    with pytest.raises(KeyError):
        Stage(SCRIPT).player.globals_get(name)


def test_what_json_has_no_word_for():
    player = Stage("var a = NaN, b = -Infinity, c, d = new Date(0), e = null; const f = 1;").player
    assert [player.globals_get(name) for name in "abcde"] == [
        "NaN",
        "-Infinity",
        None,
        "1970-01-01T00:00:00.000Z",
        None,
    ]
    with pytest.raises(KubesharkError):
        player.globals_set("f", 2)


def test_a_profile_of_each_hook():
    stage = Stage(SCRIPT)
    stage.items(*(item(START + n, n) for n in range(100)))
    (captured,) = [row for row in stage.player.profile() if row.hook == "onItemCaptured"]
    assert (captured.script, captured.calls, captured.errors) == ("s0.js", 100, 1)
    assert 0 < captured.p50 <= captured.p99 <= 2 * captured.slowest
    assert captured.total >= captured.slowest
    assert captured.slowest_at + 1000 >= START


def test_an_explanation_holds_everything_and_leaves_no_trace():
    stage = Stage(SCRIPT)
    explanation = stage.player.explain(orjson.dumps(document(7)))
    assert (explanation.passed, explanation.failed) == (False, True)
    assert [line.text for line in explanation.lines] == ["saw 7"]
    assert [effect.helper for effect in explanation.effects] == ["vendor.webhook"]
    assert orjson.loads(explanation.replaced)["extra"] == 1
    broken = stage.player.explain(orjson.dumps(document(1)))
    assert [error.message for error in broken.errors] == ["ReferenceError: nope is not defined"]
    assert stage.texts == []
    assert stage.kept.effects == []


def test_an_explanation_of_a_known_error_shows_its_line_again():
    stage = Stage(SCRIPT)
    stage.items(item(START, 1))
    assert any("nope" in line.text for line in stage.player.explain(orjson.dumps(document(1))).lines)
