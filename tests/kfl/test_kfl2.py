"""KFL 2: what matches, and that it agrees with another implementation of CEL."""

from __future__ import annotations

import json

import celpy
import pytest

from kubeshark_nb import kfl
from kubeshark_nb.kfl.cel.variables import VARIABLES
from tests.kfl.tabled import NOW, load

ITEMS = load("kfl2_items")


@pytest.mark.parametrize("case", load("kfl2_match"), ids=lambda case: case["query"])
def test_match(case):
    query = kfl.compile(case["query"], language="kfl2", now_ns=NOW)
    assert [name for name, item in ITEMS.items() if query(item)] == case["matches"]


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_has_its_kind_whatever_the_item(name):
    kind = VARIABLES[name].kind
    query = kfl.compile(f'type(dyn({name})) == "{kind}"', language="kfl2", now_ns=NOW)
    for item in [
        *ITEMS.values(),
        {"protocol": 5, "request": [], "src": "x", "timestamp": "x"},
        {"protocol": {"abbr": "gRPC"}},
    ]:
        assert query(item), (name, json.dumps(item))


EXPRESSIONS = [
    "x + 3 * 2 == 11",
    "x / 2 == 2 && x % 2 == 1",
    "-x == -5",
    "!(x > 5)",
    "s.contains('b') && s.startsWith('a')",
    "s.matches('^a.c$')",
    "size(s) == 3",
    "x in [1, 5]",
    "l.exists(e, e > 2)",
    "l.all(e, e > 0)",
    "l.map(e, e * 2) == [2, 4, 6]",
    "l.filter(e, e > 1).size() == 2",
    "m['k'] == 1",
    "has(m.k) && !has(m.z)",
    "m['z'] == 1 || true",
    "x > 3 ? s == 'abc' : false",
    "x / 0 == 1 || x == 5",
    "x != 5 && x / 0 == 1",
    "'k' in m",
    "double(x) == 5.0",
    "string(x) == '5'",
    "[1, 2] + [3] == l",
    "l.exists_one(e, e == 2)",
    "s + 'd' == 'abcd'",
    "timestamp('2023-11-14T22:13:20Z') + duration('1h') == timestamp('2023-11-14T23:13:20Z')",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_agrees_with_celpy(text):
    values = {"x": 5, "s": "abc", "l": [1, 2, 3], "m": {"k": 1}}
    environment = celpy.Environment()
    wanted = environment.program(environment.compile(text)).evaluate(celpy.json_to_cel(values))
    ours = text
    for name, source in {"x": "5", "s": "'abc'", "l": "[1, 2, 3]", "m": "{'k': 1}"}.items():
        ours = f"[{source}].exists({name}, {ours})"
    assert kfl.compile(ours, language="kfl2")({}) is bool(wanted)


def test_compiled_queries_hold_no_state():
    query = kfl.compile("pods.exists(p, services.exists(s, s == p))", language="kfl2")
    item = {"src": {"pod": {"name": "a"}, "service": "a"}}
    assert query(item)
    assert set(item) == {"src"}
