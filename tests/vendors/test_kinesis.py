"""Kinesis: a record arrives, and its number and shard are answered (moto server, authentication on)."""

from __future__ import annotations

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import KinesisPut, Settings
from tests.vendors.servers.amazon import REGION, STREAM


@pytest.fixture
def desk(office, aws):
    return office.live(Settings(endpoints={"kinesis": aws.url}))


def test_a_record_arrives(desk, here, aws):
    answer = desk.call(KinesisPut(STREAM, '{"a":"ü"}', REGION, aws.key_id, aws.access_key), here)
    kinesis = aws.client("kinesis")
    shard = kinesis.get_shard_iterator(StreamName=STREAM, ShardId=answer["ShardId"], ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=shard["ShardIterator"])["Records"]
    assert (answer["SequenceNumber"], '{"a":"ü"}') in [(r["SequenceNumber"], r["Data"].decode()) for r in records]


def test_what_kinesis_refuses_is_an_error(desk, here, aws):
    with pytest.raises(VendorError, match="kinesis: it answered HTTP 400: ResourceNotFoundException"):
        desk.call(KinesisPut("no-such-stream", "x", REGION, aws.key_id, aws.access_key), here)


def test_a_payload_over_a_megabyte_is_refused(office, here):
    with pytest.raises(VendorError, match="kinesis: the payload is larger than 1 MB"):
        office.desk().call(KinesisPut(STREAM, "x" * 1_048_577, REGION), here)


def test_a_recorded_call_answers_in_the_same_shape(office, here):
    answer = office.desk().call(KinesisPut(STREAM, "x", REGION), here)
    assert set(answer) == {"SequenceNumber", "ShardId"}
