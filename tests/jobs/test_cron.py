from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeshark_nb.jobs.cron import CronError, parse
from kubeshark_nb.model import NS_PER_S

NOW = int(datetime(2023, 11, 14, 22, 15, 0, 500_000, UTC).timestamp() * 1000) * 1_000_000


def following(statement: str, times: int = 1) -> str:
    at = NOW
    for _ in range(times):
        at = parse(statement).next_after(at)
    return f"{datetime.fromtimestamp(at / NS_PER_S, UTC):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("*/5 * * * * *", "2023-11-14 22:15:05"),
        ("0 */1 * * * *", "2023-11-14 22:16:00"),
        ("0 * * * * *", "2023-11-14 22:16:00"),
        ("*/60 * * * * *", "2023-11-14 22:16:00"),
        ("*/20 * * * * *", "2023-11-14 22:15:20"),
        ("0 0 * * * *", "2023-11-14 23:00:00"),
        ("0 */90 * * * *", "2023-11-14 23:00:00"),
        ("10-12,40 * * * * *", "2023-11-14 22:15:10"),
        ("0 0 12 * * MON-FRI", "2023-11-15 12:00:00"),
        ("0 0 0 1 JAN ?", "2024-01-01 00:00:00"),
        ("0 0 0 13 * FRI", "2023-11-17 00:00:00"),
        ("@hourly", "2023-11-14 23:00:00"),
        ("@daily", "2023-11-15 00:00:00"),
        ("@weekly", "2023-11-19 00:00:00"),
        ("@monthly", "2023-12-01 00:00:00"),
        ("@yearly", "2024-01-01 00:00:00"),
        ("@every 5s", "2023-11-14 22:15:05"),
        ("@every 1h30m", "2023-11-14 23:45:00"),
        ("@every 1.5m", "2023-11-14 22:16:30"),
        ("@every 10ms", "2023-11-14 22:15:01"),
        ("TZ=America/New_York 0 0 12 * * *", "2023-11-15 17:00:00"),
        ("CRON_TZ=Asia/Tokyo 0 0 9 * * *", "2023-11-15 00:00:00"),
    ],
)
def test_first_time(statement, first):
    assert following(statement) == first


def test_second_time():
    assert following("*/5 * * * * *", 2) == "2023-11-14 22:15:10"


@pytest.mark.parametrize(
    "statement",
    [
        "", "* * * * *", "* * * * * * *", "x * * * * *", "60 * * * * *", "* * 24 * * *", "* * * 0 * *", "* * * * 13 *",
        "0 0 0 31 2 *", "@reboot", "@every", "@every 5", "@every -5s", "TZ=Nowhere/Land * * * * * *", "*/0 * * * * *",
    ],
)  # fmt: skip
def test_nonsense_is_one_clear_error(statement):
    with pytest.raises(CronError) as caught:
        parse(statement)
    assert "\n" not in str(caught.value)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 4_000_000_000 * NS_PER_S), st.sampled_from(["*/7 * * * * *", "3 */9 * * * *", "@every 13s"]))
def test_always_later_and_on_a_whole_second(now, statement):
    found = parse(statement).next_after(now)
    assert found > now
    assert found % NS_PER_S == 0
