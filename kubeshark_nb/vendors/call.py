"""What every helper call is to the desk: data, a target to show, an answer when it is not sent, and a way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import Field, field, fields
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from kubeshark_nb.vendors.context import Surroundings

HIDDEN = "•••"
NOTHING = ("", "undefined", "null")
SHORTEST_SECRET = 4


def secret() -> Any:
    """A dataclass field that holds a credential: shown as ``•••`` everywhere."""
    return field(default="", metadata={"secret": True})


def given(value: object) -> bool:
    """False for what a script passes when it has nothing: absent, empty, or the text of ``undefined`` and ``null``."""
    return value is not None and value not in NOTHING


def host(url: str) -> str:
    """Scheme, host and port of ``url``: never its path, query or password, which may be secrets."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        return HIDDEN
    if not name:
        return HIDDEN if given(url) else ""
    shown = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}"


class Call:
    """One call of one helper. Subclasses are frozen dataclasses, one or two per service file.

    Attributes:
        helper: the name scripts use, for example ``vendor.slack``.
        service: the name ``%kubeshark_vendor`` uses, for example ``slack``.
        required: fields without which nothing can be sent; missing ones are noted when recorded and an error when live.
        clears: whether it deletes what others may need (``--allow-clear``).
        files: whether it reads files, which a script may delete right after the call.
        waits: whether the script may use the answer, so that the call cannot be left to a queue.
    """

    helper: ClassVar[str]
    service: ClassVar[str]
    required: ClassVar[tuple[str, ...]] = ()
    clears: ClassVar[bool] = False
    waits: ClassVar[bool] = True

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def target(self) -> str:
        """Where it goes, fit to be shown."""
        raise NotImplementedError

    def check(self, here: Surroundings) -> None:
        """Raise VendorError for what could never be sent, whatever the credentials."""

    def answer(self, here: Surroundings) -> Any:
        """What a script gets when the call is not sent: plausible, and the same in every replay."""

    def send(self, here: Surroundings) -> Any:
        """Send it. May raise anything: the one error path (``failure.py``) puts it into words."""
        raise NotImplementedError

    @property
    def queueable(self) -> bool:
        """Whether a hook need not wait for it."""
        return not self.waits

    def missing(self) -> list[str]:
        """The required fields that hold nothing."""
        return [name for name in self.required if not given(getattr(self, name))]

    def secrets(self) -> list[str]:
        """The credentials in it, longer than anything harmless."""
        values = (getattr(self, f.name) for f in fields(self) if f.metadata.get("secret"))
        return [value for value in values if given(value) and len(value) >= SHORTEST_SECRET]

    def preview(self) -> dict[str, Any]:
        """Its fields by name, credentials hidden, empty ones left out."""
        return {f.name: self._shown(f) for f in fields(self) if getattr(self, f.name)}

    def _shown(self, f: Field[Any]) -> Any:
        return HIDDEN if f.metadata.get("secret") else getattr(self, f.name)

    def texts(self) -> Iterator[str]:
        """Every text a script passed, nested ones too: a server's reply may echo any of them."""
        waiting: list[Any] = [getattr(self, f.name) for f in fields(self)]
        while waiting:
            value = waiting.pop()
            if isinstance(value, str):
                yield value
            elif isinstance(value, Mapping):
                waiting.extend(value.values())
            elif isinstance(value, list | tuple):
                waiting.extend(value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # a traceback with local variables shows no argument
