"""Amazon S3 and what speaks like it: put a file, clear this node's folders (boto3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.aws import check_keys, client
from kubeshark_nb.vendors.call import Call, secret
from kubeshark_nb.vendors.failure import Misunderstood
from kubeshark_nb.vendors.folder import inside, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.vendors.context import Surroundings

PAGE = 1000


@dataclass(frozen=True, repr=False)
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

    def check(self, here: Surroundings) -> None:
        check_keys(self.key_id, self.access_key)
        inside(self.path, here)

    def answer(self, here: Surroundings) -> str:
        """``https://<bucket>.s3.<region>.amazonaws.com/<key>``; the path style for names a certificate cannot cover."""
        key = quote(here.key(self.path))
        if endpoint := here.settings.endpoints.get("s3"):
            return f"{endpoint.rstrip('/')}/{self.bucket}/{key}"
        server = f"s3.{self.region}.amazonaws.com{'.cn' if self.region.startswith('cn-') else ''}"
        if "." in self.bucket:
            return f"https://{server}/{self.bucket}/{key}"
        return f"https://{self.bucket}.{server}/{key}"

    def send(self, here: Surroundings) -> str:
        s3 = client("s3", self.region, self.key_id, self.access_key, here)
        with opened(self.path, here) as file:
            reply = s3.put_object(Bucket=self.bucket, Key=here.key(self.path), Body=file)
        if "ETag" not in reply:
            raise Misunderstood("no ETag")
        return self.answer(here)


@dataclass(frozen=True, repr=False)
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

    def check(self, here: Surroundings) -> None:
        check_keys(self.key_id, self.access_key)

    def send(self, here: Surroundings) -> None:
        s3 = client("s3", self.region, self.key_id, self.access_key, here)
        deleted = 0
        for page in self._pages(s3, here):
            here.deadline.check(f"{deleted} objects deleted, more are left: call it again")
            if names := [{"Key": found["Key"]} for found in page if here.owns(found["Key"])]:
                reply = s3.delete_objects(Bucket=self.bucket, Delete={"Objects": names, "Quiet": True})
                _raise_first(reply.get("Errors", []))
                deleted += len(names)

    def _pages(self, s3: Any, here: Surroundings) -> Iterator[list[dict[str, Any]]]:
        """The objects of this node's folders, as many at a time as one deletion takes."""
        pages = s3.get_paginator("list_objects_v2")
        for prefix in here.prefixes:
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix, PaginationConfig={"PageSize": PAGE}):
                if "IsTruncated" not in page:
                    raise Misunderstood("no list of objects")
                yield page.get("Contents", [])


def _raise_first(errors: list[dict[str, str]]) -> None:
    if errors:
        raise VendorError(f"{len(errors)} objects were not deleted: {errors[0].get('Code', '')}")
