"""The one error path: whatever a client library raises becomes a VendorError of service and cause, without a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import replies
from kubeshark_nb.vendors.call import HIDDEN, Call, given
from kubeshark_nb.vendors.secrets import SECRET_TEXT, SHORTEST_PLAIN, Secrets, forms

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 300
LONGEST_SAID = 8000
LONGEST_PAUSE = 60.0
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\s]+")
TOKEN = re.compile(rf"(?:{SECRET_TEXT.pattern}|\b(?:bearer|basic|apikey)[ =:]+)\S*", re.IGNORECASE)
WORTH_WAITING = frozenset({401, 403, 407, 408, 425, 429})
FIRST_ERROR, FIRST_SERVER_ERROR = 400, 500
REFUSED = {"SlackApiError": "it refused the call", "RefreshError": "it refused the service account's key"}

CAUSES = (
    (("SSLCertVerificationError", "CertificateError"), "its TLS certificate is not trusted"),
    (("SSLError", "TlsError"), "no trusted TLS connection with it comes about"),
    (("gaierror", "NameResolutionError"), "its name cannot be resolved"),
    (("ConnectionRefusedError",), "it is unreachable: connection refused"),
    (("ConnectTimeout", "ConnectTimeoutError"), "it is unreachable: no connection in time"),
    (
        ("TimeoutError", "Timeout", "ReadTimeoutError", "TimeoutException", "ConnectionTimeout"),
        "it gave no answer in time",
    ),
    (
        ("ConnectionResetError", "BrokenPipeError", "RemoteDisconnected", "IncompleteRead"),
        "it broke the connection off",
    ),
    (("BadStatusLine", "HTTPException", "RemoteProtocolError", "LocalProtocolError"), "its reply is not HTTP"),
    (("EndpointConnectionError", "NewConnectionError", "ConnectionError", "ConnectError"), "it is unreachable"),
    (("NoCredentialsError", "PartialCredentialsError"), "no credentials were given and none are configured"),
    (("ImportError",), "its client library is not installed"),
)
"""Names of exception classes (of any library), first match wins, and what they mean."""


class ServiceError(VendorError):
    """A failed call.

    Attributes:
        target_ails: the server, not this one call, is to blame: it counts for the circuit breaker.
        pause_s: seconds the server asked to be left alone (Retry-After), 0 when it did not.
    """

    def __init__(self, message: str, *, target_ails: bool = False, pause_s: float = 0.0) -> None:
        super().__init__(message)
        self.target_ails = target_ails
        self.pause_s = pause_s


class Refused(Exception):  # noqa: N818 - a reply, not an error of ours; it becomes a ServiceError
    """A reply of a server we speak HTTP to ourselves, with a status from 400."""

    def __init__(self, status: int, body: str, headers: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


class Misunderstood(Exception):  # noqa: N818 - as above
    """A reply with a good status that is not what this service answers."""


def attempt(call: Call, send: Callable[[], Any], secrets: Secrets) -> Any:
    """``send()``, or a ServiceError, raised outside the handler: no chained exception, no frame that holds a secret."""
    try:
        return send()
    except Exception as error:  # noqa: BLE001 - client libraries raise anything when a reply is garbage
        failure = in_words(call, error, secrets)
    raise failure


def in_words(call: Call, error: Exception, secrets: Secrets) -> ServiceError:
    """What went wrong: ``service: cause: the server's words``, scrubbed of everything the script passed."""
    if isinstance(error, ServiceError):
        return error
    family = list(replies.family(error))
    if isinstance(error, VendorError):  # our own words: they hold nothing but a file's name
        return ServiceError(f"{call.service}: {_one_line(secrets.scrub(str(error)))}")
    status = next((found for e in family if (found := replies.status(e))), 0)
    refused = status >= FIRST_ERROR or type(error).__name__ in REFUSED
    ails = not refused or status in WORTH_WAITING or status >= FIRST_SERVER_ERROR
    pause = min(replies.retry_after(family), LONGEST_PAUSE) if ails else 0.0
    cause = f"it answered HTTP {status}" if status >= FIRST_ERROR else _cause(family)
    asked = f", and asks to wait {pause:g} s" if pause else ""
    said = _clean(replies.said(error), call, secrets) if refused else ""
    return ServiceError(
        f"{call.service}: {cause}{asked}{said and f': {said}'}",
        target_ails=ails,
        pause_s=pause,
    )


def _cause(family: list[BaseException]) -> str:
    """The words of the first known cause; an unknown one is a garbled reply."""
    if refusal := REFUSED.get(type(family[0]).__name__):
        return refusal
    names = {parent.__name__ for e in family for parent in type(e).__mro__}
    garbled = f"its reply is not understood ({type(family[0]).__name__})"
    return next((words for known, words in CAUSES if names.intersection(known)), garbled)


def _clean(text: str, call: Call, secrets: Secrets) -> str:
    """One line, at most 300 characters, without secrets and without anything the script passed."""
    text = TOKEN.sub(HIDDEN, secrets.scrub(text[:LONGEST_SAID]))
    passed = {value for value in call.texts() if given(value) and SHORTEST_PLAIN <= len(value) <= len(text)}
    for value in sorted(passed.union(call.secrets()), key=len, reverse=True):
        for form in forms(value):
            text = text.replace(form, HIDDEN)
    return _one_line(text)


def _one_line(text: str) -> str:
    line = CONTROL.sub(" ", text).strip()
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
