"""Whom to trust: one ``ca=`` for every service, however its library wants to be told."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kubeshark_nb.errors import VendorError

if TYPE_CHECKING:
    import ssl

    from kubeshark_nb.vendors.settings import Settings


def context(settings: Settings) -> ssl.SSLContext:
    """For libraries that take a context (urllib3, slack, elastic, influx, openai)."""
    return _context(authorities(settings))


def verify(settings: Settings) -> str | bool:
    """For libraries that take a path or True (boto3, requests, azure)."""
    return authorities(settings) or True


def authorities(settings: Settings) -> str | None:
    """The PEM file of ``ca=``. Raises VendorError when it cannot be read."""
    if settings.ca and not Path(settings.ca).is_file():
        raise VendorError("the file of ca= cannot be read")
    return settings.ca


@cache
def _context(ca: str | None) -> ssl.SSLContext:
    import ssl

    return ssl.create_default_context(cafile=ca)
