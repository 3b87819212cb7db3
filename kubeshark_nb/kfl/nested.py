"""Documents inside a text: `json()` and `xml()`, base64 or not."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson

from kubeshark_nb.kfl import xmltree

_JSON_STARTS = ("{", "[", '"')


def unpacked(text: str) -> tuple[str, bool]:
    """``text`` without its base64, and whether it had any. Text that is not base64 of UTF-8 comes back as it is."""
    try:
        return base64.b64decode(text, validate=True).decode(), True
    except (binascii.Error, ValueError):
        return text, False


def packed(text: str, *, base64_was: bool) -> str:
    """The opposite of `unpacked`."""
    return base64.b64encode(text.encode()).decode() if base64_was else text


def read_json(text: str) -> tuple[Any, bool]:
    """The document in ``text`` and whether it was base64. Raises ValueError when there is none."""
    if text.lstrip().startswith(_JSON_STARTS):  # characters that base64 does not have
        return orjson.loads(text), False
    inner, was = unpacked(text)
    try:
        return orjson.loads(inner), was
    except ValueError:
        return orjson.loads(text), False


def write_json(document: Any, *, base64_was: bool) -> str:
    """Compact JSON of ``document``, as base64 when it came so."""
    return packed(orjson.dumps(document).decode(), base64_was=base64_was)


def read_xml(text: str) -> tuple[xmltree.Element, str, bool]:
    """The document in ``text``, its declaration, whether it was base64. Raises ValueError when there is none."""
    inner, was = (text, False) if text.lstrip().startswith("<") else unpacked(text)
    return xmltree.parse(inner), xmltree.declaration(inner), was
