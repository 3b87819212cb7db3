"""Kafka: headers, payloads by version, record batches, pairing by correlation id."""

from __future__ import annotations

import gzip
import struct

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors import kafka
from kubeshark_nb.dissectors.dissector import Says, StreamRow
from kubeshark_nb.dissectors.kafka_names import API_NAMES
from kubeshark_nb.dissectors.kafka_records import read_records
from kubeshark_nb.dissectors.kafka_schema import APIS, read_request, read_response
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.told import WAYS, behind_gap, brief, byte_by_byte, middle, turn_by_turn

ROWS = (StreamRow("kafka", kafka.probe, kafka.Kafka),)


def string(text: str | None) -> bytes:
    return b"\xff\xff" if text is None else struct.pack(">h", len(text)) + text.encode()


def compact(text: str) -> bytes:
    return bytes([len(text) + 1]) + text.encode()


def request(key: int, version: int, number: int, payload: bytes, client: str | None = "shop") -> tuple[int, bytes]:
    body = struct.pack(">hhi", key, version, number) + string(client) + payload
    return CLIENT, struct.pack(">i", len(body)) + body


def response(number: int, payload: bytes) -> tuple[int, bytes]:
    return SERVER, struct.pack(">ii", len(payload) + 4, number) + payload


def varint(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def record(key: bytes | None, value: bytes, offset: int, headers=()) -> bytes:
    body = b"\0" + varint(5) + varint(offset)
    body += varint(-1) if key is None else varint(len(key)) + key
    body += varint(len(value)) + value + varint(len(headers))
    for name, content in headers:
        body += varint(len(name)) + name + varint(len(content)) + content
    return varint(len(body)) + body


def batch(records: list[bytes], codec: int = 0, base: int = 7) -> bytes:
    data = CODECS[codec](b"".join(records))
    rest = struct.pack(">hiqqqhii", codec, len(records) - 1, 1000, 1005, -1, -1, -1, len(records)) + data
    return struct.pack(">qiibI", base, 9 + len(rest), 3, 2, 0xDEADBEEF) + rest


def xerial(data: bytes) -> bytes:
    block = pa.compress(data, codec="snappy", asbytes=True)
    return b"\x82SNAPPY\0\0\0\0\1\0\0\0\1" + struct.pack(">i", len(block)) + block


def lz4(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "lz4") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


CODECS = {
    0: bytes,
    1: gzip.compress,
    2: lambda data: pa.compress(data, codec="snappy", asbytes=True),
    3: lz4,
    4: zstandard.compress,
}
TWO = [record(b"k", b"v1", 0), record(None, b"v2" * 50, 1, [(b"trace", b"7")])]


@pytest.mark.parametrize("codec", CODECS)
def test_records_of_every_codec(codec):
    found = read_records(batch(TWO, codec))["recordBatch"]
    assert [(one["key"], one["value"], one["offset"], one["headers"]) for one in found["record"]] == [
        ("k", "v1", 7, []),
        (None, "v2" * 50, 8, [{"key": "trace", "value": "7"}]),
    ]
    assert (found["baseOffset"], found["magic"], found["crc"], found["lastOffsetDelta"]) == (7, 2, 0xDEADBEEF, 1)
    assert found["record"][0]["timestamp"] == 1005


def test_snappy_in_the_framing_of_java(monkeypatch):
    monkeypatch.setitem(CODECS, 2, xerial)
    assert len(read_records(batch(TWO, 2))["recordBatch"]["record"]) == 2


def test_records_of_several_batches_and_a_last_one_cut_off():
    data = batch(TWO) + batch(TWO, base=9) + batch(TWO)[:-3]
    assert [one["offset"] for one in read_records(data)["recordBatch"]["record"]] == [7, 8, 9, 10]


def message(value: bytes, magic: int, attributes: int = 0) -> bytes:
    stamp = struct.pack(">q", 5) if magic else b""
    body = (
        struct.pack(">Ibb", 1, magic, attributes)
        + stamp
        + struct.pack(">i", -1)
        + struct.pack(">i", len(value))
        + value
    )
    return struct.pack(">qi", 3, len(body)) + body


@pytest.mark.parametrize("magic", [0, 1])
def test_message_sets_of_old(magic):
    plain = message(b"a", magic) + message(b"b", magic)
    wrapped = message(gzip.compress(plain), magic, 1)
    assert [one["value"] for one in read_records(plain)["recordBatch"]["record"]] == ["a", "b"]
    assert [one["value"] for one in read_records(wrapped)["recordBatch"]["record"]] == ["a", "b"]


def test_a_message_set_inside_itself_ends():
    inner = message(b"a", 0)
    for _ in range(5):
        inner = message(gzip.compress(inner), 0, 1)
    assert len(read_records(inner)["recordBatch"]["record"]) == 1


METADATA = request(3, 1, 2, struct.pack(">i", 2) + string("orders") + string("audit"))
BROKERS = response(
    2,
    struct.pack(">ii", 1, 1) + string("b1") + struct.pack(">i", 9092) + string(None) + struct.pack(">i", 1)
    + struct.pack(">ih", 1, 0) + string("orders") + b"\0"
    + struct.pack(">ihiii", 1, 0, 4, 1, 1) + struct.pack(">iii", 1, 1, 1),
)  # fmt: skip
VERSIONS = request(18, 3, 1, b"\0" + compact("librdkafka") + compact("2.0") + b"\0")
SUPPORTED = response(
    1, struct.pack(">h", 0) + b"\x02" + struct.pack(">hhh", 0, 0, 9) + b"\0" + struct.pack(">i", 0) + b"\0"
)
STORED = batch(TWO)
PRODUCE = request(
    0, 3, 3,
    string(None) + struct.pack(">hi", 1, 3000) + struct.pack(">i", 1) + string("orders")
    + struct.pack(">iii", 1, 4, len(STORED)) + STORED,
)  # fmt: skip
DONE = response(3, struct.pack(">i", 1) + string("orders") + struct.pack(">iihqqi", 1, 4, 0, 70, -1, 0))
CONVERSATION = [VERSIONS, SUPPORTED, METADATA, BROKERS, PRODUCE, DONE]


@pytest.mark.parametrize("way", WAYS)
def test_reads_the_same_however_the_bytes_arrive(way):
    versions, metadata, produce = sorted(WAYS[way](ROWS, CONVERSATION).items, key=lambda one: one["timestamp"])
    assert versions["request"] == {
        "size": 31,
        "apiKey": 18,
        "apiKeyName": "ApiVersions",
        "apiVersion": 3,
        "correlationID": 1,
        "clientID": "shop",
        "captureTime": "1970-01-01T00:00:00.000Z",
        "payload": {"clientSoftwareName": "librdkafka", "clientSoftwareVersion": "2.0"},
    }
    assert versions["response"]["payload"] == {
        "errorCode": 0,
        "apiKeys": [{"apiKey": 0, "minVersion": 0, "maxVersion": 9}],
        "throttleTimeMs": 0,
    }
    assert metadata["request"]["payload"] == {"topics": [{"name": "orders"}, {"name": "audit"}]}
    assert metadata["response"]["payload"]["topics"][0]["partitions"][0]["partitionIndex"] == 4
    assert metadata["response"]["payload"]["brokers"] == [{"nodeId": 1, "host": "b1", "port": 9092, "rack": None}]
    [topic] = produce["request"]["payload"]["topicData"]
    assert topic["topic"] == "orders"
    assert topic["partitions"]["partitionData"]["records"]["recordBatch"]["record"][0]["value"] == "v1"
    assert produce["response"]["payload"]["responses"][0]["partitionResponses"][0]["baseOffset"] == 70
    assert produce["requestSize"] == len(PRODUCE[1])


def test_a_stream_without_its_start_and_the_server_read_first_gives_the_same():
    assert brief(middle(ROWS, CONVERSATION)) == brief(turn_by_turn(ROWS, CONVERSATION))


def test_answers_in_any_order():
    heard = turn_by_turn(ROWS, [METADATA, VERSIONS, SUPPORTED, BROKERS])
    assert [item["request"]["correlationID"] for item in heard.items] == [1, 2]


@pytest.mark.parametrize("missing", range(1, 6))
def test_behind_a_gap_only_the_exchange_in_it_is_incomplete(missing):
    heard = behind_gap(
        ROWS, [*CONVERSATION, request(3, 1, 9, struct.pack(">i", 0)), response(9, BROKERS[1][8:])], missing
    )
    whole = [item["request"]["correlationID"] for item in heard.items if not item["error"]]
    assert whole == [number for at, number in enumerate((1, 2, 3, 9)) if at != missing // 2]
    assert len([item for item in heard.items if item["error"]]) == 1


def test_nobody_waits_for_an_answer_that_is_not_wanted():
    quiet = request(0, 3, 4, string(None) + struct.pack(">hi", 0, 3000) + struct.pack(">i", 0))
    [item] = turn_by_turn(ROWS, [quiet]).items
    assert item["error"] is None


def test_several_partitions_of_a_topic():
    parts = b"".join(struct.pack(">ii", at, len(STORED)) + STORED for at in range(2))
    body = string(None) + struct.pack(">hii", 1, 1, 1) + string("orders") + struct.pack(">i", 2) + parts
    [item] = turn_by_turn(ROWS, [request(0, 3, 5, body)]).items
    topics = item["request"]["payload"]["topicData"]
    assert [one["partitions"]["partitionData"]["index"] for one in topics] == [0, 1]
    assert {one["partitions"]["length"] for one in topics} == {2}


def test_row_members():
    heard = turn_by_turn(ROWS, CONVERSATION)
    assert [(row.method, row.path) for row in heard.rows] == [
        ("ApiVersions", "shop"),
        ("Metadata", "orders, audit"),
        ("Produce", "orders"),
    ]


def array(*elements: bytes) -> bytes:
    return struct.pack(">i", len(elements)) + b"".join(elements)


def packed_array(*elements: bytes) -> bytes:
    return bytes([len(elements) + 1]) + b"".join(elements)


UUID = "00112233-4455-6677-8899-aabbccddeeff"
PAYLOADS = [
    (
        (read_request, 2, 1),
        struct.pack(">i", -1) + array(string("t") + array(struct.pack(">iq", 3, -2))),
        {"replicaId": -1, "topics": [{"name": "t", "partitions": [{"partitionIndex": 3, "timestamp": -2}]}]},
    ),
    (
        (read_response, 2, 6),
        b"\0"
        + bytes(4)
        + packed_array(compact("t") + packed_array(struct.pack(">ihqqi", 3, 0, -1, 70, 2) + b"\0") + b"\0")
        + b"\0",
        {
            "throttleTimeMs": 0,
            "topics": [
                {
                    "name": "t",
                    "partitions": [
                        {"partitionIndex": 3, "errorCode": 0, "timestamp": -1, "offset": 70, "leaderEpoch": 2}
                    ],
                }
            ],
        },
    ),
    (
        (read_request, 19, 1),
        array(
            string("t")
            + struct.pack(">ih", 3, 1)
            + array(struct.pack(">i", 0) + array(struct.pack(">i", 1)))
            + array(string("a") + string(None))
        )
        + struct.pack(">ib", 500, 1),
        {
            "topics": [
                {
                    "name": "t",
                    "numPartitions": 3,
                    "replicationFactor": 1,
                    "assignments": [{"partitionIndex": 0, "brokerIds": [1]}],
                    "configs": [{"name": "a", "value": None}],
                }
            ],
            "timeoutMs": 500,
            "validateOnly": True,
        },
    ),
    (
        (read_response, 19, 2),
        bytes(4) + array(string("t") + struct.pack(">h", 36) + string("exists")),
        {"throttleTimeMs": 0, "topics": [{"name": "t", "errorCode": 36, "errorMessage": "exists"}]},
    ),
    (
        (read_request, 20, 3),
        array(string("t"), string("u")) + struct.pack(">i", 9),
        {"topicNames": ["t", "u"], "timeoutMs": 9},
    ),
    (
        (read_request, 20, 6),
        b"\0" + packed_array(b"\0" + bytes.fromhex(UUID.replace("-", "")) + b"\0") + struct.pack(">i", 9) + b"\0",
        {"topics": [{"name": None, "topicId": UUID}], "timeoutMs": 9},
    ),
    (
        (read_response, 20, 1),
        bytes(4) + array(string("t") + struct.pack(">h", 3)),
        {"throttleTimeMs": 0, "responses": [{"name": "t", "errorCode": 3}]},
    ),
    (
        (read_response, 18, 3),
        struct.pack(">h", 35) + array(struct.pack(">hhh", 18, 0, 2)),
        {"errorCode": 35, "apiKeys": [{"apiKey": 18, "minVersion": 0, "maxVersion": 2}]},
    ),
    (
        (read_request, 1, 7),
        struct.pack(">iiiibii", -1, 500, 1, 1 << 20, 1, 7, 8)
        + array(string("t") + array(struct.pack(">iqqi", 0, 42, 40, 1000)))
        + array(string("u") + array(struct.pack(">i", 5))),
        {
            "replicaId": -1,
            "maxWaitMs": 500,
            "minBytes": 1,
            "maxBytes": 1 << 20,
            "isolationLevel": 1,
            "sessionId": 7,
            "sessionEpoch": 8,
            "topics": [
                {
                    "topic": "t",
                    "partitions": [
                        {"partition": 0, "fetchOffset": 42, "logStartOffset": 40, "partitionMaxBytes": 1000}
                    ],
                }
            ],
            "forgottenTopicsData": [{"topic": "u", "partitions": [5]}],
        },
    ),
]


@pytest.mark.parametrize(("reader", "wire", "expected"), PAYLOADS)
def test_payloads(reader, wire, expected):
    read, key, version = reader
    assert read(key, version, wire, 0) == (expected, True)
    assert read(key, version, wire[:-1], 0)[1] is False


def test_names_of_all_keys():
    assert [API_NAMES[key] for key in (0, 1, 2, 3, 18, 19, 20, 42, 49, 60, 68, 71)] == [
        "Produce", "Fetch", "ListOffsets", "Metadata", "ApiVersions", "CreateTopics", "DeleteTopics", "DeleteGroups",
        "AlterClientQuotas", "DescribeCluster", "ConsumerGroupHeartbeat", "GetTelemetrySubscriptions",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (METADATA[1], Says.CLIENT),
        (METADATA[1][:11], Says.MORE),
        (METADATA[1][:3], Says.MORE),
        (PRODUCE[1][:40], Says.CLIENT),
        (SUPPORTED[1], Says.MORE),
        (b"GET / HTTP/1.1\r\n", Says.NO),
        (b"\x16\x03\x01\x02\x00\x01\x00", Says.NO),
        (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x04", Says.NO),
        (b"\x00\x00\x00\x08\x04\xd2\x16\x2f", Says.NO),
        (b"\x00\x00\x00\x29\x00\x03\x00\x00user\x00shop\x00database\x00shop\x00\x00aaaaaaaaaaaa", Says.MORE),
    ],
)
def test_recognised_by_content(head, says):
    assert kafka.probe(head) is says


@given(st.sampled_from(sorted(APIS)), st.integers(0, 20), st.binary(max_size=300))
def test_garbage_gives_no_payload(key, version, data):
    for read in (read_request, read_response):
        payload, _ = read(key, version, data, 0)
        assert isinstance(payload, dict)


@given(st.binary(max_size=400))
def test_garbage_gives_no_records(data):
    read_records(bytes(12) + data)


@pytest.mark.parametrize("size", [-300, -1, 2])
def test_records_behind_one_of_impossible_size_are_left_out(size):
    """Found by mutation: reading went on in front of the data."""
    odd = varint(size) + TWO[0][1:]
    found = read_records(batch([TWO[1], odd, TWO[0]]))["recordBatch"]["record"]
    assert [one["value"] for one in found] == ["v2" * 50]


@given(st.data())
def test_mutated_conversations_never_fail_inside(data):
    changed = []
    for side, said in CONVERSATION:
        at = data.draw(st.integers(0, len(said) - 1))
        changed.append((side, said[:at] + data.draw(st.binary(max_size=3)) + said[at + 1 :]))
    heard = byte_by_byte(ROWS, changed)
    assert not [reason for reason in heard.stats.reasons if "failed" in reason]
