"""Record batches, and the message sets they replaced (https://kafka.apache.org/documentation/#messageformat)."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from kubeshark_nb.dissectors.kafka_wire import Cursor, Short, text

BATCH = struct.Struct(">qiibIhiqqqhii").unpack_from
NAMES = (
    "baseOffset", "batchLength", "partitionLeaderEpoch", "magic", "crc", "attributes", "lastOffsetDelta",
    "firstTimestamp", "maxTimestamp", "producerId", "producerEpoch", "baseSequence",
)  # fmt: skip
BATCH_SIZE = 61
PREFIX = 12  # offset and length, in front of a batch and of an old message
MAGIC_AT = 16
MAX_PLAIN = 8 << 20  # bytes of a batch once decompressed
MAX_RECORDS = 10_000
CODEC = 7
V2 = 2
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
    cursor = Cursor(_plain(int(head["attributes"]) & CODEC, data[at + BATCH_SIZE : end]))
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
        records += read_records(_plain(attributes & CODEC, value), inside=True)["recordBatch"]["record"]
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


def _plain(codec: int, data: bytes) -> bytes:
    """``data`` decompressed; ``b""`` when it is damaged or the codec unknown."""
    read = CODECS.get(codec)
    if read is None:
        return b""
    try:
        return read(data)
    except (ValueError, OSError, EOFError, zlib.error, IndexError, struct.error):
        return b""


def _same(data: bytes) -> bytes:
    return data


def _gzip(data: bytes) -> bytes:
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, MAX_PLAIN)


XERIAL = b"\x82SNAPPY\0"


def _snappy(data: bytes) -> bytes:
    """One block, or the framing of xerial's Java library: a header of 16 bytes, then blocks with their length."""
    if not data.startswith(XERIAL):
        return _snappy_block(data)
    plain, at, total = [], 16, 0
    while at + 4 <= len(data) and total < MAX_PLAIN:
        size = int.from_bytes(data[at : at + 4], "big")
        plain.append(_snappy_block(data[at + 4 : at + 4 + size]))
        total += len(plain[-1])
        at += 4 + size
    return b"".join(plain)


def _snappy_block(block: bytes) -> bytes:
    import pyarrow as pa

    try:
        size = Cursor(block).unsigned()
    except Short:
        return b""
    if size > MAX_PLAIN:
        return b""
    return bytes(pa.decompress(block, size, codec="snappy", asbytes=True))


def _lz4(data: bytes) -> bytes:
    import pyarrow as pa

    return bytes(pa.CompressedInputStream(pa.BufferReader(data), "lz4").read(MAX_PLAIN))


def _zstd(data: bytes) -> bytes:
    import io

    import zstandard

    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(io.BytesIO(data)) as reader:
        try:
            return reader.read(MAX_PLAIN)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error


CODECS = {0: _same, 1: _gzip, 2: _snappy, 3: _lz4, 4: _zstd}
