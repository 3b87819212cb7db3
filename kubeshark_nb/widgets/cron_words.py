"""A cron statement in words: ``*/5 * * * * *`` is "every 5 seconds". Six fields, seconds first, UTC."""

from __future__ import annotations

import re

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
DESCRIPTORS = {
    "@yearly": "every year, on 1 January at midnight",
    "@annually": "every year, on 1 January at midnight",
    "@monthly": "on the first day of every month, at midnight",
    "@weekly": "every Sunday at midnight",
    "@daily": "every day at midnight",
    "@midnight": "every day at midnight",
    "@hourly": "every hour, on the hour",
}
UNITS = ("second", "minute", "hour")
FIELDS = 6
ZONE = re.compile(r"^(?:CRON_)?TZ=(\S+)\s+")


def in_words(cron: str) -> str:
    """``cron`` as a phrase; an unusual statement is told field by field, a malformed one is given back as it is."""
    zone = ZONE.match(cron)
    statement = ZONE.sub("", cron).strip()
    where = f" ({zone[1]})" if zone else ""
    if statement.startswith("@every "):
        return f"every {statement.removeprefix('@every ')}"
    if statement in DESCRIPTORS:
        return DESCRIPTORS[statement] + where
    fields = statement.split()
    if len(fields) == FIELDS - 1:
        fields = ["0", *fields]
    if len(fields) != FIELDS:
        return cron
    return _clock(fields[:3]) + _days(*fields[3:]) + where


def _clock(fields: list[str]) -> str:
    second, minute, hour = fields
    if all(field.isdigit() for field in fields):
        return f"at {int(hour):02d}:{int(minute):02d}" + (f":{int(second):02d}" if int(second) else "")
    if second == "0" and hour == "*" and minute.isdigit():
        return "every hour, on the hour" if minute == "0" else f"every hour, {_count(int(minute), 'minute')} past"
    steady = _steady(fields)
    return steady or ", ".join(_one(field, unit) for field, unit in zip(fields, UNITS, strict=True) if field != "*")


def _steady(fields: list[str]) -> str:
    """``every 5 seconds`` when one unit repeats from its start and nothing larger is limited."""
    for at, unit in enumerate(UNITS):
        if any(field != "0" for field in fields[:at]) or any(field != "*" for field in fields[at + 1 :]):
            continue
        if fields[at] == "*":
            return f"every {unit}"
        if step := re.fullmatch(r"(?:\*|0)/(\d+)", fields[at]):
            return _every(int(step[1]), unit)
    return ""


def _every(step: int, unit: str) -> str:
    if unit != "hour" and step >= 60:  # noqa: PLR2004 (a step beyond the range fires at 0 only)
        return f"every {UNITS[UNITS.index(unit) + 1]}"
    return f"every {unit}" if step == 1 else f"every {step} {unit}s"


def _one(field: str, unit: str) -> str:
    if step := re.fullmatch(r"(?:\*|0)/(\d+)", field):
        return _every(int(step[1]), unit)
    return f"{unit} {_listed(field)}"


def _days(day: str, month: str, weekday: str) -> str:
    parts = [
        f", on day {_listed(day)}" if day not in "*?" else "",
        f", on {_named(weekday, DAYS, 0)}" if weekday not in "*?" else "",
        f", in {_named(month, MONTHS, 1)}" if month != "*" else "",
    ]
    return "".join(parts)


def _listed(field: str) -> str:
    return field.replace(",", ", ").replace("-", " to ").replace("/", " in steps of ")


def _named(field: str, names: list[str], first: int) -> str:
    def name(match: re.Match[str]) -> str:
        at = (int(match[0]) - first) % len(names) if int(match[0]) - first <= len(names) else -1
        return names[at] if at >= 0 else match[0]

    short = {full[:3].upper(): full for full in names}
    spelled = re.sub(r"[A-Za-z]{3,}", lambda match: short.get(match[0][:3].upper(), match[0]), field)
    return _listed(re.sub(r"(?<!/)\b\d+", name, spelled))


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
