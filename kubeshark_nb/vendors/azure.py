"""Azure Blob Storage: put a file (azure-storage-blob, the extra ``azure``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kubeshark_nb.vendors.call import Call, secret


@dataclass(frozen=True, slots=True, repr=False)
class AzurePut(Call):
    """``vendor.azure.put(container, path, accountName?, accountKey?, connectionString?)``; answers the URL."""

    helper: ClassVar[str] = "vendor.azure.put"
    service: ClassVar[str] = "azure"
    required: ClassVar[tuple[str, ...]] = ("container",)
    container: str
    path: str
    account_name: str = ""
    account_key: str = secret()
    connection_string: str = secret()

    def target(self) -> str:
        return f"azure {self.container}"
