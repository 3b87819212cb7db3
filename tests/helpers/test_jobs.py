"""`jobs.*` and `setTimeout`, from a script's side."""

from __future__ import annotations

import time

import pytest

from kubeshark_nb.model import NS_PER_S
from tests.runtime.stage import START, Stage, item


def test_every_five_seconds():
    stage = Stage(
        'function exampleJob() { console.log(new Date().getUTCSeconds()) }\njobs.schedule("example-job", '
        '"*/5 * * * * *", exampleJob)'
    )
    stage.until(16)
    assert stage.texts == [
        'Scheduled the job: "example-job" for cron: "*/5 * * * * *" (limit: infinite)', "25", "30", "35",
    ]  # fmt: skip


def test_limit_arguments_and_hooks():
    stage = Stage(
        """jobs.schedule("Api Calls", "* * * * * *", function (a, b) { console.log(a, b.c) }, 2, "x", {c: 1});
        function onJobPassed(tag, cron, limit) { console.log("passed", tag, cron, limit) }""",
    )
    stage.until(5)
    assert stage.texts == ['Scheduled the job: "api-calls" for cron: "* * * * * *" (limit: 2)'] + [
        "x 1", "passed api-calls * * * * * * 2",
    ] * 2  # fmt: skip
    assert stage.player.jobs() == []


@pytest.mark.parametrize(
    ("limit", "shown", "arguments"),
    [
        ("0", "infinite", "0"),
        ("-3", "infinite", "0"),
        ("undefined", "infinite", "0"),
        ("null", "infinite", "0"),
        ("NaN", "infinite", "0"),
        ("3", "3", "0"),
        ("'x'", "infinite", "1 x"),
    ],
)
def test_what_is_no_number_is_the_first_argument(limit, shown, arguments):
    stage = Stage(
        f"jobs.schedule('j', '* * * * * *', function () {{ "
        f"console.log([arguments.length].concat([].slice.call(arguments)).join(' ')) }}, {limit})",
    )
    stage.until(1)
    assert f"(limit: {shown})" in stage.texts[0]
    assert stage.texts[1] == arguments


def test_a_failing_job_stays_and_is_announced():
    stage = Stage(
        "jobs.schedule('j', '* * * * * *', function () {\n  nope.x();\n});",
        "function onJobFailed(tag, cron, limit, err) { console.log('failed', tag, limit, err) }",
    )
    stage.until(2)
    assert stage.said == [
        "ReferenceError: nope is not defined",
        "failed j 0 ReferenceError: nope is not defined",
        "failed j 0 ReferenceError: nope is not defined",
    ]
    (job,) = stage.player.jobs()
    assert (job.runs, job.failures, job.last_error) == (2, 2, "ReferenceError: nope is not defined")
    assert [run.time for run in job.history] == [START + NS_PER_S, START + 2 * NS_PER_S]
    assert [(error.line, error.hook) for error in stage.kept.errors] == [(2, "job:j")] * 2


@pytest.mark.parametrize("cron", ["nonsense", "* * * * *", "0 0 0 31 2 *"])
def test_a_bad_statement_throws(cron):
    stage = Stage(
        f"try {{ jobs.schedule('j', '{cron}', function () {{}}) }} catch (e) {{ "
        f"console.log(e instanceof Error, jobs.list().length) }}"
    )
    assert stage.texts == ["true 0"]


def test_list_run_remove():
    stage = Stage(
        """jobs.schedule("a b", "@hourly", function () { console.log("ran a") });
        jobs.schedule("c", "@hourly", function () { console.log("ran c") });
        console.log(jobs.list()); jobs.run("A B"); console.log("first"); jobs.runAll();
        ["run", "remove"].forEach(function (name) { try { jobs[name]("zzz") } catch (e) { console.log(e) } });
        setTimeout(function () { jobs.remove("a b"); console.log(jobs.list()); jobs.removeAll();
          console.log(jobs.list().length) }, 10);""",
    )
    stage.until(1)
    assert stage.texts[2:] == [
        "a-b,c", 'Triggered the job: "a-b"', "first", "All jobs are triggered.",
        'Error: there is no job with the tag "zzz"', 'Error: there is no job with the tag "zzz"',
        "ran a", "ran a", "ran c", 'Removed the job: "a-b"', "c", "All jobs are removed.", "0",
    ]  # fmt: skip


def test_scheduler_stop_and_start():
    stage = Stage(
        """var n = 0; jobs.schedule("j", "* * * * * *", function () { n++;
          if (n == 2) console.log(jobs.scheduler.stop(), jobs.scheduler.isRunning()) });
        function onItemCaptured() { console.log(jobs.scheduler.start(), jobs.scheduler.isRunning()) }
        console.log(jobs.scheduler.isRunning())""",
    )
    stage.until(5)
    stage.items(item(START + 6 * NS_PER_S))
    stage.until(8)
    assert stage.said == ["true", "false false", "true true"]
    assert stage.player.globals_get("n") == 4


def test_scheduling_inside_hooks_takes_effect_between_the_next_events():
    stage = Stage(
        """function onItemCaptured(d) {
          console.log("item", d.index);
          if (d.index === 0) jobs.schedule("j", "* * * * * *", function () {
          console.log("job", new Date().getUTCSeconds()); jobs.remove("j") });
        }""",
    )
    stage.items(*(item(START + n * NS_PER_S // 2, n) for n in range(4)))
    assert [text for text in stage.said if "Removed" not in text] == ["item 0", "item 1", "job 21", "item 2", "item 3"]


def test_replacing_a_script_takes_its_jobs_away():
    stage = Stage("jobs.schedule('a', '* * * * * *', function () {})")
    stage.load("jobs.schedule('b', '* * * * * *', function () {})")
    assert [job.tag for job in stage.player.jobs()] == ["b"]


def test_the_same_tag_replaces_across_scripts():
    stage = Stage(
        "jobs.schedule('a', '* * * * * *', function () { console.log(1) })",
        "jobs.schedule('a', '@hourly', function () {})",
    )
    stage.until(3)
    assert stage.said == []


def test_control_from_outside():
    stage = Stage("jobs.schedule('a', '@hourly', function () { console.log('ran') })")
    stage.player.jobs_run("a")
    stage.player.jobs_stop("a")
    assert stage.player.jobs()[0].stopped
    stage.player.jobs_start("a")
    stage.player.jobs_run()
    assert stage.said == ["ran", "ran"]
    stage.player.jobs_remove("a")
    assert stage.player.jobs() == []


def test_timers_take_arguments_and_can_be_cleared():
    stage = Stage(
        """var t = setTimeout(function () { console.log("never") }, 100); clearTimeout(t); clearTimeout(99);
          clearTimeout();
        setTimeout(function (a, b) { console.log(a, b, Date.now()) }, 2000, 1, 2); setTimeout(function () {
          console.log("soon") });
        try { setTimeout("code", 5) } catch (e) { console.log(e) }""",
    )
    stage.until(3)
    assert stage.texts == ["TypeError: setTimeout needs a function", "soon", f"1 2 {START // 1_000_000 + 2000}"]


def test_a_long_gap_is_skipped_and_said():
    stage = Stage("var n = 0; jobs.schedule('j', '* * * * * *', function () { n++ })")
    stage.until(30_000)
    assert stage.player.globals_get("n") == 10_000
    (job,) = stage.player.jobs()
    assert job.missed == 20_000
    assert "20000 job runs" in stage.texts[-1]


def test_a_job_that_was_scheduled_before_the_capture_began_starts_with_it():
    stage = Stage("jobs.schedule('j', '*/10 * * * * *', function () { console.log(Date.now()) })", start_ns=0)
    stage.items(item(START), item(START + 15 * NS_PER_S, 1))
    assert stage.said == [str(START // 1_000_000 + 10_000)]


def test_live_jobs_follow_wall_time():
    stage = Stage(
        "var seen = []; jobs.schedule('j', '* * * * * *', function () { seen.push(Date.now()) })", start_ns=0, live=True
    )
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        stage.player.finish(time.time_ns())
        time.sleep(0.01)
    seen = stage.player.globals_get("seen")
    assert len(seen) in {2, 3}
    assert all(stamp % 1000 < 300 for stamp in seen)
    assert stage.player.jobs()[0].missed == 0
