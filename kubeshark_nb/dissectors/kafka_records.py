"""Record batches, and the message sets they replaced (https://kafka.apache.org/documentation/#messageformat)."""

from __future__ import annotations

import struct
from typing import Any

from kubeshark_nb.dissectors import packed
from kubeshark_nb.dissectors.kafka_wire import Cursor, Short, text

BATCH = struct.Struct(">qiibIhiqqqhii").unpack_from
NAMES = (
    "baseOffset", "batchLength", "partitionLeaderEpoch", "magic", "crc", "attributes", "lastOffsetDelta",
    "firstTimestamp", "maxTimestamp", "producerId", "producerEpoch", "baseSequence",
)  # fmt: skip
BATCH_SIZE = 61
PREFIX = 12  # offset and length, in front of a batch and of an old message
MAGIC_AT = 16
MAX_RECORDS = 10_000
CODEC = 7
V2 = 2
CODECS = {0: packed.same, 1: packed.deflated, 2: packed.snappy, 3: packed.lz4, 4: packed.zstd}
EMPTY = dict.fromkeys(NAMES, 0)


def read_records(data: bytes, *, inside: bool = False) -> dict[str, Any]:
    """``{"recordBatch": {...}}``: the first batch of ``data``, its ``record`` holding the records of all of them.

    The last batch of a fetch may be cut off; what cannot be read is left out. ``inside`` a compressed message.
    """
    batch: dict[str, Any] = {}
    records: list[dict[str, Any]] = []
    at = 0
    while at + MAGIC_AT < len(data) and len(records) < MAX_RECORDS:
        size = int.from_bytes(data[at + 8 : at + PREFIX], "big", signed=True)
        end = at + PREFIX + size
        if size <= 0 or end > len(data):
            break
        try:
            head = (
                _batch(data, at, end, records) if data[at + MAGIC_AT] == V2 else _message(data[at:end], records, inside)
            )
        except (Short, struct.error):
            break
        batch = batch or head
        at = end
    return {"recordBatch": {**EMPTY, **batch, "record": records}}


def _batch(data: bytes, at: int, end: int, records: list[dict[str, Any]]) -> dict[str, Any]:
    *numbers, count = BATCH(data, at)
    head = dict(zip(NAMES, numbers, strict=True))
    cursor = Cursor(packed.plain(CODECS.get(int(head["attributes"]) & CODEC), data[at + BATCH_SIZE : end]))
    wanted = min(max(count, 0), MAX_RECORDS - len(records))
    records.extend(_record(cursor, int(head["baseOffset"]), int(head["firstTimestamp"])) for _ in range(wanted))
    return head


def _record(cursor: Cursor, base_offset: int, base_time: int) -> dict[str, Any]:
    end = cursor.varint() + cursor.at
    attributes, time_delta, offset_delta = cursor.int8(), cursor.varint(), cursor.varint()
    record = {
        "attributes": attributes,
        "timestampDelta": time_delta,
        "offsetDelta": offset_delta,
        "timestamp": base_time + time_delta,
        "offset": base_offset + offset_delta,
        "key": _blob(cursor),
        "value": _blob(cursor),
        "headers": [{"key": _blob(cursor), "value": _blob(cursor)} for _ in range(min(cursor.varint(), cursor.left))],
    }
    if end < cursor.at:
        raise Short
    cursor.at = end
    return record


def _blob(cursor: Cursor) -> str | None:
    size = cursor.varint()
    return None if size < 0 else text(cursor.take(size))


def _message(data: bytes, records: list[dict[str, Any]], inside: bool) -> dict[str, Any]:  # noqa: FBT001
    """A message of format 0 or 1; a compressed one holds others, which hold none."""
    cursor = Cursor(data)
    offset, size, crc, magic, attributes = (
        cursor.int64(), cursor.int32(), cursor.int32(), cursor.int8(), cursor.int8(),
    )  # fmt: skip
    stamp = cursor.int64() if magic else -1
    key, value = cursor.bytes(), cursor.bytes()
    if attributes & CODEC and value is not None and not inside:
        records += read_records(packed.plain(CODECS.get(attributes & CODEC), value), inside=True)["recordBatch"][
            "record"
        ]
    else:
        records.append(
            {
                "attributes": attributes,
                "timestampDelta": 0,
                "offsetDelta": 0,
                "timestamp": stamp,
                "offset": offset,
                "key": None if key is None else text(key),
                "value": None if value is None else text(value),
                "headers": [],
            }
        )
    head = {"baseOffset": offset, "batchLength": size, "magic": magic, "crc": crc & 0xFFFFFFFF}
    return {**EMPTY, **head, "attributes": attributes, "firstTimestamp": stamp, "maxTimestamp": stamp}
