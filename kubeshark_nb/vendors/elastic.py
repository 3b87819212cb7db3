"""Elasticsearch: one document (client 8, which servers of versions 8 and 9 understand)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.call import Call, given, host, secret
from kubeshark_nb.vendors.failure import Misunderstood
from kubeshark_nb.vendors.tls import context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubeshark_nb.vendors.context import Surroundings
    from kubeshark_nb.vendors.settings import Settings

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, repr=False)
class Elastic(Call):
    """``vendor.elastic(url, index, data, …credentials)``; answers the document's id."""

    helper: ClassVar[str] = "vendor.elastic"
    service: ClassVar[str] = "elastic"
    required: ClassVar[tuple[str, ...]] = ("index",)
    url: str = ""
    index: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    username: str = ""
    password: str = secret()
    cloud_id: str = ""
    api_key: str = secret()
    service_token: str = secret()
    certificate_fingerprint: str = ""

    def target(self) -> str:
        return f"{host(self.url) if given(self.url) else 'Elastic Cloud'} {self.index}"

    def missing(self) -> list[str]:
        absent = super().missing()
        return absent if given(self.url) or given(self.cloud_id) else ["url or cloudID", *absent]

    def check(self, here: Surroundings) -> None:
        if given(self.url) and not self.url.startswith(("http://", "https://")):
            raise VendorError("the URL does not begin with http:// or https://")

    def answer(self, here: Surroundings) -> str:
        return str(uuid5(NAMESPACE_URL, f"{here.node.name}/{here.number}"))

    def send(self, here: Surroundings) -> str:
        client = here.clients.get(_client, self._where(), self._credential(), self._fingerprint(), here.settings)
        reply = client.index(index=self.index, id=str(uuid4()), document=self.data, refresh=True)
        if reply.get("result") not in ("created", "updated"):
            raise Misunderstood("no result")
        return str(reply["_id"])

    def _where(self) -> tuple[str, str]:
        """``cloud_id`` excludes ``hosts``, and a host needs a port."""
        if not given(self.url):
            return "cloud_id", self.cloud_id
        parts = urlsplit(self.url)
        port = "" if parts.port else f":{PORTS[parts.scheme]}"
        return "hosts", parts._replace(netloc=parts.netloc + port).geturl()

    def _credential(self) -> tuple[str, Any] | None:
        """Exactly one, in the order of preference of Elastic's own clients; an empty one would count as set."""
        if given(self.api_key):
            return "api_key", self.api_key
        if given(self.service_token):
            return "bearer_auth", self.service_token
        return ("basic_auth", (self.username, self.password)) if given(self.username) else None

    def _fingerprint(self) -> str:
        return self.certificate_fingerprint if given(self.certificate_fingerprint) else ""


def _client(where: tuple[str, str], credential: tuple[str, Any] | None, fingerprint: str, settings: Settings) -> Any:
    from elasticsearch import Elasticsearch

    encrypted = where[0] == "cloud_id" or where[1].startswith("https://")
    trust = {"ssl_assert_fingerprint": fingerprint} if fingerprint else {"ssl_context": context(settings)}
    return Elasticsearch(
        **dict([where, *([credential] if credential else [])]),
        **(trust if encrypted else {}),
        request_timeout=settings.read_s,
        max_retries=0,
        retry_on_timeout=False,
    )
