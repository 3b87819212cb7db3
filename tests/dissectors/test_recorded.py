"""Recorded conversations of real programs make exactly the items that stand beside them (tests/captures)."""

from __future__ import annotations

import json

import pytest

from tests.captures.goldens import FOLDER, golden, items, names


@pytest.mark.parametrize("name", names())
def test_makes_the_golden_items(name):
    assert items(name) == json.loads(golden(name).read_text())


def test_every_capture_has_its_recorder():
    assert [name for name in names() if not (FOLDER / f"record_{name}.py").exists()] == []
