"""What tests of nodes share."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"


@pytest.fixture
def endless(tmp_path) -> Path:
    """A capture that takes a while."""
    content = gzip.decompress(SHOP.read_bytes())
    path = tmp_path / "long.pcap"
    path.write_bytes(content + content[24:] * 3)
    return path
