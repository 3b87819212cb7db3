"""What must never be shown: values of ``env``, tokens, webhook URLs. One object knows them, and shows ``•••``."""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from kubeshark_nb.vendors.call import HIDDEN, SHORTEST_SECRET

LEARNED = 1024
SHORTEST_PLAIN = 6
SECRET_NAME = re.compile(
    r"TOKEN|KEY|SECRET|PASS|PWD|WEBHOOK|AUTH|CRED|SAS\b|CONNECTION|DSN|COOKIE|SESSION", re.IGNORECASE
)
PLAIN_NAME = re.compile(
    r"REGION|BUCKET|ORG|CHANNEL|INDEX|NAMESPACE|CLUSTER|NODE|HOST|PORT|URL|URI|ENDPOINT|DATABASE|TABLE|STREAM|TOPIC"
    r"|CONTAINER|MEASUREMENT|MODEL|MODE|LEVEL|DEBUG|VERBOSE|ACTIVE|PATH|DIR|FILE|KFL|QUERY|FILTER|LIMIT|INTERVAL|CRON"
    r"|TIME|MAX|MIN|COUNT|SIZE|VERSION|LANG|COLOR|PROJECT|ZONE|STAGE|ENV",
    re.IGNORECASE,
)
SECRET_TEXT = re.compile(
    r"xox[a-z]-\S|xapp-\S|\bA[KS]IA[0-9A-Z]{12,}|\bsk-\S{8,}|\bgh[pousr]_\w{16,}|\bglpat-\S{8,}|\bAIza\S{20,}"
    r"|\beyJ[\w-]{8,}\.|-----BEGIN|hooks\.slack\.com/|AccountKey=|SharedAccessSignature|[?&](?:\w*key|token|sig)=\S"
    r"|\b\w+://[^/\s:@]*:[^/\s@]+@",
    re.IGNORECASE,
)


class Secrets:
    """Known secrets. Values of ``env`` stay for good; of credentials seen in calls, at least the latest 1024.

    Picklable: a node's process gets a copy.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._fixed: set[str] = set()
        self._learned: dict[str, None] = {}
        self._forms: list[str] = []  # of all of them, shortest first; a pattern would be compiled anew for each
        self.add(*values)

    def add(self, *values: str) -> None:
        """Hide ``values`` for good; what is too short to be told from ordinary text is not."""
        for value in values:
            if value not in self._fixed and len(value) >= SHORTEST_SECRET:
                self._fixed.add(value)
                self._enter(value)

    def learn(self, values: Iterable[str]) -> None:
        """Hide credentials that a call carried; the oldest are forgotten, many at a time."""
        for value in values:
            if value not in self._fixed and value not in self._learned and len(value) >= SHORTEST_SECRET:
                self._learned[value] = None
                self._enter(value)
        if len(self._learned) > 2 * LEARNED:
            self._learned = dict.fromkeys(list(self._learned)[-LEARNED:])
            self._forms.clear()
            for value in (*self._fixed, *self._learned):
                self._enter(value)

    def add_env(self, env: Mapping[str, Any]) -> None:
        """Hide the values of ``env`` that may be secrets: all but numbers, flags and names of plain settings."""
        self.add(*(part for name, value in env.items() for part in _secret_parts(name, value)))

    def scrub(self, text: str) -> str:
        """``text`` with every known secret hidden, also where it is quoted, in JSON, in a URL or in base64."""
        known = self._forms
        for at in range(bisect_right(known, len(text), key=len) - 1, -1, -1):  # longest first: some hold others
            if known[at] in text:
                text = text.replace(known[at], HIDDEN)
        return text

    def scrub_document(self, value: Any) -> Any:
        """A copy of a JSON document with every text and name in it scrubbed."""
        if isinstance(value, str):
            return self.scrub(value)
        if isinstance(value, Mapping):
            return {self.scrub(str(name)): self.scrub_document(member) for name, member in value.items()}
        if isinstance(value, list | tuple):
            return [self.scrub_document(member) for member in value]
        return value

    def _enter(self, value: str) -> None:
        for form in forms(value):
            insort(self._forms, form, key=len)

    def __repr__(self) -> str:
        return f"Secrets({len(self._fixed) + len(self._learned)})"


def forms(value: str) -> set[str]:
    """The forms ``value`` travels in: as it is, in a URL, in JSON, in base64."""
    encoded = base64.b64encode(value.encode("utf-8", "surrogatepass")).decode().rstrip("=")
    in_json = (json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    return {
        value,
        value.strip() or value,
        quote(value, safe="", errors="replace"),
        quote_plus(value, errors="replace"),
        encoded,
        *in_json,
    }


def _secret_parts(name: str, value: Any) -> list[str]:
    """The texts to hide of one environment value; nested values count under their own names."""
    if isinstance(value, Mapping):
        return [part for inner, member in value.items() for part in _secret_parts(str(inner), member)]
    if isinstance(value, list | tuple):
        return [part for member in value for part in _secret_parts(name, member)]
    if not isinstance(value, str) or not is_secret(name, value):
        return []
    return [value, *_inside(value)]


def is_secret(name: str, value: str) -> bool:
    """Whether the value of the variable ``name`` should be hidden. In doubt it should."""
    if SECRET_TEXT.search(value):
        return True
    if SECRET_NAME.search(name):
        return len(value) >= SHORTEST_SECRET
    return not PLAIN_NAME.search(name) and len(value) >= SHORTEST_PLAIN


def _inside(value: str) -> list[str]:
    """Secrets inside a value: the password of a URL, the credentials of a JSON key file."""
    if value.lstrip().startswith("{"):
        try:
            document = json.loads(value)
        except ValueError:
            return []
        return _secret_parts("", document) if isinstance(document, dict) else []
    try:
        password = urlsplit(value).password
    except ValueError:
        return []
    return [password] if password else []
