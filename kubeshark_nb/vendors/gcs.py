"""Google Cloud Storage: put a file, clear this node's folders (google-cloud-storage, service-account key)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kubeshark_nb.vendors.call import Call


@dataclass(frozen=True, slots=True, repr=False)
class GcsPut(Call):
    """``vendor.gcs.put(bucket, path, saKeyObj)``; answers the URL. ``key`` is a parsed service-account key."""

    helper: ClassVar[str] = "vendor.gcs.put"
    service: ClassVar[str] = "gcs"
    required: ClassVar[tuple[str, ...]] = ("bucket",)
    bucket: str
    path: str
    key: Mapping[str, Any]

    def target(self) -> str:
        return f"gs://{self.bucket}"


@dataclass(frozen=True, slots=True, repr=False)
class GcsClear(Call):
    """``vendor.gcs.clear(bucket, saKeyObj)``: deletes this node's folders, of every run; answers nothing."""

    helper: ClassVar[str] = "vendor.gcs.clear"
    service: ClassVar[str] = "gcs"
    required: ClassVar[tuple[str, ...]] = ("bucket",)
    clears: ClassVar[bool] = True
    bucket: str
    key: Mapping[str, Any]

    def target(self) -> str:
        return f"gs://{self.bucket}"
