"""The session as its users see it: bind, load, run, look; on a real node process unless the test says otherwise."""

import gc
import gzip
import os
import signal
import time
from pathlib import Path

import pytest

import kubeshark_nb as ks

SHOP = Path(__file__).parents[1] / "notebooks" / "captures" / "shop.pcap.gz"
NAMES = SHOP.with_name("shop-names.json")
COUNT = "var seen = 0; function onItemCaptured(data) { seen++; }"


@pytest.fixture
def session():
    with ks.Session() as made:
        yield made


@pytest.fixture
def short(tmp_path) -> Path:
    """The first 2 MB of the shop's packets: enough traffic, and quick."""
    cut = tmp_path / "short.pcap"
    cut.write_bytes(gzip.decompress(SHOP.read_bytes())[:2_000_000])
    return cut


def test_verdicts_jobs_console_and_globals_of_one_run(session, short):
    session.capture(short, names=str(NAMES))
    run = session.replay_script(
        """
        var seen = 0;
        function onItemCaptured(data) {
          seen++;
          if (data.protocol.name === "http") data.response.status >= 400 ? test.fail(data) : test.pass(data);
        }
        jobs.schedule("tick", "*/10 * * * * *", function () { console.log("seen", seen); });
        """,
        "verdicts.js",
    )
    assert run.ended == "done"
    assert run.items == len(session.items) == session.globals["seen"] > 500
    assert run.passed > 100
    assert run.passed == len(session.items.query("passed == true"))
    assert run.failed == len(session.items.query("http and response.status >= 400"))
    (job,) = session.jobs
    assert job.runs == len([line for line in session.console.lines if line.text.startswith("seen")]) > 2
    assert session.errors == []


def test_names_reach_the_items(session, short):
    session.capture(short, names=str(NAMES))
    item = session.items.query('http and dst.name == "web.shop"')[0]
    assert (item["dst"]["namespace"], item["src"]["name"].split(".")[1]) == ("shop", "clients")


def test_the_same_run_twice_is_the_same_to_the_byte(session, short, tmp_path):
    session.capture(short)
    script = (
        COUNT + 'jobs.schedule("j", "*/7 * * * * *", function () { console.log(seen, Date.now(), Math.random()); });'
    )
    seen = []
    for number in range(2):
        session.replay_script(script, "a.js")
        session.items.to_jsonl(tmp_path / f"{number}.jsonl")
        seen.append(([(line.text, line.time) for line in session.console.lines], session.globals["seen"]))
    assert (tmp_path / "0.jsonl").read_bytes() == (tmp_path / "1.jsonl").read_bytes()
    assert len(seen[0][0]) > 3
    assert seen[0] == seen[1]


def test_inline_gives_what_a_process_gives(session, short):
    session.capture(short)
    session.replay_script(COUNT, "a.js")
    with ks.Session(inline=True) as inline:
        inline.capture(short)
        inline.replay_script(COUNT, "a.js")
        assert inline.globals["seen"] == session.globals["seen"] > 0
        assert list(inline.items) == list(session.items)


def test_scripts_are_replaced_by_name_and_run_in_order(session, short):
    session.capture(short)
    session.replay_script("console.log('first')", "a.js")
    session.replay_script("console.log('second')", "b.js")
    session.replay_script("console.log('new first')", "a.js")
    assert session.scripts == ["a.js", "b.js"]
    assert [line.text for line in session.console.lines] == ["new first", "second"]


@pytest.mark.parametrize("run", ["load_script", "replay_script"])
def test_a_syntax_error_names_script_line_and_column_and_unloads_the_predecessor(session, short, run):
    session.capture(short)
    session.load_script(COUNT, "a.js")
    with pytest.raises(ks.ScriptError) as caught:
        getattr(session, run)("var a = 1;\nvar b = ;\n", "a.js")
    assert (caught.value.name, caught.value.line) == ("a.js", 2)
    assert "var b = ;" in str(caught.value)
    assert session.scripts == []


def test_a_throwing_hook_is_counted_once_per_place_and_does_not_stop_the_traffic(session, short):
    session.capture(short)
    run = session.replay_script("function onItemCaptured(data) {\n  data.nothing.at.all;\n}", "bad.js")
    (error,) = session.errors
    assert (error.script, error.line, error.hook, error.count) == ("bad.js", 2, "onItemCaptured", run.items)
    assert error.first_item == session.items[0]["id"]
    assert run.errors == run.items == len(session.items)


def test_a_hook_that_never_ends_is_ended_and_the_next_script_works(short):
    with ks.Session(limit=0.3) as session:
        session.capture(short)
        began = time.monotonic()
        session.replay_script("var n = 0; function onItemCaptured(d) { n++; if (n === 5) while (true) {} }", "loop.js")
        assert time.monotonic() - began < 20
        assert session.globals["n"] > 5
        assert any("onItemCaptured" in error.hook for error in session.errors)
        session.replay_script(COUNT, "loop.js")
        assert session.globals["seen"] == len(session.items)


def test_a_killed_node_is_said_and_replaced(session, short):
    session.capture(short)
    session.replay_script(COUNT, "a.js")
    items = len(session.items)
    os.kill(session._fleet.first.link.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while not any(line.level == "warning" for line in session.console.lines) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "SIGKILL" in session.console.lines[-1].text
    assert len(session.items) == items
    assert session.globals["seen"] == 0  # a new node, the script loaded again
    assert session.run().items == items


def test_closing_leaves_no_process_and_no_folder(short):
    session = ks.Session()
    session.capture(short)
    session.run()
    pid, folder = session._fleet.first.link.pid, session.folder
    session.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not folder.exists()


def test_what_is_queried_goes_through_the_scripts(session, short):
    session.capture(short)
    script = """
    function onItemQueried(data) {
      if (data.protocol.name !== "http") return;
      return data.response.status == 200 ? test.pass(data) : test.fail(data);
    }
    """
    run = session.replay_script(script, "a.js")
    assert (run.passed, run.failed) == (0, 0)  # nothing was queried yet
    shown = session.query("http")
    assert {(item["response"].get("status") == 200) for item in shown if item["passed"]} == {True}
    assert {(item["response"].get("status") == 200) for item in shown if item["failed"]} == {False}
    rows = session.query().page(0, 500)
    assert {row["passed"] for row in rows if row["status"] == 200} == {True}
    assert session.query("http").to_pandas().passed.sum() == sum(item["passed"] for item in shown) > 0
    assert session.document(rows[0]["id"])["id"] == rows[0]["id"]


def test_a_run_can_be_paused_resumed_and_stopped(session):
    session.capture(SHOP)
    session.load_script(COUNT, "a.js")
    session.start()
    session.control_run("pause")
    seen = session.globals["seen"]
    time.sleep(0.5)
    assert session.globals["seen"] == seen
    session.control_run("resume")
    assert session.wait().items == len(session.items) == session.globals["seen"] > seen
    with pytest.raises(ks.NodeError, match="pause, resume and stop"):
        session.control_run("rewind")


def test_a_query_hook_that_never_ends_costs_its_limit_and_nothing_else(short):
    with ks.Session(limit=0.2) as session:
        session.capture(short)
        session.replay_script("function onItemQueried(d) { for (;;) {} }", "loop.js")
        shown = session.query("http and response.status == 404")
        assert len(shown) == len(session.items.query("http and response.status == 404")) > 0
        assert session.errors


def test_what_was_printed_before_the_throw_is_there(session):
    with pytest.raises(ks.ScriptError):
        session.load_script("console.log('so far'); throw new Error('no further')", "a.js")
    assert [line.text for line in session.console.lines] == ["so far"]


def test_what_a_dead_node_lost_is_said_in_the_next_run(session, short):
    session.capture(short)
    session.replay_script(COUNT, "a.js")
    os.kill(session._fleet.first.link.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while session._fleet.first.link.alive and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    session.replay_script(COUNT, "a.js")
    assert "SIGKILL" in session.console.lines[0].text


SECRET = "xoxb-1234567890-planted"


@pytest.mark.parametrize(
    "script",
    [
        "console.log('token', env.SLACK_TOKEN, JSON.stringify(env))",
        "throw new Error('bad token ' + env.SLACK_TOKEN)",
        "function onItemCaptured(d) { throw new Error(SLACK_TOKEN) }",
        "jobs.schedule('j', '* * * * * *', function () { throw new Error(SLACK_TOKEN) })",
        "function onItemCaptured(d) { vendor.slack(SLACK_TOKEN, 'C1', 'a', SLACK_TOKEN, '#f00') }",
        f"var SLACK = ; // {SECRET}",
    ],
)
def test_a_secret_of_env_is_shown_nowhere(session, short, script):
    session.capture(short)
    shown = []
    try:
        shown.append(str(session.replay_script(script, "s.js", {"SLACK_TOKEN": SECRET})))
    except ks.ScriptError as error:
        shown += [str(error), repr(error)]
    session.env["SLACK_TOKEN"] = SECRET
    shown += [repr(session.env), repr(session._scripts), repr(session.jobs)]
    shown += [repr(session.console.lines[:50]), repr(session.errors), repr(session.effects[:50]), session.status()]
    assert shown
    assert SECRET not in "".join(shown)


def test_a_recorded_call_can_be_sent_after_all_and_a_live_one_is_sent(session, short, httpserver):
    httpserver.expect_request("/hook", method="POST").respond_with_data("thanks")
    session.capture(short)
    script = "var said = vendor.webhook('POST', env.URL, 'hello');"
    session.replay_script(script, "w.js", {"URL": httpserver.url_for("/hook")})
    (recorded,) = session.effects
    assert (recorded.status, httpserver.log) == ("recorded", [])
    assert session.vendor.send_now(recorded.number) == "thanks"
    assert [request.get_data() for request, _ in httpserver.log] == [b"hello"]
    session.vendor.switch("live", "webhook", replay=True)
    session.run()
    assert session.globals["said"] == "thanks"
    assert [effect.status for effect in session.effects] == ["sent"]
    session.vendor.switch("record")
    session.vendor.answer("vendor.webhook", "scripted")
    session.run()
    assert session.globals["said"] == "scripted"
    assert len(httpserver.log) == 2


def test_env_may_point_at_environment_variables(session, short, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "from outside")
    session.capture(short)
    session.replay_script("var token = env.TOKEN", "e.js", {"TOKEN": "${env:SHOP_TOKEN}"})
    assert session.globals["token"] == "from outside"
    with pytest.raises(ks.VendorError, match="NO_SUCH_THING"):
        session.replay_script("var token = env.TOKEN", "e.js", {"TOKEN": "${env:NO_SUCH_THING}"})


BAD = {
    "missing.pcap": None,
    "folder": "a directory",
    "notes.txt": b"Dear diary, today I captured nothing at all.\n",
    "empty.pcap": b"",
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_capture_is_refused_in_one_line(session, tmp_path, name):
    path, content = tmp_path / name, BAD[name]
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.mkdir()
    with pytest.raises(ks.CaptureError) as caught:
        session.capture(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_capture_cut_inside_a_packet_gives_what_is_before_the_cut_and_counts_it(session, short):
    session.capture(short)
    run = session.run()
    assert run.items > 500
    assert any("cut" in reason for reason, _ in run.reasons)


def test_nothing_bound_says_what_to_do(session):
    with pytest.raises(ks.CaptureError, match="%kubeshark_capture"):
        session.run()


def test_waiting_before_any_run_says_what_to_do(session, short):
    for _ in range(2):
        with pytest.raises(ks.NodeError, match="nothing has been started; use start"):
            session.wait()
        session.capture(short)


def test_what_is_asked_before_anything_is_bound_says_what_to_do(session):
    with pytest.raises(ks.CaptureError, match="no capture is bound"):
        _ = session.items
    with pytest.raises(ks.CaptureError, match="no capture is bound"):
        session.query("http")


def test_a_run_that_did_not_begin_does_not_go_on(session, short):
    session.capture(short)
    with pytest.raises(ks.ScriptError):
        session.replay_script("throw new Error('no')", "bad.js")
    assert not session.running
    assert "did not begin" in session.status()
    assert len(session.items) > 500


def test_a_closed_session_says_so_and_leaves_nothing(short):
    session = ks.Session()
    session.capture(short)
    session.start()
    session.close()
    session.close()
    for use in (session.run, lambda: session.items, lambda: session.capture(short), lambda: session.load_script("")):
        with pytest.raises(ks.NodeError, match="closed"):
            use()
    assert not session.running
    assert "stopped" in session.status()
    assert not session.folder.exists()


def test_a_folder_of_ones_own_keeps_the_items_for_later_sessions(short, tmp_path):
    with ks.Session(folder=tmp_path / "kept") as session:
        session.capture(short)
        ids = [item["id"] for item in session.items]
    del session
    gc.collect()
    with ks.Session.open(tmp_path / "kept") as again:
        assert [item["id"] for item in again.items] == ids
        again.capture(short)
        again.run()
        assert len(again.items) == len(ids)
    with pytest.raises(ks.StoreError, match="no items here"):
        ks.Session.open(tmp_path)


@pytest.mark.parametrize("name", ["", "..", "../evil", "a/b", "\n", "x" * 300])
def test_a_nodes_name_never_leads_out_of_the_folder(session, short, name):
    with pytest.raises(ks.CaptureError, match="cannot be a node's name"):
        session.capture(short, node=name)
    assert session.info.name == "node-1"


def test_a_node_of_any_script_and_its_globals(session, short):
    session.capture(short, node="knödel-☃", names=None, keylog=None)
    session.replay_script(COUNT, "ünï ☃.js")
    assert session.globals.node("knödel-☃")["seen"] == session.stats.items > 500
    with pytest.raises(ks.NodeError, match="no node 'other'"):
        session.globals.node("other")


def test_wrong_arguments_are_one_clear_line(session, short):
    wrong = {
        "'bogus' is no option": lambda: session.capture(short, bogus=1),
        "cannot be empty": lambda: session.capture(""),
        "duration is -1; give more": lambda: session.capture(live="lo", duration=-1),
        "count is 0; give more": lambda: session.capture(live="lo", count=0),
        "'0' is no speed": lambda: session.capture(short, speed=0),
        "or hold a NUL": lambda: session.capture("a\0b"),
        "are texts": lambda: session.load_script(5),
        "is no time for a hook": lambda: setattr(session, "limit", 0),
        "no item 'a/\"x-1'": lambda: session.document('a/"x-1'),
    }
    session.capture(short)
    for says, do in wrong.items():
        with pytest.raises(ks.KubesharkError, match=says):
            do()
    session.load_script("var a = 1;")
    with pytest.raises(TypeError, match="serializable"):
        session.globals["a"] = object()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with ks.Session(folder=tmp_path / "file") as session, pytest.raises(ks.NodeError, match="needs a folder"):
        session.load_script("")


def test_another_limit_holds_from_then_on(session, short):
    session.limit = 0.2
    session.load_script("function onItemCaptured(data) { for (;;) {} }", "endless.js")
    began = time.monotonic()
    (error,) = session.explain({"stream": "x", "index": 0}).errors
    assert "0.2 s" in error.message
    assert time.monotonic() - began < 20
