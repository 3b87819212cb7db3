"""A document that is read in part cannot be told from one that was read whole."""

from __future__ import annotations

import orjson
import pytest

from kubeshark_nb.runtime.limits import Limits
from kubeshark_nb.runtime.timeline import Traffic
from tests.runtime.stage import START, Stage, document, item

LEARNED = 128  # items after which the members that a hook reads are known
FIELDS = "d.request.method + d.request.path + d.response.status; test.pass(d)"
EVERYTHING = "JSON.stringify(d); test.pass(d)"

BODIES = [
    "console.log(JSON.stringify(d))",
    "console.log(JSON.stringify(d, ['id', 'request', 'path']), JSON.stringify({d: d}, null, 1))",
    "console.log(Object.keys(d), Object.keys(d.request), Object.getOwnPropertyNames(d.response || {}))",
    "var all = []; for (var k in d) all.push(k); for (k in d.request) all.push(k); console.log(all)",
    "console.log(Object.entries(d.request).join(';'), Object.values(d).length, Reflect.ownKeys(d).length)",
    "console.log(d.hasOwnProperty('id'), d.hasOwnProperty('zzz'), 'id' in d, 'zzz' in d, 'toString' in d, d.zzz)",
    "console.log(d.request === d.request, d.src === d.src, test.pass(d) === d, typeof d, typeof d.request)",
    "d.zzz = 1; d.request.path = '/x'; d.request.more = 2; d.src.ip = 0; console.log(JSON.stringify(d))",
    "d.request = {a: 1}; d.id = 5; console.log(d.request.a, d.request.path, JSON.stringify(d))",
    "var r = d.request; d.request = null; console.log(JSON.stringify(r), JSON.stringify(d))",
    "console.log(delete d.id, delete d.request.method, delete d.zzz, JSON.stringify(d), d.request.method)",
    "var all = Object.getOwnPropertyDescriptors(d.request); console.log(JSON.stringify(all), all.zzz)",
    "console.log(JSON.stringify(Object.getOwnPropertyDescriptor(d, 'id')), Object.getOwnPropertyDescriptor(d, 'zzz'))",
    "Object.defineProperty(d, 'id', {get: function () { return 'mine' }}); console.log(d.id, JSON.stringify(d))",
    "Object.defineProperty(d, 'request', {value: 5, writable: false}); d.request = 6; console.log(d.request)",
    "Object.defineProperty(d, 'passed', {get: function () { return true }}); Object.keys(d)",
    "Object.freeze(d); d.x = 1; d.passed = 1; delete d.id; console.log(Object.isFrozen(d), JSON.stringify(d))",
    "Object.seal(d.request); d.request.x = 1; d.request.path = '/y'; console.log(JSON.stringify(d.request))",
    "console.log(Object.isFrozen(d), Object.isSealed(d.request), Object.isExtensible(d))",
    "console.log(JSON.stringify(Object.assign({}, d)), JSON.stringify({...d.request}))",
    "console.log(d.Request.Path, d.request.Method, d.Response && d.Response.Status, d.PcapFile, d.Src.Ip, d.Zzz)",
    "var e = Object.create(d); e.passed = 5; e.n = 1; console.log(e.request.path, e.id, d.passed, Object.keys(e))",
    "var t = {}; console.log(Reflect.set(d, 'passed', 5, t), JSON.stringify(t), d.passed, Reflect.set(d, 'q', 1, t))",
    "console.log(Reflect.get(d, 'id', {}), Reflect.has(d, 'id'), Reflect.defineProperty(d, 'n', {value: 1}), d.n)",
    "console.log(String(d), d + '', Object.prototype.toString.call(d.request), d.toLocaleString(), d.valueOf() === d)",
    "console.log(Object.getPrototypeOf(d.request) === Object.prototype, d instanceof Object, d.constructor === Object)",
    "Object.setPrototypeOf(d.request, {inherited: 1}); console.log(d.request.inherited, Object.keys(d.request))",
    "var s = Symbol('s'); d[s] = 1; console.log(d[s], Object.getOwnPropertySymbols(d).length, d[Symbol.iterator])",
    "console.log(kfl.match('http and request.path == \"/items\"', d), kfl.match('src.name == \"client.shop\"', d))",
    "console.log(d.request.headers['__proto__'], d.__proto__ === Object.prototype, JSON.stringify(d.request.headers))",
    "console.log(d.response.body.x)",
    "d.response.nothing.at = 1",
    "d.hasOwnProperty = 7; d.toString = function () { return 'mine' }; console.log(String(d), d.hasOwnProperty)",
    "kept.push(d); console.log(kept[0].src.ip, JSON.stringify(kept[kept.length - 1]), kept[0].id)",
    "kept.push(d.request); console.log(JSON.stringify(kept))",
    "setTimeout(function () { console.log(d.dst.name, JSON.stringify(d)) }, 1)",
    "test.fail(d); d.failed = 'yes'; console.log(d.failed, d.passed, JSON.stringify(d))",
    "d.passed = false; d.failed = true",
    "delete d.passed; delete d.failed",
    "console.log(wrapper.buildHAR ? 1 : 0, JSON.stringify(wrapper.joinMaps(d.request.headers, d)))",
    "console.log(Array.isArray(d), [d].concat(d).length, JSON.stringify([d.request].map(JSON.stringify)))",
    "console.log(d.index++, d.index, d.request.path += '!', d.request.path)",
    "var {id, ...rest} = d; console.log(id, JSON.stringify(rest))",
    "Object.prototype.extra = 1; var n = ''; for (var k in d) n += k; delete Object.prototype.extra; console.log(n)",
]
ODD = [
    {"response": None},
    {"response": {}, "passed": True},
    {"request": {"path": "/odd", "headers": {"__proto__": {"x": 1}, "toString": 1}, "toString": 2, "9": 1, "2": 1}},
    {"__proto__": {"x": 1}, "Request": "shadow", "constructor": 1},
    {"request": "text"},
    {"request": {"method": {"deep": [1, {"a": None}]}, "path": [1, 2], "headers": {"a": '"\\\u2028'}}},
]


def said(body: str, first: str) -> tuple[object, ...]:
    """Everything that comes of a hook whose habits changed from ``first`` to ``body``."""
    choice = f"if (n++ < {LEARNED}) {{ {first} }} else {{ {body} }}"
    source = f"var kept = [], n = 0; function onItemCaptured(d) {{\n{choice} }}"
    stage = Stage(source)
    ordinary = [item(START + n, n) for n in range(LEARNED)]
    odd = [
        item(START + number, number)._replace(json=orjson.dumps(document(number) | members))
        for number, members in enumerate([{}, {}, *ODD, {}], LEARNED)
    ]
    verdicts = stage.items(*ordinary, *odd)
    stage.until(10)
    errors = [(error.message, error.line, error.count, error.first_item) for error in stage.kept.errors]
    return stage.texts, errors, verdicts


@pytest.mark.parametrize("body", BODIES)
def test_a_view_cannot_be_told_from_the_whole_document(body):
    assert said(body, FIELDS) == said(body, EVERYTHING)


@pytest.mark.parametrize("body", BODIES)
def test_whatever_the_hook_does_from_the_beginning_stays_true_as_habits_are_learned(body):
    source = f"var kept = []; function onItemCaptured(d) {{ {body} }}"
    stage, whole = Stage(source), Stage(source, "function onItemCaptured(d) { JSON.stringify(d) }")
    items = [item(START + n, n) for n in range(LEARNED)]
    assert stage.items(*items) == whole.items(*items)
    assert stage.texts == whole.texts


def test_once_its_habits_are_known_a_hook_needs_no_document(monkeypatch):
    fetched, document = [], Traffic.document
    monkeypatch.setattr(Traffic, "document", lambda batch, event: fetched.append(event) or document(batch, event))
    stage = Stage(f"function onItemCaptured(d) {{ {FIELDS} }}")
    stage.items(*(item(START + n, n) for n in range(LEARNED)))
    assert fetched
    fetched.clear()
    assert stage.items(*(item(START + n, n) for n in range(LEARNED, 2 * LEARNED))) == [(True, False)] * LEARNED
    assert not fetched


def test_two_scripts_have_copies_of_their_own():
    first = "function onItemCaptured(d) { d.request.path = '/mine'; d.src.ip = 1; test.fail(d) }"
    second = "function onItemCaptured(d) { console.log(d.request.path, d.src.ip, d.failed) }"
    stage = Stage(first, second)
    stage.items(*(item(START + n, n) for n in range(LEARNED)))
    assert set(stage.texts) == {"/items 10.0.0.5 false"}


def test_a_view_that_outlives_an_interrupted_hook_is_whole():
    stage = Stage(
        "var kept, n = 0; function onItemCaptured(d) { n++; kept = d.request;\n"
        f" if (n === {LEARNED}) for (;;) {{}} else d.request.path }}",
        limits=Limits(hook_seconds=0.15),
    )
    stage.items(*(item(START + n, n) for n in range(LEARNED)))
    assert "ran longer" in stage.kept.errors[0].message
    assert stage.player.globals_get("kept") == orjson.loads(item(START).json)["request"]


def test_what_the_language_has_become_does_not_matter():
    stage = Stage(
        "Object.hasOwn = Reflect.get = Reflect.ownKeys = Object.getOwnPropertyNames = null; Proxy = WeakRef = null;"
        "Object.prototype.get = function () { return 1 }; Object.prototype.value = 2; Object.prototype.names = {};"
        "Array.prototype.parts = 3; WeakRef;"
        "function onItemCaptured(d) { console.log(d.request.path, d.src.ip); test.pass(d) }"
    )
    verdicts = stage.items(*(item(START + n, n) for n in range(LEARNED)))
    assert verdicts == [(True, False)] * LEARNED
    assert set(stage.said) == {"/items 10.0.0.5"}
