"""JA3 and JA3S (Salesforce), JA4 (FoxIO, TLS client): what a hello says about the program that sent it."""

from __future__ import annotations

from hashlib import md5, sha256
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.tls_hello import ALPN, CLIENT_HELLO, SERVER_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubeshark_nb.dissectors.tls_hello import Hello

# JA4: the version in two characters
VERSIONS = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}
GREASE = 0x0A0A
NOTHING = "000000000000"
MOST = 99


def is_grease(number: int) -> bool:
    """Whether a value only keeps servers tolerant (RFC 8701)."""
    return number & 0x0F0F == GREASE and number >> 8 == number & 0xFF


def ja3(hello: Hello) -> str:
    """JA3 of a ClientHello, JA3S of a ServerHello: the MD5 of its numbers in decimal."""
    types = [kind for kind, _ in hello.extensions]
    parts = [hello.suites, types]
    if hello.kind == CLIENT_HELLO:
        parts += [hello.groups, hello.points]
    text = ",".join([str(hello.version), *("-".join(map(str, _meant(part))) for part in parts)])
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def ja4(hello: Hello) -> str:
    """JA4 of a ClientHello over TCP."""
    suites, types = _meant(hello.suites), _meant(kind for kind, _ in hello.extensions)
    start = "t{}{}{:02d}{:02d}{}".format(
        VERSIONS.get(max(_meant(hello.versions), default=hello.version), "00"),
        "d" if SERVER_NAME in types else "i",
        min(len(suites), MOST),
        min(len(types), MOST),
        _ends(hello.raw_protocols),
    )
    sorted_types = ",".join(sorted(f"{kind:04x}" for kind in types if kind not in (SERVER_NAME, ALPN)))
    signatures = ",".join(f"{number:04x}" for number in _meant(hello.signatures))
    behind = f"{sorted_types}_{signatures}" if signatures else sorted_types
    return f"{start}_{_short(','.join(sorted(f'{suite:04x}' for suite in suites)))}_{_short(behind if types else '')}"


def _meant(numbers: Iterable[int]) -> list[int]:
    return [number for number in numbers if not is_grease(number)]


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12] if text else NOTHING


def _ends(protocols: list[bytes]) -> str:
    """First and last character of the first protocol; of its hexadecimal form when one is not alphanumeric."""
    if not protocols or not protocols[0]:
        return "00"
    name = protocols[0]
    ends = name[:1] + name[-1:]
    shown = ends.decode("latin-1") if ends.isalnum() else name.hex()
    return shown[0] + shown[-1]
