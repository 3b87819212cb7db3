"""Webhooks: one HTTP request as the script wrote it (urllib3, which unlike requests reads no netrc)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.call import HIDDEN, Call, given, host
from kubeshark_nb.vendors.context import Surroundings

METHOD = re.compile(r"[A-Za-z]{1,16}")


class _Request(Call):
    """What both webhooks share: a method and a URL whose path may be a secret."""

    service: ClassVar[str] = "webhook"
    required: ClassVar[tuple[str, ...]] = ("url",)
    method: str
    url: str

    def target(self) -> str:
        return f"{self.method.upper()} {host(self.url)}"

    def check(self, here: Surroundings) -> None:
        if not METHOD.fullmatch(self.method):
            raise VendorError("the method is not an HTTP method")
        if given(self.url) and urlsplit(self.url).scheme not in ("http", "https"):
            raise VendorError("the URL does not begin with http:// or https://")

    def answer(self, here: Surroundings) -> str:
        return ""

    def secrets(self) -> list[str]:
        return [self.url] if given(self.url) else []

    def preview(self) -> dict[str, Any]:
        return {**super().preview(), "url": f"{host(self.url)}/{HIDDEN}"}


@dataclass(frozen=True, slots=True, repr=False)
class Webhook(_Request):
    """``vendor.webhook(method, url, body, headers?)``; answers the response body as text."""

    helper: ClassVar[str] = "vendor.webhook"
    method: str
    url: str
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class WebhookForm(_Request):
    """``vendor.webhookForm(method, url, form)``: a multipart form; answers the response body as text."""

    helper: ClassVar[str] = "vendor.webhookForm"
    method: str
    url: str
    form: Mapping[str, str] = field(default_factory=dict)
