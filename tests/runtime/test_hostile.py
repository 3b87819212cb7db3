"""Scripts that loop, allocate, redefine and escape: each stays contained and named, and the next call works."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from kubeshark_nb.errors import ScriptError
from kubeshark_nb.model import NS_PER_S
from kubeshark_nb.runtime.limits import Limits
from tests.runtime.stage import START, Stage, item

QUICK = Limits(hook_seconds=0.15, job_seconds=0.15, load_seconds=0.15)


def quick(*scripts: str) -> Stage:
    return Stage(*scripts, limits=QUICK)


@pytest.mark.parametrize(
    "body",
    [
        "for (;;) {}",
        "try { for (;;) {} } catch (e) { console.log('caught') } finally { console.log('finally') }",
        "for (;;) { try { kfl.match('http', d) } catch (e) {} }",
        "for (;;) { try { console.log(1) } catch (e) {} }",
        "for (;;) { try { kfl.match('http', {toJSON: function () { for (;;) {} }}) } catch (e) {} }",
        "for (;;) { try { JSON.stringify({get a() { for (;;) {} }}) } catch (e) {} }",
        "/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')",
        "while (true) { new Array(1000).sort() }",
    ],
)
def test_a_hook_without_end_is_ended_and_traffic_goes_on(body):
    stage = quick(
        f"var n = 0; function onItemCaptured(d) {{\n  n++;\n  if (n === 2) {{ {body} }}\n  test.pass(d); }}",
        "function onItemCaptured(d) { test.fail(d) }",
    )
    verdicts = stage.items(*(item(START + n, n) for n in range(4)))
    assert verdicts == [(True, True), (False, True), (True, True), (True, True)]
    error = stage.kept.errors[0]
    assert "ran longer than 0.15 s" in error.message
    assert (error.script, error.hook) == ("s0.js", "onItemCaptured")
    assert error.line in {1, 3}  # the line itself, or the function when the engine knows no more
    assert "caught" not in stage.texts
    assert "finally" not in stage.texts
    assert stage.player.globals_get("n") == 4


def test_a_hook_that_is_too_slow_again_and_again_is_switched_off():
    stage = quick("function onItemCaptured(d) { for (;;) {} }")
    started = time.monotonic()
    stage.items(*(item(START + n, n) for n in range(50)))
    assert time.monotonic() - started < 20
    assert sum(error.count for error in stage.kept.errors) == 3
    assert any("is switched off" in text for text in stage.texts)


def test_endless_top_level_is_a_load_error_with_its_line():
    with pytest.raises(ScriptError) as caught:
        quick("var a = 1;\n\nwhile (a) {\n  a++;\n}")
    assert caught.value.line in {3, 4}
    assert "top level ran longer" in caught.value.message


def test_endless_job_fails_and_the_next_run_comes():
    stage = quick("var n = 0; jobs.schedule('j', '* * * * * *', function () { n++; if (n === 1) for (;;) {} })")
    stage.until(3)
    (job,) = stage.player.jobs()
    assert (job.runs, job.failures) == (3, 1)
    assert "ran longer" in job.history[0].error


def test_endless_queried_hook():
    stage = quick("function onItemQueried(d) { if (d.index === 1) for (;;) {} return {i: d.index} }")
    documents = [item(START, n).json for n in range(3)]
    assert stage.player.query(documents) == [b'{"i":0}', None, b'{"i":2}']


@pytest.mark.parametrize("how", ["signal", "interrupt"])
def test_stop_ends_the_run_and_keeps_the_state(how):
    stage = Stage(
        "var n = 0; function onItemCaptured(d) { n++; if (n === 2) try { for (;;) {} } catch (e) { n = -1 } }"
    )

    def stop() -> None:
        if how == "signal":
            os.kill(os.getpid(), signal.SIGINT)
        else:
            stage.player.interrupt()

    timer = threading.Timer(0.2, stop)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        stage.items(*(item(START + n, n) for n in range(5)))
    assert stage.player.globals_get("n") == 2
    stage.items(item(START + 9, 9))
    assert stage.player.globals_get("n") == 3


def test_stop_cannot_be_caught_around_a_helper():
    stage = Stage("function onItemCaptured(d) { for (;;) { try { file.write('a', 'b') } catch (e) {} } }")
    threading.Timer(0.2, stage.player.interrupt).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        stage.items(item())
    assert time.monotonic() - started < 20


def test_limits_need_the_main_thread_and_the_run_works_without():
    stage = Stage("var n = 0; function onItemCaptured(d) { n++ }")
    worker = threading.Thread(target=lambda: stage.items(item()))
    worker.start()
    worker.join(10)
    assert stage.player.globals_get("n") == 1


def test_recursion_is_an_error_of_the_hook():
    stage = Stage("function f() { return f() + 1 } function onItemCaptured(d) { f() }")
    stage.items(item(), item(START + 1, 1))
    assert "call stack" in stage.kept.errors[0].message


def test_a_memory_bomb_costs_the_interpreter_and_that_is_said():
    stage = Stage(
        "var n = 0, hoard = []; function onItemCaptured(d) { n++; "
        "if (d.index === 1) for (;;) hoard.push(new Array(1000).fill('x')) }",
        "console.log('loaded'); function onItemCaptured(d) { console.log('second', d.index) }",
    )
    stage.items(*(item(START + n, n) for n in range(4)))
    assert [text for text in stage.texts if "interpreter was replaced" in text]
    assert stage.texts.count("loaded") == 2
    assert [text for text in stage.texts if text.startswith("second")] == [f"second {n}" for n in range(4)]
    assert stage.player.globals_get("n") == 2


def test_a_caught_memory_error_costs_nothing():
    stage = Stage("function onItemCaptured(d) { try { 'x'.repeat(2e8) } catch (e) { console.log('caught', d.index) } }")
    stage.items(item(), item(START + 1, 1))
    assert stage.texts == ["caught 0", "caught 1"]


def test_a_huge_line_is_cut_and_says_so():
    (text,) = Stage("console.log(new Array(3e6).join('x'))").texts
    assert len(text) < 70_000
    assert text.endswith("more characters)")


def test_very_many_lines_arrive():
    stage = Stage("function onItemCaptured(d) { for (var i = 0; i < 100000; i++) console.log(i) }")
    stage.items(item())
    assert stage.texts == [str(n) for n in range(100_000)]


@pytest.mark.parametrize(
    ("thrown", "message"),
    [
        ("throw null", "null"),
        ("throw undefined", "undefined"),
        ("throw {a: 1}", "[object Object]"),
        ("throw 'text'", "text"),
        ("throw {get stack() { throw 1 }, toString: function () { throw 2 }}", "an error that cannot be shown"),
        ("throw Symbol('s')", "Symbol(s)"),
        ("var e = new Error('x'); e.stack = 5; throw e", "Error: x"),
    ],
)
def test_whatever_is_thrown_is_an_error(thrown, message):
    stage = Stage(f"function onItemCaptured(d) {{ {thrown} }}")
    stage.items(item())
    assert [error.message for error in stage.kept.errors] == [message]


def test_getters_that_throw_do_not_break_verdicts():
    stage = Stage("function onItemCaptured(d) { Object.defineProperty(d, 'passed', {get: function () { throw 1 }}) }")
    assert stage.items(item()) == [(False, False)]


REDEFINED = """
JSON = null; Date = 5; console = {}; Math = {}; Error = null; String = null; Object.keys = null;
this.JSON = null; this.Date = 5; this.console = null; this.Error = null; this.Object = null;
"""
TAMPERED = """
Array.prototype.push = function () { throw new Error("mine") };
Array.prototype.toJSON = function () { return "hijacked" };
Object.prototype.toJSON = function () { return "hijacked" };
String.prototype.slice = function () { throw 1 }; Function.prototype.call = function () { throw 2 };
Function.prototype.apply = function () { throw 3 }; Map.prototype.get = null;
Object.prototype.value = "v"; Object.prototype.error = "e"; Object.prototype.halt = true; Object.prototype.stop = true;
Error.stackTraceLimit = 0;
"""


@pytest.mark.parametrize("bad", [REDEFINED, TAMPERED], ids=["redefined", "tampered"])
@pytest.mark.parametrize("where", ["top", "hook"])
def test_redefining_the_language_is_contained(bad, where):
    script = bad if where == "top" else f"function onItemCaptured() {{ {bad} }}"
    try:
        stage = Stage(script)
        stage.items(item())
    except ScriptError:
        pytest.fail("the script itself is legal")
    good = """function onItemCaptured(d) {
      var a = []; a.push(JSON.stringify({n: [1]}), new Date().getTime()); console.log(a);
    }"""
    stage.load(good, "good.js")
    stage.player.unload("s0.js")
    stage.load(good, "good.js")
    stage.items(item(START + NS_PER_S, 1))
    assert stage.said[-1] == f'{{"n":[1]}},{(START + NS_PER_S) // 1_000_000}'


@pytest.mark.parametrize(
    "poison",
    [
        "Object.freeze(globalThis)",
        "Object.defineProperty(Array.prototype, '0', {set: function () { throw 4 }, configurable: true})",
    ],
)
def test_poison_costs_the_interpreter_only(poison):
    stage = Stage("var n = 7; function onItemCaptured(d) { console.log('works', d.index, n) }")
    with pytest.raises(ScriptError, match=r"unusable|4"):
        stage.load(poison, "bad.js")
    stage.items(item())
    stage.load(f"function onItemCaptured(d) {{ {poison} }}", "worse.js")
    stage.items(item(START + 1, 1), item(START + 2, 2))
    stage.player.unload("worse.js")
    stage.items(item(START + 3, 3))
    works = [text for text in stage.texts if text.startswith("works")]
    assert (works[0], works[-1]) == ("works 0 7", "works 3 7")  # what was with the interpreter when it broke is lost


def test_lone_surrogates_and_control_characters_arrive():
    assert Stage("console.log('a\\ud800b', '\\u0000', '\\u001b[1mx')").texts == ["a\ufffdb \x00 \x1b[1mx"]


@pytest.mark.parametrize(
    "call",
    [
        "file.write('PATH', 'x')",
        "file.append('PATH', 'x')",
        "file.move('in.txt', 'PATH')",
        "file.move('PATH', 'b')",
        "file.copy('in.txt', 'PATH')",
        "file.copy('PATH', 'b')",
        "file.delete('PATH')",
        "file.mkdir('PATH')",
        "file.mkdirTemp('x', 'PATH')",
        "file.mkdirTemp('../x')",
        "file.temp('x', 'PATH', 'txt')",
        "file.temp('../x', '', 'txt')",
        "file.temp('x', '', '/../../x')",
        "file.tar('PATH')",
        "pcap.snapshot('PATH')",
        "pcap.snapshot([], 'PATH')",
        "pcap.snapshot(['PATH'])",
        "vendor.s3.put('bucket', 'PATH', 'us-east-1')",
        "vendor.gcs.put('bucket', 'PATH', {a: 1})",
        "vendor.slackBot('t', 'c', 'p', 't', '#fff', {}, {f: 'PATH'})",
    ],
)
@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "link/passwd", "a/../../outside", "/proc/self/environ"])
def test_no_helper_leaves_the_folder(call, path):
    stage = Stage("file.write('in.txt', 'x')")
    (stage.folder / "link").symlink_to("/etc")
    before = sorted(entry.name for entry in stage.folder.parent.iterdir())
    source = call.replace("PATH", path)
    stage.load(f"try {{ {source}; console.log('done') }} catch (e) {{ console.log(e instanceof Error, String(e)) }}")
    assert len(stage.texts) == 1
    assert stage.texts[0].startswith("true Error: ")
    assert sorted(entry.name for entry in stage.folder.parent.iterdir()) == before


def test_the_folder_has_a_limit():
    stage = Stage("")
    stage.player.folder._room = 1000
    stage.load(
        "try { for (var i = 0; i < 100; i++) file.append('a', '0123456789012345678901234567890') } "
        "catch (e) { console.log(e) }"
    )
    assert "written too much" in stage.texts[0]
    assert (stage.folder / "a").stat().st_size <= 1000


def test_the_folder_itself_is_spared():
    stage = Stage("['', '.', 'a/..'].forEach(function (p) { try { file.delete(p) } catch (e) { console.log(e) } })")
    assert len(stage.texts) == 3
    assert stage.folder.is_dir()
