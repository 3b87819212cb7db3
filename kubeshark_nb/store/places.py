"""Folders and addresses where files are written and read as streams: Arrow's own file systems, or fsspec's.

Arrow brings S3 and Google Cloud Storage with it; s3fs and gcsfs could not be installed beside boto3's and
google-cloud-storage's pins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

NATIVE = ("s3", "gs")
# no bucket, no permission, no such kind of address, nothing installed for it
UNREACHABLE = (OSError, ValueError, ImportError)


def reached(address: str) -> tuple[FileSystem, str]:
    """The file system of a folder or an address, and what it is called there.

    Credentials, region and endpoint are those of the surroundings (``AWS_ENDPOINT_URL`` and so on).

    Raises:
        OSError, ValueError, ImportError: it cannot be reached (`UNREACHABLE`).
    """
    from pyarrow import fs

    scheme = urlsplit(address).scheme
    if scheme in NATIVE:
        files, path = fs.FileSystem.from_uri(address)
        return files, path
    if not scheme:
        return fs.LocalFileSystem(), address
    import fsspec

    others, path = fsspec.core.url_to_fs(address)
    return fs.PyFileSystem(fs.FSSpecHandler(others)), path
