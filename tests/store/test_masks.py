"""Every node over columns against its plain meaning, `prefilter.holds`, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from kubeshark_nb.kfl.prefilter import All, Any, Compare, Document, In, Not, Text, holds
from kubeshark_nb.store.masks import mask_of
from kubeshark_nb.store.reader import Store
from kubeshark_nb.store.writer import SegmentWriter
from tests.store.factory import http, unjudged

NUMBERS = [0, -1, 3, 2.5, -0.5, 2**63, -(2**63) - 1, 1e300, 1_700_000_000_003_000_001, float(2**62)]
HOWS = ("startswith", "endswith", "contains", "search")
NODES = [
    *(Compare("time_ns", op, value) for op in ("==", "!=", "<", "<=", ">", ">=") for value in NUMBERS),
    *(Compare("index", op, value) for op in ("==", "!=", "<", "<=", ">", ">=") for value in NUMBERS),
    Compare("tls", "==", value=True),
    Compare("tls", "!=", value=True),
    Compare("path", "==", "/é"),
    Compare("path", "!=", ""),
    In("path", ("/é", "", "none")),
    In("path", ()),
    *(
        Text("path", how, part)
        for how in ("startswith", "endswith", "contains", "search")
        for part in ("/", "é", "", "a+")
    ),
    Text("path", "search", "^$|b"),
    Document("anything"),
    Not(Compare("index", ">", 3)),
    All(()),
    Any(()),
    All((Compare("index", ">", 2), Text("path", "contains", "a"))),
    Any((Compare("index", ">", 4), Text("path", "contains", "a"))),
]


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """Seven items in three segments."""
    paths = ["/é", "", "/a", "/aab", "none", "A", "/"]
    items = [http(at, tls=at % 2 == 0)._replace(path=path) for at, path in enumerate(paths)]
    folder = tmp_path_factory.mktemp("masks")
    with SegmentWriter(folder, "n", max_rows=3) as writer:
        writer.append(items, unjudged(items))
    return Store(folder).state()


@pytest.mark.parametrize("node", NODES, ids=str)
def test_a_mask_is_the_plain_meaning_of_its_node(state, node):
    rows = state.table(["time_ns", "index", "tls", "path"], state.rows).to_pylist()
    mask = mask_of(node, state)
    assert mask.dtype == np.bool_
    assert mask.tolist() == [holds(node, row) for row in rows]
