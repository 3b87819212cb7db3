"""What can be read off a script's text."""

from __future__ import annotations

import pytest

from kubeshark_nb.runtime import syntax


@pytest.mark.parametrize(
    ("source", "hooks"),
    [
        ("function onItemCaptured(data) {}", ("onItemCaptured",)),
        ("var onPodEvent = function () {}, onHubAction;", ("onHubAction", "onPodEvent")),
        ("this.onItemQueried = f", ("onItemQueried",)),
        ("// onItemCaptured\nvar onItemCapturedToo; 'onItemQueried'; /onPodEvent/", ()),
        ("/* é onItemCaptured */ onItemCaptured = null", ("onItemCaptured",)),
    ],
)
def test_hooks_are_words_of_the_code(source, hooks):
    assert syntax.read(source).hooks == hooks


def test_names_of_the_top_level():
    source = "function f() { var inner; function deep() {} } if (1) { var a = 1, b; } let d; class E {}"
    assert set(syntax.read(source).names) == {"f", "a", "b", "d", "E"}


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("function f() { return 1 }\n return;", (2, 2)),
        ("var f = function () { return function () { return 1 } }; (function () { return 2 })()", None),
        ("var o = {get a() { return 1 }, b: () => { return 2 }}", None),
        ("if (1) { return }", (1, 10)),
    ],
)
def test_a_return_outside_functions(source, place):
    found = syntax.read(source).illegal_return
    assert (found and (found.line, found.column)) == place


def test_where_functions_and_the_first_loop_are():
    source = "function f() { for (;;) {} }\nfunction g() {}\nwhile (0) {}\nfor (;0;) {}"
    assert syntax.read(source).lines == {"f": 1, "g": 2, "": 3}


def test_only_what_matters_of_a_long_script_becomes_an_object():
    long = "x.push({a: [1, 2, 3], b: 'text'});\n" * 20_000
    assert len(syntax._found(syntax._parse(f"{long}function f() {{}}".encode()))) == 1
