"""ClientHello and ServerHello (RFC 8446, 4.1; RFC 5246, 7.4.1), read as far as they go."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

CLIENT_HELLO, SERVER_HELLO = 1, 2
SERVER_NAME, STATUS_REQUEST, GROUPS, POINTS, SIGNATURES, ALPN = 0, 5, 10, 11, 13, 16
ENCRYPT_THEN_MAC, EARLY_DATA, VERSIONS = 22, 42, 43
TLS13 = 0x0304
DRAFT = 0x7F00  # 0x7f12: draft 18 of TLS 1.3
# RFC 8446, 4.1.3: the random of a ServerHello that asks for another ClientHello
RETRY = bytes.fromhex("CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C")
FIXED = 34  # version and random


class Malformed(Exception):  # noqa: N818 - not an error to the user: counted
    """Too short to be a hello."""


@dataclass
class Hello:
    """A hello. Numbers as in IANA's TLS Parameters; ``extensions`` in order, as (type, content)."""

    kind: int
    length: int
    version: int  # as the message says; what is spoken is `spoken`
    random: bytes
    session: bytes
    suites: list[int]
    compressions: list[int]
    extensions: list[tuple[int, bytes]] = field(default_factory=list)

    @cached_property
    def contents(self) -> dict[int, bytes]:
        """Contents of the extensions by type."""
        return dict(self.extensions)

    @property
    def is_retry(self) -> bool:
        """Whether this is a HelloRetryRequest."""
        return self.kind == SERVER_HELLO and self.random == RETRY

    @property
    def server_name(self) -> str:
        """The host name asked for (RFC 6066, 3)."""
        content = self.contents.get(SERVER_NAME, b"")
        size = int.from_bytes(content[3:5], "big")
        return content[5 : 5 + size].decode("latin-1") if content[2:3] == b"\0" else ""

    @property
    def protocols(self) -> list[str]:
        """ALPN: the protocols offered, or the one chosen."""
        return [name.decode("latin-1") for name in self.raw_protocols]

    @property
    def raw_protocols(self) -> list[bytes]:
        """ALPN as bytes."""
        content, names = self.contents.get(ALPN, b"")[2:], []
        while content and content[0]:
            names.append(content[1 : 1 + content[0]])
            content = content[1 + content[0] :]
        return names

    @property
    def versions(self) -> list[int]:
        """``supported_versions``: offered, or the one chosen; empty before TLS 1.3."""
        content = self.contents.get(VERSIONS, b"")
        return _numbers(content[1:] if self.kind == CLIENT_HELLO else content)

    @property
    def spoken(self) -> int:
        """The version chosen by a ServerHello; the highest that a ClientHello offers."""
        if self.kind == SERVER_HELLO:
            return self.versions[0] if self.versions else self.version
        return max((version for version in self.versions if version >> 8 in (3, DRAFT >> 8)), default=self.version)

    @property
    def speaks_13(self) -> bool:
        """Whether a ServerHello chose TLS 1.3, or a draft of it."""
        return self.spoken >= TLS13

    @property
    def groups(self) -> list[int]:
        """``supported_groups``."""
        return _numbers(self.contents.get(GROUPS, b"")[2:])

    @property
    def points(self) -> list[int]:
        """``ec_point_formats``."""
        return list(self.contents.get(POINTS, b"")[1:])

    @property
    def signatures(self) -> list[int]:
        """``signature_algorithms``."""
        return _numbers(self.contents.get(SIGNATURES, b"")[2:])


def parse_hello(kind: int, body: bytes) -> Hello:
    """The body of a handshake message of type ``kind``.

    Raises:
        Malformed: it ends before its cipher suites.
    """
    if len(body) < FIXED + 1:
        raise Malformed
    version = body[0] << 8 | body[1]
    if kind == SERVER_HELLO and version >> 8 == DRAFT >> 8 and version & 0xFF < 22:  # noqa: PLR2004 - early drafts
        session, at = b"", FIXED  # which left the session and the compression out
    else:
        session, at = _short(body, FIXED)
    if kind == CLIENT_HELLO:
        size = int.from_bytes(body[at : at + 2], "big")
        suites, at = _numbers(body[at + 2 : at + 2 + size]), at + 2 + size
        compressions, at = _short(body, at)
    else:
        suites, at = _numbers(body[at : at + 2]), at + 2
        compressions, at = (body[at : at + 1], at + 1) if version >> 8 != DRAFT >> 8 else (b"", at)
    if not suites:
        raise Malformed
    hello = Hello(kind, len(body), version, body[2:FIXED], session, suites, list(compressions))
    hello.extensions = _extensions(body[at + 2 : at + 2 + int.from_bytes(body[at : at + 2], "big")])
    return hello


def _short(body: bytes, at: int) -> tuple[bytes, int]:
    """A field with one byte of length."""
    size = body[at] if at < len(body) else 0
    return body[at + 1 : at + 1 + size], at + 1 + size


def _numbers(content: bytes) -> list[int]:
    return [content[at] << 8 | content[at + 1] for at in range(0, len(content) - 1, 2)]


def _extensions(content: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at + 4 <= len(content):
        kind, size = content[at] << 8 | content[at + 1], content[at + 2] << 8 | content[at + 3]
        found.append((kind, content[at + 4 : at + 4 + size]))
        at += 4 + size
    return found
