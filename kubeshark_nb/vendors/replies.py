"""What a client library's exception tells of a server's reply: status, words, Retry-After. Each has its own places."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_CHAINED = 50
REQUEST = re.compile(r"[A-Z]+ https?://\S+: ")


def family(error: BaseException) -> Iterator[BaseException]:
    """``error`` and every exception inside it, wherever libraries keep them."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(seen) < MOST_CHAINED:
        e = waiting.pop(0)
        if not isinstance(e, BaseException) or any(e is other for other in seen):
            continue
        seen.append(e)
        yield e
        kept = (getattr(e, name, None) for name in ("__cause__", "__context__", "reason", "inner_exception"))
        several = (getattr(e, "errors", ()), e.args, dict(getattr(e, "kwargs", None) or {}).values())
        waiting += [*kept, *(inner for group in several if not callable(group) and group for inner in group)]


def status(error: BaseException) -> int:
    """The HTTP status an exception tells of, 0 when none; each library has its own place for it."""
    response = getattr(error, "response", None)
    metadata = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
    places = (
        metadata.get("HTTPStatusCode"),
        *(getattr(error, name, None) for name in ("status_code", "status", "code")),
        getattr(getattr(error, "meta", None), "status", None),
        getattr(response, "status_code", None),
    )
    return next((int(place) for place in places if isinstance(place, int)), 0)


def _headers(error: BaseException) -> Any:
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return response.get("ResponseMetadata", {}).get("HTTPHeaders")
    for owner in (error, response, getattr(error, "meta", None)):
        if headers := getattr(owner, "headers", None):
            return headers
    return None


def retry_after(errors: Iterable[BaseException]) -> float:
    """Seconds of the first Retry-After header that is given in seconds; 0 when there is none."""
    for error in errors:
        headers = _headers(error)
        if headers is None:
            continue
        for name in ("Retry-After", "retry-after"):
            value = str(headers.get(name) or "")
            if value.isdecimal():
                return float(value)
    return 0.0


def said(error: BaseException) -> str:
    """The server's own words, from wherever the library put them."""
    response = getattr(error, "response", None)
    if isinstance(response, dict) and "Error" in response:
        known = response["Error"]
        words = [word for name in ("Code", "Message") if (word := str(known.get(name) or "")) and not word.isdecimal()]
        return ": ".join(words)
    for owner, name in ((error, "body"), (response, "data"), (error, "message")):
        if reason := _reason(getattr(owner, name, None)):
            return reason
    return _reason(error.args[0]) if type(error).__name__ == "RefreshError" and error.args else ""


def _reason(document: Any) -> str:
    """The message in a reply: JSON (parsed or not) of the usual shapes, or plain text that is no web page."""
    if isinstance(document, bytes):
        document = document.decode("utf-8", "replace")
    if isinstance(document, str):
        return _reason_of_text(document)
    if isinstance(document, dict):
        members = (document.get(name) for name in ("message", "error", "reason", "type", "code"))
        return next((reason for member in members if (reason := _reason(member))), "")
    return ""


def _reason_of_text(text: str) -> str:
    text = REQUEST.sub("", text)
    if text.lstrip().startswith("{"):
        try:
            return _reason(json.loads(text))
        except (ValueError, RecursionError):
            return ""
    return "" if text.lstrip().startswith("<") or text == "None" else text
