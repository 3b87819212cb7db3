"""Cron in words."""

from __future__ import annotations

import pytest

from kubeshark_nb.widgets.cron_words import in_words


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("*/5 * * * * *", "every 5 seconds"),
        ("* * * * * *", "every second"),
        ("*/60 * * * * *", "every minute"),
        ("0 */5 * * * *", "every 5 minutes"),
        ("0 * * * * *", "every minute"),
        ("0 0 * * * *", "every hour, on the hour"),
        ("0 0 */2 * * *", "every 2 hours"),
        ("0 15 * * * *", "every hour, 15 minutes past"),
        ("0 30 9 * * *", "at 09:30"),
        ("15 30 9 * * MON-FRI", "at 09:30:15, on Monday to Friday"),
        ("0 0 0 1 1 *", "at 00:00, on day 1, in January"),
        ("0 0 12 * * 0,6", "at 12:00, on Sunday, Saturday"),
        ("*/5 * * * *", "every 5 minutes"),
        ("10,40 * 9-17 * * *", "second 10, 40, hour 9 to 17"),
        ("@every 90s", "every 90s"),
        ("@daily", "every day at midnight"),
        ("CRON_TZ=Europe/Oslo @hourly", "every hour, on the hour (Europe/Oslo)"),
        ("not cron", "not cron"),
    ],
)
def test_words(cron, words):
    assert in_words(cron) == words
