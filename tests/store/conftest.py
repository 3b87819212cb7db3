"""Stores to look at."""

from __future__ import annotations

import pytest

from kubeshark_nb.store.items import Items, open_items
from kubeshark_nb.store.writer import SegmentWriter
from tests.store import factory


@pytest.fixture
def stored(tmp_path):
    """``stored(items, node="node-1", ...)`` -> the items, written and opened."""

    def store(items, node="node-1", verdicts=None, doors=None, **options) -> Items:
        with SegmentWriter(tmp_path / "store", node, **options) as writer:
            writer.append(items, verdicts or factory.unjudged(items))
        return open_items(tmp_path / "store", doors)

    return store
