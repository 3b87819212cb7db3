"""Elasticsearch: one document (client 8, which servers of versions 8 and 9 understand)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kubeshark_nb.vendors.call import Call, given, host, secret


@dataclass(frozen=True, slots=True, repr=False)
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
