"""Azure Blob Storage: put a file (azure-storage-blob, the extra ``azure``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.call import Call, given, secret
from kubeshark_nb.vendors.folder import inside, opened
from kubeshark_nb.vendors.tls import verify

if TYPE_CHECKING:
    from kubeshark_nb.vendors.context import Surroundings
    from kubeshark_nb.vendors.settings import Settings


@dataclass(frozen=True, repr=False)
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

    def missing(self) -> list[str]:
        absent = super().missing()
        keyed = given(self.account_name) and given(self.account_key)
        return absent if keyed or given(self.connection_string) else [*absent, "accountName and accountKey"]

    def secrets(self) -> list[str]:
        return [*super().secrets(), *([key] if (key := self._connection().get("accountkey", "")) else [])]

    def check(self, here: Surroundings) -> None:
        inside(self.path, here)

    def answer(self, here: Surroundings) -> str:
        return f"{self._base(here.settings)}/{self.container}/{quote(here.key(self.path))}"

    def send(self, here: Surroundings) -> str:
        service = here.clients.get(_client, *self._account(here.settings), here.settings)
        blob = service.get_blob_client(self.container, here.key(self.path))
        with opened(self.path, here) as file:
            blob.upload_blob(file, length=len(file), overwrite=True)
        return self.answer(here)

    def _connection(self) -> dict[str, str]:
        """The parts of the connection string, names in lower case."""
        parts = self.connection_string.split(";") if given(self.connection_string) else []
        return {name.strip().lower(): value for name, _, value in (part.partition("=") for part in parts)}

    def _name(self) -> str:
        return self.account_name if given(self.account_name) else self._connection().get("accountname", "")

    def _base(self, settings: Settings) -> str:
        """The URL of the account: configured, in the connection string, or the public one."""
        connection = self._connection()
        suffix = connection.get("endpointsuffix", "core.windows.net")
        public = f"https://{self._name()}.blob.{suffix}"
        return (settings.endpoints.get("azure") or connection.get("blobendpoint") or public).rstrip("/")

    def _account(self, settings: Settings) -> tuple[str, str, str]:
        key = self.account_key if given(self.account_key) else self._connection().get("accountkey", "")
        if not key:
            raise VendorError("the connection string holds no AccountKey")
        return self._base(settings), self._name(), key


def _client(url: str, account: str, key: str, settings: Settings) -> Any:
    try:
        from azure.storage.blob import BlobServiceClient
    except ImportError:
        raise VendorError("install the extra: pip install 'kubeshark-nb[azure]'") from None
    return BlobServiceClient(
        url,
        credential={"account_name": account, "account_key": key},
        connection_timeout=settings.connect_s,
        read_timeout=settings.read_s,
        connection_verify=verify(settings),
        retry_total=0,
    )
