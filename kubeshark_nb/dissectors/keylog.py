"""TLS secrets by client random, in NSS key log format: what ``SSLKEYLOGFILE`` and pcapng secrets blocks hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubeshark_nb.errors import CaptureError
from kubeshark_nb.named import user_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LINE = re.compile(r"([A-Z0-9_]+)[ \t]+([0-9a-fA-F]{64})[ \t]+((?:[0-9a-fA-F]{32}){2,4})[ \t]*\r?", re.ASCII)
MAX_SECRETS = 1_000_000
READ = 16 << 20  # bytes of a growing file read at a time


class KeyLog:
    """Secrets, as they become known.

    Args:
        path: a file that the programs write (``SSLKEYLOGFILE``); what they add later is read when a secret is missed.

    Raises:
        CaptureError: the file cannot be read.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._secrets: dict[tuple[str, bytes], bytes] = {}
        self._path = None if path is None else user_path(path)
        self._at = 0
        self._rest = ""
        if self._path is not None:
            try:
                self._read_on()
            except OSError as error:
                raise CaptureError(f"the key log cannot be read: {error.strerror}", file=str(path)) from error

    def __bool__(self) -> bool:
        return bool(self._secrets) or self._path is not None

    def feed(self, texts: Iterable[str]) -> None:
        """Whole lines from elsewhere (the secrets blocks of a pcapng file)."""
        for text in texts:
            self._enter(text)

    def secret(self, label: str, client_random: bytes) -> bytes | None:
        """The secret called ``label`` (``CLIENT_RANDOM``, ``CLIENT_TRAFFIC_SECRET_0`` ...) of a connection."""
        found = self._secrets.get((label, client_random))
        if found is None and self._path is not None:
            try:
                self._read_on()
            except OSError:
                return None  # moved away meanwhile
            found = self._secrets.get((label, client_random))
        return found

    def _read_on(self) -> None:
        assert self._path is not None
        if self._path.stat().st_size <= self._at:
            return
        with self._path.open("rb") as file:
            file.seek(self._at)
            while data := file.read(READ):
                self._at += len(data)
                text = self._rest + data.decode("ascii", "replace")
                whole, newline, self._rest = text.rpartition("\n")
                self._enter(whole + newline)
        if self._rest and LINE.fullmatch(self._rest):
            self._enter(self._rest)  # a last line without its end, perhaps still being written

    def _enter(self, text: str) -> None:
        for line in text.split("\n"):
            found = LINE.fullmatch(line)
            if found is not None and len(self._secrets) < MAX_SECRETS:
                self._secrets[found[1], bytes.fromhex(found[2])] = bytes.fromhex(found[3])
