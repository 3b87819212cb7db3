"""Form bodies as parameters: ``application/x-www-form-urlencoded`` and ``multipart/form-data`` (RFC 7578)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PARAMETERS = 1000
BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)
NAME = re.compile(rb'[; ]name="([^"]*)"')
FILE_NAME = re.compile(rb'filename="([^"]*)"')
PART_TYPE = re.compile(rb"(?im)^content-type:[ \t]*([^\r\n]*)")

Parameter = dict[str, str]


def form_parameters(body: bytes, content_type: str) -> list[Parameter] | None:
    """``{name, value, fileName, contentType}`` of each field; ``None`` when the body is not a form."""
    read = READERS.get(content_type.partition(";")[0].strip().lower())
    return None if read is None else read(body, content_type)


def _parameter(name: str, value: str, file_name: str = "", content_type: str = "") -> Parameter:
    return {"name": name, "value": value, "fileName": file_name, "contentType": content_type}


def _url_encoded(body: bytes, _content_type: str) -> list[Parameter]:
    parts = body.decode("utf-8", "replace").split("&", MAX_PARAMETERS)[:MAX_PARAMETERS]
    pairs = (part.partition("=") for part in parts if part.strip())
    return [_parameter(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _multipart(body: bytes, content_type: str) -> list[Parameter] | None:
    found = BOUNDARY.search(content_type)
    if found is None:
        return None
    parts = body.split(b"--" + found[1].encode(), MAX_PARAMETERS)[1:]
    return [_part(part) for part in parts if not part.startswith(b"--")]


def _part(part: bytes) -> Parameter:
    head, _, value = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
    first = [
        found[1].decode("utf-8", "replace").strip() if (found := pattern.search(head)) else ""
        for pattern in (NAME, FILE_NAME, PART_TYPE)
    ]
    return _parameter(first[0], value.removesuffix(b"\r\n").decode("utf-8", "replace"), first[1], first[2])


READERS: dict[str, Callable[[bytes, str], list[Parameter] | None]] = {
    "application/x-www-form-urlencoded": _url_encoded,
    "multipart/form-data": _multipart,
}
