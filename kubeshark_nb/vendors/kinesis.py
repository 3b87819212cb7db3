"""Amazon Kinesis: put one record (boto3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.aws import check_keys, client
from kubeshark_nb.vendors.call import Call, secret

if TYPE_CHECKING:
    from kubeshark_nb.vendors.context import Surroundings

LARGEST = 1 << 20


@dataclass(frozen=True, repr=False)
class KinesisPut(Call):
    """``vendor.kinesis.put(stream, payload, region, keyID, accessKey)``; answers ``{SequenceNumber, ShardId}``."""

    helper: ClassVar[str] = "vendor.kinesis.put"
    service: ClassVar[str] = "kinesis"
    required: ClassVar[tuple[str, ...]] = ("stream", "region")
    stream: str
    payload: str
    region: str
    key_id: str = secret()
    access_key: str = secret()

    def target(self) -> str:
        return f"kinesis {self.stream}"

    def check(self, here: Surroundings) -> None:
        check_keys(self.key_id, self.access_key)
        if len(self.payload.encode("utf-8", "replace")) > LARGEST:
            raise VendorError("the payload is larger than 1 MB")

    def answer(self, here: Surroundings) -> dict[str, str]:
        return {"SequenceNumber": f"{here.number:056d}", "ShardId": "shardId-000000000000"}

    def send(self, here: Surroundings) -> dict[str, str]:
        kinesis = client("kinesis", self.region, self.key_id, self.access_key, here)
        data = self.payload.encode("utf-8", "replace")
        spread = hashlib.sha256(data).hexdigest()  # the partition key: equal payloads meet, others spread over shards
        reply = kinesis.put_record(StreamName=self.stream, Data=data, PartitionKey=spread)
        return {"SequenceNumber": reply["SequenceNumber"], "ShardId": reply["ShardId"]}
