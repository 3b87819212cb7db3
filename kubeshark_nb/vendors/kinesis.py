"""Amazon Kinesis: put one record (boto3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kubeshark_nb.vendors.call import Call, secret


@dataclass(frozen=True, slots=True, repr=False)
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
