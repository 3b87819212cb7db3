"""Captures elsewhere: ``s3://``, ``gs://``, ``https://`` and whatever else fsspec opens, read as a stream."""

from __future__ import annotations

import re
from typing import BinaryIO, cast

from kubeshark_nb.errors import CaptureError

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://")
BLOCK = 8 << 20  # bytes fetched at a time


def is_remote(name: str) -> bool:
    """Whether ``name`` is an address and not a path."""
    return ADDRESS.match(name) is not None


def fetched(address: str) -> BinaryIO:
    """The bytes at ``address``.

    Raises:
        CaptureError: not there, not allowed, or nothing is installed for this kind of address.
    """
    import fsspec

    shown = re.sub(r"(?<=://)[^/@]*@|\?.*", "", address)  # passwords and signatures stay out of messages
    try:
        return cast("BinaryIO", fsspec.open(address, "rb", block_size=BLOCK).open())
    except (ImportError, ValueError) as missing:
        fix = "pip install 'kubeshark-nb[remote]' adds what s3://, gs:// and http:// need"
        raise CaptureError(f"addresses of this kind cannot be opened ({missing}); {fix}", file=shown) from None
    except FileNotFoundError:
        raise CaptureError("there is nothing at this address", file=shown) from None
    except Exception as error:  # noqa: BLE001 - every kind of storage has errors of its own
        reason = str(error).replace(address, shown).splitlines()
        raise CaptureError(f"cannot be opened: {reason[0] if reason else type(error).__name__}", file=shown) from None
