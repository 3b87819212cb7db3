"""gRPC on HTTP/2: method, status and length-prefixed messages (the project's PROTOCOL-HTTP2 document)."""

from __future__ import annotations

from binascii import b2a_base64
from struct import Struct
from typing import TYPE_CHECKING
from urllib.parse import unquote

import orjson

from kubeshark_nb.dissectors.http_content import decoded
from kubeshark_nb.dissectors.http_head import text
from kubeshark_nb.dissectors.protobuf import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = Struct(">BL")  # compressed?, length
MAX_MESSAGES = 1000  # shown of one body
STATUSES = (
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)


def asked(path: bytes, body: bytes, coding: bytes) -> bytes:
    """The member ``grpc`` of a request: ``service`` and ``method`` as in ``/<service>/<method>``, ``messages``."""
    service, _, method = text(path).lstrip("/").rpartition("/")
    return orjson.dumps({"service": service, "method": method, "messages": list(_messages(body, coding))})


def answered(status: bytes, reason: bytes, body: bytes, coding: bytes) -> bytes:
    """The member ``grpc`` of a response: ``status`` (-1 while unknown), its name, its message, and ``messages``."""
    code = int(status) if status.isdigit() and len(status) <= 3 else -1  # noqa: PLR2004 - digits
    name = STATUSES[code] if 0 <= code < len(STATUSES) else ""
    message = unquote(text(reason))
    return orjson.dumps(
        {"status": code, "statusText": name, "message": message, "messages": list(_messages(body, coding))}
    )


def _messages(body: bytes, coding: bytes) -> Iterator[dict[str, object]]:
    """``size`` (bytes on the wire), ``compressed``, ``fields`` of each; ``text`` (base64) where it is no protobuf."""
    for compressed, wire in _slices(body):
        content = decoded(wire, text(coding))[0] if compressed else wire
        shown: dict[str, object] = {"size": len(wire), "compressed": compressed}
        fields = fields_of(content)
        if fields is None:
            shown["text"] = b2a_base64(content, newline=False).decode()
        else:
            shown["fields"] = fields
        yield shown


def _slices(body: bytes) -> Iterator[tuple[bool, bytes]]:
    at = 0
    for _ in range(MAX_MESSAGES):
        if at + PREFIX.size > len(body):
            return
        compressed, length = PREFIX.unpack_from(body, at)
        at += PREFIX.size
        if at + length > len(body):
            return  # cut
        yield bool(compressed), body[at : at + length]
        at += length
