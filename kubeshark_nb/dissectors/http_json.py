"""The members ``request`` and ``response`` of HTTP items (FACTS c.3). Shared by HTTP/1 and HTTP/2."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_plus

import orjson
from pybase64 import b64encode  # ten times as fast as binascii on bodies

from kubeshark_nb.dissectors.http_form import form_parameters
from kubeshark_nb.dissectors.http_head import text
from kubeshark_nb.dissectors.kept import Kept
from kubeshark_nb.items.compact import compact, quoted

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.http_head import Head

REDIRECTS, CLIENT_ERRORS = 300, 400
STATUS_TEXTS = {status.value: status.phrase for status in HTTPStatus} | {
    # the names of RFC 9110 and of Go, where Python's differ
    203: "Non-Authoritative Information",
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    416: "Requested Range Not Satisfiable",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
}
_new = tuple.__new__  # a named tuple's own constructor takes three times as long
_quoted = lru_cache(maxsize=1024)(quoted)


class Target(NamedTuple):
    """A request target: as sent, its path, its JSON members, its query as JSON."""

    url: str
    path: str
    members: bytes
    query: bytes


def parse_target(raw: bytes) -> Target:
    """Any of the four forms of RFC 9112, 3.2; of an absolute URL the path is what follows the authority."""
    url = text(raw)
    before, _, query = url.partition("?")
    path, path_members = PATHS[before]
    shown = quoted(url)
    members = b'"url":%b,"targetUri":%b,%b' % (shown, shown, path_members)
    shown = compact(query_string(query.partition("#")[0])) if query else b"{}"
    return _new(Target, (url, path, members, shown))


def _path(before: str) -> tuple[str, bytes]:
    """The path of a target without its query, and its members."""
    path = before
    if "://" in path and not path.startswith("/"):
        path = "/" + path.partition("://")[2].partition("/")[2]
    segments = path.split("/")
    if path.startswith("/"):
        segments = segments[1:]
    return path, b'"path":%b,"pathSegments":%b' % (quoted(path), orjson.dumps(segments))


PATHS = Kept(_path, 4096, 512)  # many queries go to few paths
TARGETS = Kept(parse_target, 4096, 512)


def query_string(query: str) -> dict[str, str | list[str]]:
    """``a=1&b=2&b=3`` -> ``{"a": "1", "b": ["2", "3"]}``, percent-decoded."""
    found: dict[str, str | list[str]] = {}
    for part in query.split("&"):
        if not part:
            continue
        if "%" in part or "+" in part:
            name, _, value = (unquote_plus(one) for one in part.partition("="))
        else:
            name, _, value = part.partition("=")
        known = found.get(name)
        if known is None:
            found[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            found[name] = [known, value]
    return found


def request_opening(method: bytes, target: Target, version: bytes) -> bytes:
    """The member ``request`` up to its headers. ``method`` is safe in JSON; ``version`` is like ``HTTP/1.1``."""
    return b'{"method":"%b",%b,"httpVersion":"%b","headers":' % (method, target.members, version)


def request_parts(opening: bytes, query: bytes, head: Head, body: bytes, body_size: int) -> tuple[bytes, ...]:
    """The member ``request`` in parts, see `response_parts`.

    ``opening`` is from `request_opening`, ``query`` the target's. ``body`` is decoded; ``body_size`` counts what was on
    the wire.
    """
    back = b',"queryString":%b,"headersSize":-1,"bodySize":%d' % (query, body_size)
    parts = (opening, head.headers, b',"cookies":', head.cookies, back)
    if not body:
        return (*parts, b"}")
    return (*parts, b',"postData":', _post_data(body, head.fields.get("content-type", "")), b"}")


@lru_cache(maxsize=1024)
def response_opening(status: int, reason: str, version: bytes) -> bytes:
    """The member ``response`` up to its headers."""
    shown = quoted(STATUS_TEXTS.get(status, reason))
    return b'{"status":%d,"statusText":%b,"httpVersion":"%b","headers":' % (status, shown, version)


def response_parts(opening: bytes, status: int, head: Head, body: bytes, body_size: int) -> tuple[bytes, ...]:
    """The member ``response`` in parts, so that a large body is copied once.

    ``opening`` is from `response_opening`. The body is base64, without content coding.
    """
    fields = head.fields
    redirects = REDIRECTS <= status < CLIENT_ERRORS and "location" in fields
    content = b',"cookies":%b,"content":{"size":%d,"mimeType":%b,"encoding":"base64"' % (
        head.cookies,
        len(body),
        _quoted(fields.get("content-type", "")),
    )
    back = b'},"redirectURL":%b,"headersSize":-1,"bodySize":%d}' % (
        _quoted(fields["location"]) if redirects else b'""',
        body_size,
    )
    if not body:
        return opening, head.headers, content, back
    return opening, head.headers, content, b',"text":"', b64encode(body), b'"', back


def _post_data(body: bytes, content_type: str) -> bytes:
    mime = content_type.partition(";")[0].strip()
    parameters = form_parameters(body, content_type)
    document: dict[str, object] = {"mimeType": mime, "params": parameters or [], "text": ""}
    if parameters is None:
        readable = _readable(body)
        document["text"] = b64encode(body).decode() if readable is None else readable
        if readable is None:
            document["encoding"] = "base64"
    return orjson.dumps(document)


def _readable(body: bytes) -> str | None:
    if b"\0" in body:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
