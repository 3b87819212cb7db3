from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.store.arrays import array, booleans, numbers, scalar

KINDS = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.bool_(): st.booleans(),
    pa.utf8(): st.text(),
    pa.large_binary(): st.binary(),
}


@pytest.mark.parametrize("kind", KINDS, ids=str)
@given(data=st.data())
def test_an_array_holds_its_values(kind, data):
    values = data.draw(st.lists(KINDS[kind], max_size=20))
    made = array(values, kind)
    made.validate(full=True)
    assert made.to_pylist() == values
    assert all(scalar(value, kind).as_py() == value for value in values)


@given(st.lists(st.lists(st.booleans(), max_size=20), max_size=4), st.integers(0, 9))
def test_columns_come_back_as_numpy_whatever_their_chunks(parts, start):
    flags = pa.chunked_array([array(part, pa.bool_()) for part in parts], pa.bool_())[start:]
    assert booleans(flags).tolist() == flags.to_pylist()
    whole = pa.chunked_array([array(list(map(int, part)), pa.int64()) for part in parts], pa.int64())[start:]
    assert numbers(whole).tolist() == whole.to_pylist()


def test_a_writer_and_a_first_query_do_without_pandas(tmp_path):
    code = """
import sys
from pathlib import Path
from kubeshark_nb.store.items import open_items
from kubeshark_nb.store.writer import SegmentWriter
from tests.store.factory import many, unjudged
with SegmentWriter(Path(sys.argv[1]), "n") as writer:
    writer.append(many(50), unjudged(many(50)))
assert len(open_items(sys.argv[1]).query("http and response.status >= 500")) == 5
assert "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)
