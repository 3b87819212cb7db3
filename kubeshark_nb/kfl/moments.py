"""Time in KFL: milliseconds since the epoch, UTC."""

from __future__ import annotations

from datetime import UTC, datetime

NS_PER_MS = 1_000_000

UNITS = {
    "seconds": 1_000,
    "minutes": 60_000,
    "hours": 3_600_000,
    "days": 86_400_000,
    "weeks": 7 * 86_400_000,
    "months": 30 * 86_400_000,
    "years": 365 * 86_400_000,
}
"""Milliseconds of each helper's unit; a month has 30 days, a year 365."""

_FORMATS = ("%m/%d/%Y, %I:%M:%S.%f %p", "%m/%d/%Y, %I:%M:%S %p")


def from_text(text: str) -> int | None:
    """Ms of a text like `10/19/2021, 6:29:02.000 PM` (milliseconds optional), or ``None`` when it is not one."""
    for form in _FORMATS:
        try:
            return round(datetime.strptime(text.strip(), form).replace(tzinfo=UTC).timestamp() * 1000)
        except ValueError:
            continue
    return None
