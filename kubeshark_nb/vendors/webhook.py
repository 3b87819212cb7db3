"""Webhooks: one HTTP request as the script wrote it (urllib3, which unlike requests reads no netrc)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.call import HIDDEN, Call, given, host
from kubeshark_nb.vendors.context import Reply, Surroundings
from kubeshark_nb.vendors.failure import FIRST_ERROR, Refused
from kubeshark_nb.vendors.proxy import proxy_for
from kubeshark_nb.vendors.tls import context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubeshark_nb.vendors.settings import Settings

METHOD = re.compile(r"[A-Za-z]{1,16}")
LARGEST_REPLY = 8 << 20
CHUNK = 1 << 16
REDIRECTS = 5


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
        """The whole URL, when there is more to it than a host."""
        return [self.url] if len(self.url) > len(host(self.url)) + 1 and "://" in self.url else []

    def preview(self) -> dict[str, Any]:
        return {**super().preview(), "url": f"{host(self.url)}/{HIDDEN}"}

    def content(self) -> dict[str, Any]:
        """Body and headers, as urllib3's ``request`` takes them."""
        raise NotImplementedError

    def send(self, here: Surroundings) -> Reply:
        """Any status is a success, as in Kubeshark, unless ``Settings.strict_status``; the Effect shows it."""
        pool = here.clients.get(_pool, proxy_for(self.url), here.settings)
        reply = pool.request(self.method.upper(), self.url, preload_content=False, **self.content())
        try:
            body = _text(reply, here)
        finally:
            reply.close()
        if here.settings.strict_status and reply.status >= FIRST_ERROR:
            raise Refused(reply.status, body, reply.headers)
        return Reply(body, f"HTTP {reply.status}: {body}")


@dataclass(frozen=True, repr=False)
class Webhook(_Request):
    """``vendor.webhook(method, url, body, headers?)``; answers the response body as text."""

    helper: ClassVar[str] = "vendor.webhook"
    method: str
    url: str
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        return {"body": self.body.encode("utf-8", "replace"), "headers": {**_authorization(self.url), **self.headers}}


@dataclass(frozen=True, repr=False)
class WebhookForm(_Request):
    """``vendor.webhookForm(method, url, form)``: a multipart form; answers the response body as text."""

    helper: ClassVar[str] = "vendor.webhookForm"
    method: str
    url: str
    form: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        return {"fields": dict(self.form), "headers": _authorization(self.url)}


def _pool(proxy: str | None, settings: Settings) -> Any:
    from urllib3 import PoolManager, ProxyManager, Retry, Timeout

    options: dict[str, Any] = {
        "ssl_context": context(settings),
        "timeout": Timeout(connect=settings.connect_s, read=settings.read_s),
        "retries": Retry(connect=0, read=0, status=0, other=0, redirect=REDIRECTS),
    }
    return ProxyManager(proxy, **options) if proxy else PoolManager(**options)


def _authorization(url: str) -> dict[str, str]:
    """User and password of the URL as a header: urllib3 leaves them out."""
    from urllib3.util import make_headers

    parts = urlsplit(url)
    if parts.username is None:
        return {}
    return dict(make_headers(basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}"))


def _text(reply: Any, here: Surroundings) -> str:
    """The body, at most 8 MB of it, within the time a helper has."""
    parts, size = [], 0
    while size < LARGEST_REPLY and (part := reply.read1(CHUNK, decode_content=True)):
        here.deadline.check()
        parts.append(part)
        size += len(part)
    return b"".join(parts).decode("utf-8", "replace")
