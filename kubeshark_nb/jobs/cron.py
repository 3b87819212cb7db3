"""When a job is due: six-field cron, descriptors and ``@every``, as Kubeshark's scheduler reads them. Pure; UTC.

Fields: second minute hour day-of-month month day-of-week. ``TZ=<zone>`` or ``CRON_TZ=<zone>`` may come first. Given
both days, either suffices. A step beyond its range is legal: ``*/60`` seconds means second 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from kubeshark_nb.errors import KubesharkError
from kubeshark_nb.model import NS_PER_S

DESCRIPTORS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
FIELDS = 6
SPANS = (60, 60, 24, 31, 12, 7)
FIRSTS = (0, 0, 0, 1, 1, 0)
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}  # of Go's durations
DURATION = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|us|µs|ns|m|s)")


class CronError(KubesharkError):
    """A cron statement that means nothing; the message says which part."""


class Schedule(Protocol):
    """When something is due."""

    def next_after(self, time_ns: int) -> int:
        """The first time strictly after ``time_ns``, both ns since the epoch, on a whole second."""


@dataclass(frozen=True, slots=True)
class Every:
    """``@every 90s``: at a fixed distance, whole seconds, one at least."""

    seconds: int

    def next_after(self, time_ns: int) -> int:
        """See `Schedule`."""
        return (time_ns // NS_PER_S + self.seconds) * NS_PER_S


@dataclass(frozen=True, slots=True)
class Cron:
    """Six fields in a time zone."""

    fields: str
    zone: tzinfo = UTC

    def next_after(self, time_ns: int) -> int:
        """See `Schedule`. Raises CronError when there is no such time within years (31 February)."""
        from croniter import CroniterBadDateError, croniter

        start = datetime.fromtimestamp(time_ns // NS_PER_S, self.zone)
        try:
            found = croniter(self.fields, start, second_at_beginning=True).get_next(datetime)
        except CroniterBadDateError:
            raise CronError(f'"{self.fields}" never comes: no such date') from None
        return int(found.timestamp()) * NS_PER_S


def parse(statement: str) -> Schedule:
    """The schedule a statement means.

    Raises:
        CronError: it means nothing, or never comes.
    """
    zone, text = _zone(statement.strip())
    if text.startswith("@every "):
        return Every(_duration(text.removeprefix("@every ").strip(), statement))
    fields = DESCRIPTORS.get(text, text).split()
    if len(fields) != FIELDS:
        raise CronError(
            f'cron "{statement}" has {len(fields)} fields; {FIELDS} are needed, seconds first, or @hourly and the like'
        )
    plain = " ".join(_step(*part) for part in zip(fields, SPANS, FIRSTS, strict=True))
    _check(plain, statement)
    schedule = Cron(plain, zone)
    schedule.next_after(0)
    return schedule


def _zone(text: str) -> tuple[tzinfo, str]:
    match = re.match(r"(?:CRON_)?TZ=(\S+)\s+(.*)", text)
    if not match:
        return UTC, text
    try:
        return ZoneInfo(match[1]), match[2].strip()
    except (KeyError, ValueError, OSError):
        raise CronError(f'"{match[1]}" is no time zone') from None


def _duration(text: str, statement: str) -> int:
    parts = DURATION.findall(text)
    if not parts or "".join(parts) != text:
        raise CronError(f'cron "{statement}": "{text}" is no duration such as 90s or 1h30m')
    seconds = sum(float(part.rstrip("hmsunµ")) * UNITS[part.lstrip(".0123456789")] for part in parts)
    return max(1, int(seconds))


def _step(field: str, span: int, first: int) -> str:
    """``field`` with steps the calendar library accepts; ``?`` is ``*``."""
    match = re.fullmatch(r"([*?])(?:/(\d+))?", field)
    if not match:
        return field
    step = int(match[2]) if match[2] else 1
    if not step:
        raise CronError(f'cron: the step in "{field}" must be positive')
    if match[2] and step >= span:
        return str(first)
    return f"*/{step}" if step > 1 else "*"


def _check(fields: str, statement: str) -> None:
    from croniter import CroniterError, croniter

    try:
        croniter.expand(fields, second_at_beginning=True)
    except (CroniterError, ValueError, KeyError) as error:
        raise CronError(f'cron "{statement}" cannot be read: {error}') from None
