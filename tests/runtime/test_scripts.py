"""Loading: scope, replacement, errors with their place, ES5 promises, what scripts cannot reach."""

from __future__ import annotations

import pytest

from kubeshark_nb.errors import ScriptError
from tests.runtime.stage import Stage, item, run


@pytest.mark.parametrize(
    ("source", "line", "column", "message", "shown"),
    [
        ("var a = 1;\nvar b = ;\n", 2, 9, "SyntaxError", "var b = ;"),
        ("var a;\nnope.x();", 2, 1, "ReferenceError: nope is not defined", "nope.x();"),
        ("function f() {\n  throw new TypeError('boo');\n}\nf();", 2, None, "TypeError: boo", None),
        ("var a = 1;\nif (a) {\n  return;\n}", 3, 3, "SyntaxError: Illegal return statement", "  return;"),
        ("function f() {\n", 2, None, "SyntaxError", None),
        ("throw null", None, None, "null", None),
        ("throw {toString: function () { throw 1 }}", None, None, "cannot be shown", None),
    ],
)
def test_a_script_that_does_not_load_names_the_place(source, line, column, message, shown):
    with pytest.raises(ScriptError) as caught:
        Stage(source)
    assert caught.value.name == "s0.js"
    assert caught.value.line == line
    assert message in caught.value.message
    if column:
        assert caught.value.column == column
    if shown is not None:
        assert caught.value.source_line == shown
        assert shown in str(caught.value)


def test_lines_are_right_after_many_loads():
    stage = Stage("var a;\n" * 50, "\n\nfunction onItemCaptured(d) {\n  d.no.way;\n}")
    for _ in range(3):
        stage.load("\n\n\nfunction onItemCaptured(d) { d.no.way }")
    stage.items(item())
    assert [(error.script, error.line) for error in stage.kept.errors] == [("s0.js", 4), ("s1.js", 4)]
    assert stage.kept.errors[1].source_line == "  d.no.way;"


def test_var_is_private_this_is_shared():
    stage = Stage(
        "var secret = 1; function helper() { return 7 } this.shared = {n: 2};",
        "console.log(typeof secret, typeof helper, this.shared.n, shared.n); shared.n++;",
    )
    stage.load("console.log(shared.n, this === globalThis)", "s2.js")
    assert stage.texts == ["undefined undefined 2 2", "3 true"]


def test_state_survives_between_events_and_goes_with_a_new_version():
    stage = Stage("var n = 0; function onItemCaptured() { n++; console.log(n) }")
    stage.items(item(), item(index=1))
    stage.load("var n = 10; function onItemCaptured() { n++; console.log(n) }")
    stage.items(item(index=2))
    assert stage.texts == ["1", "2", "11"]


def test_a_broken_new_version_leaves_neither():
    stage = Stage("function onItemCaptured() { console.log('old') }")
    with pytest.raises(ScriptError):
        stage.load("function onItemCaptured( {")
    stage.items(item())
    assert stage.texts == []


def test_env_is_an_object_and_bare_globals():
    stage = Stage(env={"A": "x", "N": 5, "not a name": 1, "if": 2, "console": 3})
    stage.load("console.log(JSON.stringify(env), A, N, CONSTS); A = 2; console.log(A, env.A)")
    assert stage.texts == ['{"A":"x","N":5,"not a name":1,"if":2,"console":3} x 5 A,N', "2 x"]


def test_sloppy_mode_as_on_a_cluster():
    assert run('"use strict";\nimplicit = "\\033[31m".length; console.log(implicit, typeof globalThis.implicit)') == [
        "5 number"
    ]


def test_functions_are_hoisted():
    assert run("hello(); function hello() { console.log('hi') }") == ["hi"]


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("var a = 1;\nlet b = 2;", "2: let/const"),
        ("var f = (x) => x;", "1: arrow function"),
        ("var s = `a`;", "1: template literal"),
        ("for (var x of [1]) {}", "1: for...of"),
        ("class A {}", "1: class"),
        ("var {a} = {};", "1: "),
    ],
)
def test_newer_syntax_runs_with_one_warning_that_names_the_line(source, what):
    lines = Stage(source).kept.lines
    assert [line.level for line in lines] == ["warning"]
    assert f"s0.js:{what}" in lines[0].text


def test_es5_gets_no_warning():
    assert run("var o = {get a() { return 1 }, 'b': 2}; for (var k in o) {} // let x = `1`") == []


def test_title_is_the_first_comment():
    stage = Stage("// Alerts for checkout\nvar a;")
    assert stage.player._pump.scripts["s0.js"].syntax.title == "Alerts for checkout"


@pytest.mark.parametrize(
    "expression",
    [
        "typeof process",
        "typeof require",
        "typeof call_python",
        "typeof dukpy",
        "typeof module",
        "typeof os",
        "typeof std",
    ],
)
def test_nothing_of_the_host_is_in_reach(expression):
    stage = Stage(f"function onItemCaptured() {{ console.log({expression}) }} console.log({expression});")
    stage.load(
        f"jobs.schedule('j', '* * * * * *', function () {{ jobs.remove('j'); console.log({expression}) }})", "b.js"
    )
    stage.items(item())
    stage.until(1)
    assert {text for text in stage.said if not text.startswith("Removed")} == {"undefined"}


def test_the_native_callback_cannot_be_caught_by_a_setter():
    stage = Stage(
        """var caught = [];
        ["call_python", "dukpy"].forEach(function (name) {
          try { Object.defineProperty(globalThis, name, {set: function (v) { caught.push(v) }}) } catch (e) {}
        });
        function onItemCaptured() { console.log(caught.length) }""",
    )
    stage.items(item())
    assert stage.texts == ["0"]


def test_modules_cannot_be_imported():
    stage = Stage("import('os').then(function () { console.log('loaded') }, function () {})")
    assert "loaded" not in stage.texts


def test_implicit_global_hook_belongs_to_its_script():
    stage = Stage("onItemCaptured = function (d) { console.log('mine', d.index) }", "var a = 1;")
    stage.items(item())
    assert stage.texts == ["mine 0"]


def test_unloading_takes_hooks_and_jobs():
    stage = Stage("function onItemCaptured() { console.log('item') } jobs.schedule('a', '* * * * * *', function () {})")
    stage.player.unload("s0.js")
    stage.items(item())
    assert stage.said == []
    assert stage.player.jobs() == []
