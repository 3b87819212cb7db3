"""Amazon S3 and what speaks like it: put a file, clear this node's folders (boto3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kubeshark_nb.vendors.call import Call, secret


@dataclass(frozen=True, slots=True, repr=False)
class S3Put(Call):
    """``vendor.s3.put(…)`` in either order of arguments; answers the URL. Without keys: the shared configuration."""

    helper: ClassVar[str] = "vendor.s3.put"
    service: ClassVar[str] = "s3"
    required: ClassVar[tuple[str, ...]] = ("bucket", "region")
    bucket: str
    path: str
    region: str
    key_id: str = secret()
    access_key: str = secret()

    def target(self) -> str:
        return f"s3://{self.bucket}"


@dataclass(frozen=True, slots=True, repr=False)
class S3Clear(Call):
    """``vendor.s3.clear(…)``: deletes this node's folders, of every run; answers nothing."""

    helper: ClassVar[str] = "vendor.s3.clear"
    service: ClassVar[str] = "s3"
    required: ClassVar[tuple[str, ...]] = ("bucket", "region")
    clears: ClassVar[bool] = True
    bucket: str
    region: str
    key_id: str = secret()
    access_key: str = secret()

    def target(self) -> str:
        return f"s3://{self.bucket}"
