"""Google Cloud Storage: put a file, clear this node's folders (google-cloud-storage, service-account key)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import orjson

from kubeshark_nb.vendors.call import HIDDEN, Call, given
from kubeshark_nb.vendors.folder import inside, opened
from kubeshark_nb.vendors.proxy import proxy_for
from kubeshark_nb.vendors.tls import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubeshark_nb.vendors.context import Surroundings
    from kubeshark_nb.vendors.settings import Settings

PUBLIC = "https://storage.googleapis.com"
SCOPES = ("https://www.googleapis.com/auth/devstorage.read_write",)
KEY_PARTS = ("client_email", "private_key", "token_uri")
BATCH = 100


class _Bucket(Call):
    """What both calls share: a bucket, and a service-account key of which nothing is shown."""

    service: ClassVar[str] = "gcs"
    required: ClassVar[tuple[str, ...]] = ("bucket",)
    bucket: str
    key: Mapping[str, Any]

    def target(self) -> str:
        return f"gs://{self.bucket}"

    def missing(self) -> list[str]:
        return [*super().missing(), *(f"key.{name}" for name in KEY_PARTS if not given(self.key.get(name)))]

    def secrets(self) -> list[str]:
        return [str(self.key[name]) for name in ("private_key", "private_key_id") if given(self.key.get(name))]

    def preview(self) -> dict[str, Any]:
        return {**super().preview(), "key": HIDDEN}

    def opened_bucket(self, here: Surroundings) -> Any:
        """The library's bucket object; its client is made once per key."""
        return here.clients.get(_client, orjson.dumps(dict(self.key)), here.settings).bucket(self.bucket)


@dataclass(frozen=True, repr=False)
class GcsPut(_Bucket):
    """``vendor.gcs.put(bucket, path, saKeyObj)``; answers the URL. ``key`` is a parsed service-account key."""

    helper: ClassVar[str] = "vendor.gcs.put"
    bucket: str
    path: str
    key: Mapping[str, Any]

    def check(self, here: Surroundings) -> None:
        inside(self.path, here)

    def answer(self, here: Surroundings) -> str:
        return f"{_endpoint(here.settings)}/{self.bucket}/{quote(here.key(self.path))}"

    def send(self, here: Surroundings) -> str:
        blob = self.opened_bucket(here).blob(here.key(self.path))
        with opened(self.path, here) as file:
            blob.upload_from_file(file, size=len(file), **_limits(here.settings))
        return self.answer(here)


@dataclass(frozen=True, repr=False)
class GcsClear(_Bucket):
    """``vendor.gcs.clear(bucket, saKeyObj)``: deletes this node's folders, of every run; answers nothing."""

    helper: ClassVar[str] = "vendor.gcs.clear"
    clears: ClassVar[bool] = True
    bucket: str
    key: Mapping[str, Any]

    def send(self, here: Surroundings) -> None:
        bucket, deleted = self.opened_bucket(here), 0
        for blobs in self._batches(bucket, here):
            here.deadline.check(f"{deleted} objects deleted, more are left: call it again")
            with bucket.client.batch():
                for blob in blobs:
                    blob.delete(**_limits(here.settings))
            deleted += len(blobs)

    def _batches(self, bucket: Any, here: Surroundings) -> Iterator[list[Any]]:
        """The objects of this node's folders, as many at a time as one request may delete."""
        for prefix in here.prefixes:
            found = (
                blob for blob in bucket.list_blobs(prefix=prefix, **_limits(here.settings)) if here.owns(blob.name)
            )
            while batch := list(islice(found, BATCH)):
                yield batch


def _endpoint(settings: Settings) -> str:
    return settings.endpoints.get("gcs", PUBLIC).rstrip("/")


def _limits(settings: Settings) -> dict[str, Any]:
    """No retries: by default the library goes on for two minutes."""
    return {"timeout": (settings.connect_s, settings.read_s), "retry": None}


def _client(key: bytes, settings: Settings) -> Any:
    from google.auth.transport.requests import AuthorizedSession, Request
    from google.cloud.storage import Client
    from google.oauth2.service_account import Credentials
    from requests import Session

    document: Any = orjson.loads(key)
    make_credentials: Any = Credentials.from_service_account_info  # google-auth has no types of its own
    credentials = make_credentials(document, scopes=SCOPES)
    tokens = Session()
    make_session: Any = AuthorizedSession
    http = make_session(credentials, refresh_timeout=settings.read_s, auth_request=Request(tokens))
    for session, url in ((tokens, document["token_uri"]), (http, _endpoint(settings))):
        session.trust_env = False  # neither netrc nor another list of authorities
        session.verify = verify(settings)
        session.proxies = {"all": proxy} if (proxy := proxy_for(url)) else {}
    options = {"api_endpoint": _endpoint(settings)}
    project = document.get("project_id") or "none"
    client: Any = Client(project=project, credentials=credentials, _http=http, client_options=options)
    client._bucket_metadata_cache = None  # noqa: SLF001 - it would ask for the bucket's details behind our back
    return client
