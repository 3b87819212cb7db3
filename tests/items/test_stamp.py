"""Times as JSON writes them."""

from __future__ import annotations

import pytest

from kubeshark_nb.items.stamp import rfc3339

TIMES = {
    1_700_000_000_000_000_000: "2023-11-14T22:13:20.000Z",
    1_700_000_000_012_000_000: "2023-11-14T22:13:20.012Z",
    1_700_000_000_012_345_000: "2023-11-14T22:13:20.012345Z",
    1_678_675_066_172_360_504: "2023-03-13T02:37:46.172360504Z",
    0: "1970-01-01T00:00:00.000Z",
    10**30: "1970-01-01T00:00:00.000Z",
}


@pytest.mark.parametrize("time_ns", TIMES)
def test_rfc3339(time_ns):
    shown = rfc3339(time_ns).decode()
    assert shown == TIMES[time_ns]
