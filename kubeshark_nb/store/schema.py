"""The columns of a segment: the envelope of an item, typed, and its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa

from kubeshark_nb.kfl.prefilter import HTTP, envelope
from kubeshark_nb.store.arrays import array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kubeshark_nb.items.item import Item

DOCUMENT = "json"
ENVELOPE: dict[str, pa.DataType] = {
    "ready_ns": pa.int64(),  # ns since the epoch UTC
    "time_ns": pa.int64(),  # ns since the epoch UTC
    "node": pa.utf8(),
    "stream": pa.utf8(),
    "index": pa.int64(),
    "protocol": pa.utf8(),
    "src_ip": pa.utf8(),
    "src_port": pa.int64(),
    "src_name": pa.utf8(),
    "src_namespace": pa.utf8(),
    "dst_ip": pa.utf8(),
    "dst_port": pa.int64(),
    "dst_name": pa.utf8(),
    "dst_namespace": pa.utf8(),
    "method": pa.utf8(),
    "path": pa.utf8(),
    "status": pa.int64(),
    "elapsed_us": pa.int64(),
    "request_size": pa.int64(),  # bytes
    "response_size": pa.int64(),  # bytes
    "error": pa.utf8(),
    "tls": pa.bool_(),
    "passed": pa.bool_(),
    "failed": pa.bool_(),
}
# Whether some character of the document may be spelled as \uXXXX or \/ instead of as itself: where it is false, text
# without quotes, backslashes and controls that is in a string of the document is in its bytes as well.
ESCAPED = "escaped"
HIDING = np.frombuffer(b"u/", np.uint8)  # what follows the backslash of such a spelling
# Whether the columns say what the document says, as `kubeshark_nb.kfl.prefilter` understands it.
REGULAR = "regular"
SCHEMA = pa.schema([*ENVELOPE.items(), (ESCAPED, pa.bool_()), (REGULAR, pa.bool_()), (DOCUMENT, pa.large_binary())])

Verdict = tuple[bool, bool]


def batch_of(node: str, items: Sequence[Item], verdicts: Sequence[Verdict], *, own: bool) -> pa.RecordBatch:
    """One record batch of `SCHEMA`.

    The documents of ``items`` already hold their ``verdicts`` (passed, failed). ``own``: our dissectors wrote them;
    others are looked at one by one.
    """
    columns: dict[str, Any] = dict(zip(items[0]._fields, zip(*items, strict=True), strict=True))
    documents = array(columns.pop(DOCUMENT), pa.large_binary())
    columns |= {
        "node": [node] * len(items),
        "passed": [passed for passed, _ in verdicts],
        "failed": [failed for _, failed in verdicts],
        REGULAR: [own or is_regular(item) for item in items],
        ESCAPED: may_escape(documents),
    }
    envelope = [array(columns[field.name], field.type) for field in SCHEMA if field.name != DOCUMENT]
    return pa.record_batch([*envelope, documents], schema=SCHEMA)


def may_escape(documents: pa.LargeBinaryArray) -> NDArray[np.bool_]:
    r"""Which of ``documents`` (JSON) hold ``\u`` or ``\/``, so that a search of their bytes could miss text in them."""
    _, places, content = documents.buffers()
    data = np.frombuffer(content, np.uint8) if content is not None else np.zeros(0, np.uint8)
    slashes = np.flatnonzero(data[:-1] == ord("\\"))
    found = slashes[np.isin(data[slashes + 1], HIDING)]
    ends = np.frombuffer(places, np.int64)[1:]
    may = np.zeros(len(documents), np.bool_)
    may[np.searchsorted(ends, found, side="right")] = True
    return may


def is_regular(item: Item) -> bool:
    """Whether the columns of ``item`` say what its document says."""
    try:
        found = envelope(orjson.loads(item.json))
    except ValueError:
        return False
    return found is not None and all(
        abs(getattr(item, name) - value) < SLACK[name] if name in SLACK else _agree(item, name, value)
        for name, value in found.items()
        if name in item._fields
    )


# The document has milliseconds, rounded; a prefilter allows for that.
SLACK = {"time_ns": 1_000_000, "elapsed_us": 1_000}


def _agree(item: Item, name: str, value: Any) -> bool:
    return getattr(item, name) == value or (name in OF_HTTP and item.protocol not in HTTP)


OF_HTTP = ("method", "path", "status")
