"""What the messages of Kafka hold, by version: one table each (the message definitions at kafka.apache.org/protocol).

Names are those of the item (FACTS c.6), otherwise Kafka's own in camel case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kubeshark_nb.dissectors.kafka_records import read_records
from kubeshark_nb.dissectors.kafka_wire import Cursor, Short

if TYPE_CHECKING:
    from collections.abc import Callable

LATEST = 1 << 15


class Field(NamedTuple):
    """A member, present from version ``since`` to ``until``; ``read`` reads a value or, of an ``array``, an element."""

    name: str
    read: Callable[[Cursor, int], Any]
    since: int = 0
    until: int = LATEST
    array: bool = False


def _int8(cursor: Cursor, _: int) -> int:
    return cursor.int8()


def _int16(cursor: Cursor, _: int) -> int:
    return cursor.int16()


def _int32(cursor: Cursor, _: int) -> int:
    return cursor.int32()


def _int64(cursor: Cursor, _: int) -> int:
    return cursor.int64()


def _bool(cursor: Cursor, _: int) -> bool:
    return cursor.boolean()


def _string(cursor: Cursor, _: int) -> str | None:
    return cursor.string()


def _uuid(cursor: Cursor, _: int) -> str:
    return cursor.uuid()


def _records(cursor: Cursor, _: int) -> dict[str, Any]:
    return read_records(cursor.bytes() or b"")


def _structure(*fields: Field) -> Callable[[Cursor, int], dict[str, Any]]:
    return lambda cursor, version: read_fields(fields, cursor, version)


def read_fields(fields: tuple[Field, ...], cursor: Cursor, version: int) -> dict[str, Any]:
    """The members that ``version`` has.

    Raises:
        Short: the bytes end before the structure does.
    """
    document = {}
    for field in fields:
        if field.since <= version <= field.until:
            document[field.name] = _elements(field, cursor, version) if field.array else field.read(cursor, version)
    cursor.tags()
    return document


def _elements(field: Field, cursor: Cursor, version: int) -> list[Any] | None:
    count = cursor.count()
    return None if count < 0 else [field.read(cursor, version) for _ in range(count)]


TOPIC_ID = "topicId"
PRODUCE_REQUEST = (
    Field("transactionalID", _string, 3),
    Field("requiredAcks", _int16),
    Field("timeout", _int32),
    Field(
        "topicData",
        _structure(
            Field("topic", _string, 0, 12),
            Field(TOPIC_ID, _uuid, 13),
            Field("partitions", _structure(Field("index", _int32), Field("records", _records)), array=True),
        ),
        array=True,
    ),
)
PRODUCE_RESPONSE = (
    Field(
        "responses",
        _structure(
            Field("name", _string, 0, 12),
            Field(TOPIC_ID, _uuid, 13),
            Field(
                "partitionResponses",
                _structure(
                    Field("index", _int32),
                    Field("errorCode", _int16),
                    Field("baseOffset", _int64),
                    Field("logAppendTimeMs", _int64, 2),
                    Field("logStartOffset", _int64, 5),
                    Field(
                        "recordErrors",
                        _structure(Field("batchIndex", _int32), Field("batchIndexErrorMessage", _string)),
                        8,
                        array=True,
                    ),
                    Field("errorMessage", _string, 8),
                ),
                array=True,
            ),
        ),
        array=True,
    ),
    Field("throttleTimeMs", _int32, 1),
)
FETCH_REQUEST = (
    Field("replicaId", _int32, 0, 14),
    Field("maxWaitMs", _int32),
    Field("minBytes", _int32),
    Field("maxBytes", _int32, 3),
    Field("isolationLevel", _int8, 4),
    Field("sessionId", _int32, 7),
    Field("sessionEpoch", _int32, 7),
    Field(
        "topics",
        _structure(
            Field("topic", _string, 0, 12),
            Field(TOPIC_ID, _uuid, 13),
            Field(
                "partitions",
                _structure(
                    Field("partition", _int32),
                    Field("currentLeaderEpoch", _int32, 9),
                    Field("fetchOffset", _int64),
                    Field("lastFetchedEpoch", _int32, 12),
                    Field("logStartOffset", _int64, 5),
                    Field("partitionMaxBytes", _int32),
                ),
                array=True,
            ),
        ),
        array=True,
    ),
    Field(
        "forgottenTopicsData",
        _structure(Field("topic", _string, 7, 12), Field(TOPIC_ID, _uuid, 13), Field("partitions", _int32, array=True)),
        7,
        array=True,
    ),
    Field("rackId", _string, 11),
)
FETCH_RESPONSE = (
    Field("throttleTimeMs", _int32, 1),
    Field("errorCode", _int16, 7),
    Field("sessionId", _int32, 7),
    Field(
        "responses",
        _structure(
            Field("topic", _string, 0, 12),
            Field(TOPIC_ID, _uuid, 13),
            Field(
                "partitionResponses",
                _structure(
                    Field("partition", _int32),
                    Field("errorCode", _int16),
                    Field("highWatermark", _int64),
                    Field("lastStableOffset", _int64, 4),
                    Field("logStartOffset", _int64, 5),
                    Field(
                        "abortedTransactions",
                        _structure(Field("producerId", _int64), Field("firstOffset", _int64)),
                        4,
                        array=True,
                    ),
                    Field("preferredReadReplica", _int32, 11),
                    Field("recordSet", _records),
                ),
                array=True,
            ),
        ),
        array=True,
    ),
)
LIST_OFFSETS_REQUEST = (
    Field("replicaId", _int32),
    Field("isolationLevel", _int8, 2),
    Field(
        "topics",
        _structure(
            Field("name", _string),
            Field(
                "partitions",
                _structure(
                    Field("partitionIndex", _int32),
                    Field("currentLeaderEpoch", _int32, 4),
                    Field("timestamp", _int64),
                    Field("maxNumOffsets", _int32, 0, 0),
                ),
                array=True,
            ),
        ),
        array=True,
    ),
    Field("timeoutMs", _int32, 10),
)
LIST_OFFSETS_RESPONSE = (
    Field("throttleTimeMs", _int32, 2),
    Field(
        "topics",
        _structure(
            Field("name", _string),
            Field(
                "partitions",
                _structure(
                    Field("partitionIndex", _int32),
                    Field("errorCode", _int16),
                    Field("oldStyleOffsets", _int64, 0, 0, array=True),
                    Field("timestamp", _int64, 1),
                    Field("offset", _int64, 1),
                    Field("leaderEpoch", _int32, 4),
                ),
                array=True,
            ),
        ),
        array=True,
    ),
)
METADATA_REQUEST = (
    Field("topics", _structure(Field(TOPIC_ID, _uuid, 10), Field("name", _string)), array=True),
    Field("allowAutoTopicCreation", _bool, 4),
    Field("includeClusterAuthorizedOperations", _bool, 8, 10),
    Field("includeTopicAuthorizedOperations", _bool, 8),
)
METADATA_RESPONSE = (
    Field("throttleTimeMs", _int32, 3),
    Field(
        "brokers",
        _structure(Field("nodeId", _int32), Field("host", _string), Field("port", _int32), Field("rack", _string, 1)),
        array=True,
    ),
    Field("clusterID", _string, 2),
    Field("controllerID", _int32, 1),
    Field(
        "topics",
        _structure(
            Field("errorCode", _int16),
            Field("name", _string),
            Field(TOPIC_ID, _uuid, 10),
            Field("isInternal", _bool, 1),
            Field(
                "partitions",
                _structure(
                    Field("errorCode", _int16),
                    Field("partitionIndex", _int32),
                    Field("leaderId", _int32),
                    Field("leaderEpoch", _int32, 7),
                    Field("replicaNodes", _int32, array=True),
                    Field("isrNodes", _int32, array=True),
                    Field("offlineReplicas", _int32, 5, array=True),
                ),
                array=True,
            ),
            Field("topicAuthorizedOperations", _int32, 8),
        ),
        array=True,
    ),
    Field("clusterAuthorizedOperations", _int32, 8, 10),
    Field("errorCode", _int16, 13),
)
API_VERSIONS_REQUEST = (Field("clientSoftwareName", _string, 3), Field("clientSoftwareVersion", _string, 3))
API_VERSIONS_RESPONSE = (
    Field("errorCode", _int16),
    Field(
        "apiKeys",
        _structure(Field("apiKey", _int16), Field("minVersion", _int16), Field("maxVersion", _int16)),
        array=True,
    ),
    Field("throttleTimeMs", _int32, 1),
)
CREATE_TOPICS_REQUEST = (
    Field(
        "topics",
        _structure(
            Field("name", _string),
            Field("numPartitions", _int32),
            Field("replicationFactor", _int16),
            Field(
                "assignments",
                _structure(Field("partitionIndex", _int32), Field("brokerIds", _int32, array=True)),
                array=True,
            ),
            Field("configs", _structure(Field("name", _string), Field("value", _string)), array=True),
        ),
        array=True,
    ),
    Field("timeoutMs", _int32),
    Field("validateOnly", _bool, 1),
)
CREATE_TOPICS_RESPONSE = (
    Field("throttleTimeMs", _int32, 2),
    Field(
        "topics",
        _structure(
            Field("name", _string),
            Field(TOPIC_ID, _uuid, 7),
            Field("errorCode", _int16),
            Field("errorMessage", _string, 1),
            Field("numPartitions", _int32, 5),
            Field("replicationFactor", _int16, 5),
            Field(
                "configs",
                _structure(
                    Field("name", _string),
                    Field("value", _string),
                    Field("readOnly", _bool),
                    Field("configSource", _int8),
                    Field("isSensitive", _bool),
                ),
                5,
                array=True,
            ),
        ),
        array=True,
    ),
)
DELETE_TOPICS_REQUEST = (
    Field("topics", _structure(Field("name", _string), Field(TOPIC_ID, _uuid)), 6, array=True),
    Field("topicNames", _string, 0, 5, array=True),
    Field("timeoutMs", _int32),
)
DELETE_TOPICS_RESPONSE = (
    Field("throttleTimeMs", _int32, 1),
    Field(
        "responses",
        _structure(
            Field("name", _string),
            Field(TOPIC_ID, _uuid, 6),
            Field("errorCode", _int16),
            Field("errorMessage", _string, 5),
        ),
        array=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Api:
    """An API whose payloads are read: in versions up to ``latest``, with flexible encoding from ``flexible`` on."""

    request: tuple[Field, ...]
    response: tuple[Field, ...]
    flexible: int
    latest: int
    tagged_response: bool = True  # the header of a flexible response ends with tagged fields, too


PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, CREATE_TOPICS, DELETE_TOPICS = 0, 1, 2, 3, 18, 19, 20
UNSUPPORTED_VERSION = 35
APIS = {
    PRODUCE: Api(PRODUCE_REQUEST, PRODUCE_RESPONSE, 9, 13),
    FETCH: Api(FETCH_REQUEST, FETCH_RESPONSE, 12, 18),
    LIST_OFFSETS: Api(LIST_OFFSETS_REQUEST, LIST_OFFSETS_RESPONSE, 6, 11),
    METADATA: Api(METADATA_REQUEST, METADATA_RESPONSE, 9, 13),
    API_VERSIONS: Api(API_VERSIONS_REQUEST, API_VERSIONS_RESPONSE, 3, 4, tagged_response=False),
    CREATE_TOPICS: Api(CREATE_TOPICS_REQUEST, CREATE_TOPICS_RESPONSE, 5, 7),
    DELETE_TOPICS: Api(DELETE_TOPICS_REQUEST, DELETE_TOPICS_RESPONSE, 4, 6),
}


def read_request(key: int, version: int, data: bytes, at: int) -> tuple[dict[str, Any], bool]:
    """The payload of a request that begins at ``at`` (behind the client's name), and whether it could be read whole."""
    api = APIS.get(key)
    if api is None or version > api.latest:
        return {}, api is None
    cursor = Cursor(data, at, flexible=version >= api.flexible)
    try:
        cursor.tags()
        return read_fields(api.request, cursor, version), not cursor.left
    except Short:
        return {}, False


def read_response(key: int, version: int, data: bytes, at: int) -> tuple[dict[str, Any], bool]:
    """The payload of a response that begins at ``at`` (behind its number), and whether it could be read whole."""
    api = APIS.get(key)
    if api is None or version > api.latest:
        return {}, api is None
    failed: dict[str, Any] = {}
    if key == API_VERSIONS and int.from_bytes(data[at : at + 2], "big") == UNSUPPORTED_VERSION:
        version = 0  # a broker that does not know the version answers in the oldest (KIP-511)
        failed = {"errorCode": UNSUPPORTED_VERSION, "apiKeys": []}
    cursor = Cursor(data, at, flexible=version >= api.flexible)
    try:
        if api.tagged_response:
            cursor.tags()
        return read_fields(api.response, cursor, version), not cursor.left
    except Short:
        return failed, False
