"""Times as item JSON writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

NS_PER_S = 1_000_000_000


def rfc3339(time_ns: int) -> bytes:
    """``2023-11-14T22:13:20.000Z``: milliseconds, and micro- or nanoseconds where there are any."""
    seconds, rest = divmod(time_ns, NS_PER_S)
    micros, nanos = divmod(rest, 1000)
    if nanos:
        return b"%b.%09dZ" % (_second(seconds), rest)
    if micros % 1000:
        return b"%b.%06dZ" % (_second(seconds), micros)
    return b"%b.%03dZ" % (_second(seconds), micros // 1000)


@lru_cache(maxsize=4096)
def _second(seconds: int) -> bytes:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
    except (OverflowError, ValueError, OSError):
        return b"1970-01-01T00:00:00"  # a capture may claim any time; JavaScript's Date would be invalid
