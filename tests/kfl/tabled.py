"""Cases kept as data: `cases/<name>.json`."""

from __future__ import annotations

import json
from pathlib import Path

CASES = Path(__file__).with_name("cases")
NOW = 1_700_000_100_000_000_000


def load(name):
    return json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
