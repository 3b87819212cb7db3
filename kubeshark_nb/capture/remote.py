"""Captures elsewhere, read as a stream: ``s3://`` (boto3), ``gs://`` (google-cloud-storage), ``http://``, ``https://``.

Who may read what is decided as everywhere on the machine: AWS profiles and variables, Google's default credentials,
``user:password@`` in an address, proxy variables. Any other kind of address goes to fsspec, if that knows it.
"""

from __future__ import annotations

import io
import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

from kubeshark_nb.errors import CaptureError
from kubeshark_nb.named import masked

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://")
BLOCK = 8 << 20  # bytes fetched at a time, where the library asks
WAIT = 30  # seconds without a byte
OTHERS = (
    "addresses of this kind cannot be opened ({reason}); s3://, gs://, http:// and https:// can, and what fsspec has a "
    "library for"
)
MISSING = ("NoSuchKey", "NoSuchBucket", "404")  # what Amazon calls it


class Remote(io.RawIOBase):
    """Bytes that arrive. Whatever a library raises in the middle is an OSError, and so is an early end."""

    def __init__(self, address: str, body: Any) -> None:
        self._address = address
        self._body = body
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Bytes read so far."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes.

        Raises:
            OSError: the connection broke.
        """
        try:
            data = self._body.read(size) if size >= 0 else self._body.read()
        except Exception as error:  # noqa: BLE001 - every library has errors of its own
            raise OSError(f"the connection broke after {self._at} bytes: {_first_line(error, self._address)}") from None
        if not data and size and getattr(self._body, "length", 0):
            raise OSError(f"the connection broke after {self._at} bytes")
        self._at += len(data)
        return bytes(data)

    def close(self) -> None:
        """Let go of the connection."""
        self._body.close()
        super().close()


def is_remote(name: str) -> bool:
    """Whether ``name`` is an address and not a path."""
    return ADDRESS.match(name) is not None


def fetched(address: str) -> BinaryIO:
    """The bytes at ``address``.

    Raises:
        CaptureError: not there, not allowed, or nothing is installed for this kind of address.
    """
    opener = OPENERS.get(address.partition("://")[0], _by_fsspec)
    try:
        return cast("BinaryIO", Remote(address, opener(address)))
    except CaptureError:
        raise
    except FileNotFoundError:
        raise CaptureError("there is nothing at this address", file=address) from None
    except Exception as error:  # noqa: BLE001 - every kind of storage has errors of its own
        raise CaptureError(f"cannot be opened: {_first_line(error, address)}", file=address) from None


def object_of(address: str) -> tuple[str, str]:
    """Bucket and key. Raises CaptureError when one is missing."""
    scheme, _, place = address.partition("://")
    bucket, _, key = place.partition("/")
    if not (bucket and key):
        raise CaptureError(f"names no object; expected {scheme}://BUCKET/KEY", file=address)
    return bucket, key


def _first_line(error: Exception, address: str) -> str:
    reason = str(error).replace(address, masked(address)).splitlines()
    return reason[0] if reason else type(error).__name__


def _from_s3(address: str) -> Any:
    import boto3
    from botocore.exceptions import ClientError

    bucket, key = object_of(address)
    try:
        return boto3.Session().client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in MISSING:
            raise FileNotFoundError from None
        raise


def _from_google(address: str) -> Any:
    from google.api_core.exceptions import NotFound
    from google.auth.exceptions import DefaultCredentialsError
    from google.cloud import storage

    bucket, key = object_of(address)
    try:
        client = storage.Client()
    except (DefaultCredentialsError, OSError):  # OSError: credentials, but no project
        client = storage.Client.create_anonymous_client()
    blob = client.bucket(bucket).blob(key)
    try:
        blob.reload()
    except NotFound:
        raise FileNotFoundError from None
    return blob.open("rb", chunk_size=BLOCK)


def _from_web(address: str) -> Any:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    place = urlsplit(address)
    bare = place._replace(netloc=place.netloc.rpartition("@")[2]).geturl()
    request = Request(bare, headers={"Accept-Encoding": "identity"})  # noqa: S310 - the schemes are in the table below
    if place.username is not None:
        words = f"{unquote(place.username)}:{unquote(place.password or '')}"
        # Whoever the server sends us on to does not get the password.
        request.add_unredirected_header("Authorization", f"Basic {b64encode(words.encode()).decode()}")
    try:
        return urlopen(request, timeout=WAIT)  # noqa: S310 - see there
    except HTTPError as error:
        if error.code in {404, 410}:
            raise FileNotFoundError from None
        raise


def _by_fsspec(address: str) -> Any:
    import fsspec

    try:
        return fsspec.open(address, "rb", block_size=BLOCK).open()
    except (ImportError, ValueError) as missing:
        raise CaptureError(OTHERS.format(reason=missing), file=address) from None


OPENERS: dict[str, Callable[[str], Any]] = {
    "s3": _from_s3,
    "gs": _from_google,
    "gcs": _from_google,
    "http": _from_web,
    "https": _from_web,
}
