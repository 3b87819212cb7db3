"""Times as item JSON writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

NS_PER_S = 1_000_000_000


def rfc3339(time_ns: int) -> str:
    """``2023-11-14T22:13:20.000Z``: milliseconds, and micro- or nanoseconds where there are any."""
    seconds, rest = divmod(time_ns, NS_PER_S)
    micros, nanos = divmod(rest, 1000)
    if nanos:
        return f"{_second(seconds)}.{rest:09d}Z"
    if micros % 1000:
        return f"{_second(seconds)}.{micros:06d}Z"
    return f"{_second(seconds)}.{micros // 1000:03d}Z"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return "1970-01-01T00:00:00"  # a capture may claim any time; JavaScript's Date would be invalid
