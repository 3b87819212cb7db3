"""Items that others made: columns from documents of any shape."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.items.foreign import foreign_item
from kubeshark_nb.items.item import with_verdict

DOCUMENT = {
    "id": "10.0.0.1:30001/000000000003.pcap-2", "index": 2, "stream": "000000000003.pcap",
    "protocol": {"name": "http", "abbr": "HTTP"},
    "tls": True, "src": {"ip": "1.1.1.1", "port": "50000", "name": "a.x", "namespace": "x"},
    "dst": {"ip": "2.2.2.2", "port": "80", "name": "b.y", "namespace": "y"}, "timestamp": 1_700_000_000_123,
    "request": {"method": "GET", "path": "/p"}, "response": {"status": 503}, "requestSize": 10, "responseSize": 20,
    "elapsedTime": 7, "passed": True, "failed": False, "error": {"type": "timeout", "msg": "m"}, "later": [1],
}  # fmt: skip


def test_the_columns_say_what_the_document_says():
    item = foreign_item(orjson.dumps(DOCUMENT))
    assert item.time_ns == 1_700_000_000_123_000_000
    assert item.ready_ns - item.time_ns == item.elapsed_us * 1000 == 7_000_000
    assert (item.src_port, item.dst_name, item.method, item.path, item.status) == (50000, "b.y", "GET", "/p", 503)
    assert (item.stream, item.index, item.protocol, item.error, item.tls) == (
        "000000000003.pcap",
        2,
        "HTTP",
        "timeout",
        True,
    )


def test_the_document_stays_but_for_its_verdict():
    item = foreign_item(orjson.dumps(DOCUMENT))
    assert orjson.loads(item.json) == {**DOCUMENT, "passed": False}
    assert orjson.loads(with_verdict(item.json, passed=False, failed=True)) == {
        **DOCUMENT,
        "passed": False,
        "failed": True,
    }


def test_a_start_time_is_a_time_too():
    assert foreign_item(b'{"protocol":{},"startTime":"2023-11-14T22:13:20.000Z"}').time_ns == 1_700_000_000 * 10**9


@pytest.mark.parametrize("document", [b"", b"[]", b"1", b"{}", b'{"protocol":"http"}', b"\xff"])
def test_what_is_no_item(document):
    assert foreign_item(document) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


FIELDS = st.fixed_dictionaries({}, optional=dict.fromkeys(DOCUMENT, VALUES))
ENDS = st.dictionaries(st.sampled_from(["ip", "port", "name"]), VALUES)


@given(FIELDS, ENDS)
def test_any_document_makes_columns_of_their_types(document, end):
    text = json.dumps({**document, "protocol": document, "src": end}).encode()
    item = foreign_item(text)
    if item is None:
        assert not accepted(text)
        return
    assert [type(value) for value in item] == [type(value) for value in foreign_item(orjson.dumps(DOCUMENT))]
    assert abs(item.ready_ns) < 1 << 63


def accepted(text):
    try:
        return isinstance(orjson.loads(text), dict)
    except ValueError:
        return False  # NaN, or a number beyond all bounds
