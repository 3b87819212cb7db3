"""Cell after cell of hostile scripts in one real node process: each is contained and named, and the next cell works."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import kubeshark_nb as ks
from kubeshark_nb.node.ledger import LINES

SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"
LENGTH = 60_000  # bytes of the capture; enough for a few dozen items
GOOD = """var list = [];
function onItemCaptured(data) { list.push(JSON.stringify(data.id)); test.pass(data) }
console.log(list.length, new Date(0).getTime(), Array.isArray(list));
"""
FOREVER = "ran longer than 0.5 s"

#: what a hook does at its second item, and what `session.errors` says of it
HOOKS = [
    ("for (;;) {}", FOREVER),
    ("try { for (;;) {} } catch (e) { console.log('caught') } finally { console.log('caught') }", FOREVER),
    ("for (;;) { try { file.write('a', 'b') } catch (e) {} }", FOREVER),
    ("JSON.stringify({get a() { for (;;) {} }})", FOREVER),
    ("/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')", FOREVER),
    ("(function f() { return f() + 1 })()", "call stack"),
    ("throw null", "null"),
    (
        "throw {get stack() { throw 1 }, get message() { throw 2 }, toString: function () { throw 3 }}",
        "cannot be shown",
    ),
    ("Object.defineProperty(data, 'x', {get: function () { throw new Error('mine') }}); data.x", "Error: mine"),
    ("JSON = JSON.stringify = Date = Date.now = null; throw new Error(JSON.stringify(typeof Date.now()))", '"number"'),
    ("console = null; console.log(1)", "TypeError"),
    ("console.log = null; console.log(1)", "TypeError"),
    ("Array.prototype.push = function () { throw new Error('pushed') }; [].push(1)", "Error: pushed"),
    ("Object.prototype.toJSON = Function.prototype.call = null; throw new Error('mine')", "Error: mine"),
    ("new Array(-1)", "RangeError"),
]
TOPS = [
    ("for (;;) {}", "top level ran longer"),
    ("try { for (;;) {} } finally { console.log('caught') }", "top level ran longer"),
    ("(function f() { f() })()", "call stack"),
    ("throw null", "null"),
    ("var a = {get b() { throw new Error('mine') }}; a.b", "Error: mine"),
    ("JSON = Date = console = null; console.log(1)", "TypeError"),
    ("Object.freeze(globalThis)", "unusable"),
]
ESCAPES = [
    "file.write(P, 'x')", "file.append(P, 'x')", "file.move('in.txt', P)", "file.move(P, 'b')",
    "file.copy('in.txt', P)", "file.copy(P, 'b')", "file.delete(P)", "file.mkdir(P)",
    "file.mkdirTemp('x', P)", "file.mkdirTemp(P)",
    "file.temp('x', P, 'txt')", "file.temp(P, '', 'txt')", "file.temp('x', '', P)", "file.tar(P)", "pcap.snapshot(P)",
    "pcap.snapshot([], P)", "pcap.snapshot([P])", "vendor.s3.put('bucket', P, 'us-east-1')",
    "vendor.gcs.put('bucket', P, {a: 1})", "vendor.azure.put('container', P, 'a', 'k')",
    "vendor.slackBot('t', 'c', 'p', 't', '#fff', {}, {f: P})",
]  # fmt: skip


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    capture = tmp_path_factory.mktemp("hostile") / "short.pcap"
    capture.write_bytes(gzip.decompress(SHOP.read_bytes())[:LENGTH])
    with ks.Session(limit=0.5) as made:
        made.capture(capture)
        assert made.run().items > 10
        yield made


def the_next_cell_works(session: ks.Session) -> None:
    for name in session.scripts:
        session.unload_script(name)
    run = session.replay_script(GOOD, "good.js")
    assert (run.ended, run.passed, run.errors) == ("done", run.items, 0)
    assert [line.text for line in session.console.lines if line.script == "good.js"] == ["0 0 true"]
    assert len(session.globals["list"]) == run.items


@pytest.mark.parametrize(("statement", "message"), HOOKS)
def test_in_a_hook(session, statement, message):
    pid = session._fleet.first.link.pid
    source = f"var n = 0;\nfunction onItemCaptured(data) {{\nif (n++ === 1) {{ {statement} }} test.fail(data); }}"
    beside = "function onItemCaptured(data) { test.pass(data) }"
    session.load_script(beside, "beside.js")
    run = session.replay_script(source, "bad.js")
    assert (run.ended, run.passed, run.failed) == ("done", run.items, run.items - 1)
    [error] = session.errors
    assert message in error.message
    assert (error.script, error.line, error.hook, error.count) == ("bad.js", error.line, "onItemCaptured", 1)
    assert error.line in ({2, 3} if "throw" not in statement else {0, 3})  # what is no Error has no place
    assert error.first_item
    assert not [line for line in session.console.lines if line.text == "caught"]
    the_next_cell_works(session)
    assert session._fleet.first.link.pid == pid


@pytest.mark.parametrize(("source", "message"), TOPS)
def test_at_top_level(session, source, message):
    with pytest.raises(ks.ScriptError, match=message) as caught:
        session.replay_script(f"\n{source}", "bad.js")
    assert caught.value.name == "bad.js"
    assert not [line for line in session.console.lines if line.text == "caught"]
    the_next_cell_works(session)


def test_in_a_job(session):
    source = "jobs.schedule('endless', '* * * * * *', function () {\n try { for (;;) {} } catch (e) {} }, 1)"
    limited = "function onJobFailed(tag, cron, limit, error) { console.log('told of', tag, error) }"
    session.load_script(limited, "beside.js")
    assert session.replay_script(source, "bad.js").ended == "done"
    if not session.errors:  # nothing was due in so short a capture: run it now
        session.control_job("run", "endless")
    [error] = session.errors
    assert (error.script, error.hook) == ("bad.js", "job:endless")
    assert "ran longer than" in error.message
    assert any(line.text.startswith("told of endless") for line in session.console.lines)
    the_next_cell_works(session)


def test_a_million_console_lines(session):
    session.limit = 120
    session.replay_script("for (var i = 0; i < 50000; i++) console.log('early', i);", "bad.js")
    source = "var n = 0; function onItemCaptured(data) { if (n++ === 1) for (var i = 0; i < 1e6; i++) console.log(i) }"
    session.replay_script(source, "bad.js")
    lines = session.console.lines
    assert len(lines) == LINES
    assert lines.dropped >= 1_000_000 - LINES
    assert lines[-1].text == "999999"
    session.limit = 0.5
    the_next_cell_works(session)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../outside"])
def test_no_path_leads_out(session, path):
    tries = "".join(f"tried({call!r}, function (P) {{ {call} }});\n" for call in ESCAPES)
    source = f"""var out = []; file.write("in.txt", "x");
    function tried(call, f) {{
      try {{ f({path!r}); out.push(call) }} catch (e) {{ if (!(e instanceof Error)) out.push(call) }}
    }}
    {tries}"""
    session.load_script(source, "bad.js")
    assert session.globals["out"] == []
    assert not list(session.folder.rglob("outside*"))
    assert not list(session.folder.parent.glob("outside*"))
    the_next_cell_works(session)
