from __future__ import annotations

import pytest

from kubeshark_nb.jobs.cron import CronError
from kubeshark_nb.jobs.scheduler import NEVER, Scheduler, UnknownJobError
from kubeshark_nb.jobs.timers import Timers
from kubeshark_nb.model import NS_PER_S, JobRun

S = NS_PER_S


def scheduler(*crons: str) -> tuple[Scheduler, list[int]]:
    dropped: list[int] = []
    made = Scheduler("node-1", dropped.append)
    for number, cron in enumerate(crons):
        made.schedule(f"job {number}", cron, number, 1, "a.js", 0, 0)
    return made, dropped


def play(made: Scheduler, until: int, seconds: int = 0) -> list[tuple[int, str]]:
    """Run what is due until a time; each run takes ``seconds``."""
    runs, now = [], 0
    while made.next_ns <= until:
        now = max(now, made.next_ns)
        entry = made.due(now)
        made.begin(entry, now)
        runs.append((now // S, entry.tag))
        now += seconds * S
        made.end(entry, JobRun(now, 0.0))
    return runs


def test_runs_in_order_of_time_then_of_scheduling():
    made, _ = scheduler("*/2 * * * * *", "*/3 * * * * *")
    assert play(made, 6 * S) == [(2, "job-0"), (3, "job-1"), (4, "job-0"), (6, "job-0"), (6, "job-1")]


def test_tags_are_normalised_and_unique():
    made, dropped = scheduler("* * * * * *")
    made.schedule("JOB 0", "*/5 * * * * *", 7, 2, "b.js", 0, 0)
    assert made.tags == ["job-0"]
    assert dropped == [0]
    assert made.remove("Job 0") == "job-0"
    with pytest.raises(UnknownJobError, match="job-0"):
        made.remove("job 0")


def test_a_limit_counts_started_runs():
    made, dropped = scheduler()
    made.schedule("a", "* * * * * *", 5, 1, "a.js", 2, 0)
    assert len(play(made, 10 * S)) == 2
    assert made.tags == []
    assert dropped == [5]


def test_slow_runs_miss_ticks_and_count_them():
    made, _ = scheduler("* * * * * *")
    assert play(made, 10 * S, seconds=3) == [(1, "job-0"), (4, "job-0"), (7, "job-0"), (10, "job-0")]
    assert made.listed()[0].missed == 6


def test_stopping_and_starting_does_not_catch_up():
    made, _ = scheduler("* * * * * *")
    made.stop()
    assert made.next_ns == NEVER
    assert made.listed()[0].stopped
    made.run("job 0")
    assert made.due(5 * S) is None
    made.start(5 * S)
    assert made.next_ns == 6 * S


def test_one_job_can_be_stopped():
    made, _ = scheduler("* * * * * *", "*/4 * * * * *")
    made.stop_job("job-0")
    assert made.next_ns == 4 * S
    made.start_job("job-0", 9 * S)
    assert made.next_ns == 4 * S
    assert made.listed()[0].next_run == 10 * S


def test_triggered_jobs_run_at_once():
    made, _ = scheduler("@hourly", "@daily")
    made.run_all()
    assert made.next_ns == 0
    assert [tag for _, tag in play(made, 0)] == ["job-0", "job-1"]


def test_a_bad_statement_schedules_nothing():
    made, _ = scheduler("* * * * * *")
    with pytest.raises(CronError):
        made.schedule("job 0", "nonsense", 9, 1, "a.js", 0, 0)
    assert made.tags == ["job-0"]


def test_a_gap_is_skipped_and_counted():
    made, _ = scheduler("* * * * * *")
    assert made.skip_to(100 * S) == 99
    assert (made.next_ns, made.listed()[0].missed) == (100 * S, 99)


def test_owned_jobs_go_with_their_script():
    made, dropped = scheduler("* * * * * *")
    made.schedule("b", "* * * * * *", 8, 2, "b.js", 0, 0)
    made.remove_owned(1)
    assert made.tags == ["b"]
    assert dropped == [0]


def test_timers_by_time_then_by_number():
    dropped: list[int] = []
    timers = Timers(dropped.append)
    for due in (5, 3, 5, 1):
        timers.set(due, due * 10, due)
    timers.clear(2)
    assert dropped == [30]
    assert [timers.pop().number for _ in range(len(timers))] == [4, 1, 3]
    assert timers.next_ns == NEVER
    timers.set(9, 90, 4)
    timers.clear_owned(4)
    assert dropped == [30, 90]
