"""What a MySQL server offers and a client wants (dev.mysql.com: PAGE_PROTOCOL_CONNECTION_PHASE)."""

from __future__ import annotations

from typing import NamedTuple

from kubeshark_nb.dissectors.mysql_answer import length_encoded

LOGIN_SIZE = 32
DATABASE, TLS, SECURE, LENGTH_ENCODED, NO_EOF, ATTRIBUTES = 0x8, 0x800, 0x8000, 0x200000, 0x1000000, 0x8000000
COMPRESS = 0x20 | 0x4000000  # zlib, Zstandard
ALL_FLAGS = 0xFFFFFFFF


class Login(NamedTuple):
    """Capability flags and names; ``tls``: it is only the wish to encrypt what follows."""

    flags: int
    tls: bool
    user: str = ""
    database: str = ""


def offered(greeting: bytes) -> int:
    """The capability flags of a server (handshake version 10)."""
    at = greeting.find(b"\0", 1) + 14  # behind the version: a thread, half of a nonce, a filler
    low, high = greeting[at : at + 2], greeting[at + 5 : at + 7]
    return int.from_bytes(low + high, "little")


def parse_login(payload: bytes) -> Login:
    """A client's answer to the greeting, of at least `LOGIN_SIZE` bytes."""
    flags = int.from_bytes(payload[:4], "little")
    if flags & TLS and len(payload) == LOGIN_SIZE:
        return Login(flags, tls=True)
    user, _, rest = payload[LOGIN_SIZE:].partition(b"\0")
    if flags & LENGTH_ENCODED:
        size, at = length_encoded(rest, 0)
    elif flags & SECURE:
        size, at = (rest or b"\0")[0], 1
    else:
        size, at = rest.find(b"\0") + 1, 0
    database = rest[at + size :].partition(b"\0")[0] if flags & DATABASE else b""
    return Login(flags, tls=False, user=text(user), database=text(database))


def text(data: bytes) -> str:
    """Names and statements as they are shown."""
    return data.decode("utf-8", "backslashreplace")
