"""Secrets kept elsewhere: an ``env`` value may say where it is to be found instead of what it is."""

from __future__ import annotations

import getpass
import os
import re
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import VendorError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REFERENCE = re.compile(r"\$\{(env|keyring|ask):([^}]+)\}")


def looked_up(env: Mapping[str, Any]) -> dict[str, Any]:
    """``env`` with references replaced; they must be whole values.

    ``${env:NAME}`` is an environment variable, ``${keyring:SERVICE/NAME}`` an entry of the system's keyring,
    ``${ask:PROMPT}`` is asked for without echo. Raises VendorError when there is no such secret.
    """
    return {name: _resolved(name, value) for name, value in env.items()}


def _resolved(name: str, value: Any) -> Any:
    reference = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return value
    found = SOURCES[reference[1]](reference[2])
    if found is None:
        raise VendorError(f"env.{name}: {value} holds nothing")
    return found


def _from_keyring(entry: str) -> str | None:
    try:
        import keyring
    except ImportError:
        raise VendorError("install the extra: pip install 'kubeshark-nb[keyring]'") from None
    service, _, name = entry.rpartition("/")
    return keyring.get_password(service, name)


SOURCES: Mapping[str, Callable[[str], str | None]] = {
    "env": os.environ.get,
    "keyring": _from_keyring,
    "ask": lambda prompt: getpass.getpass(f"{prompt}: "),
}
