"""What a security layer of SASL leaves readable of LDAP: messages that are signed but not sealed (RFC 4422, 3.7)."""

from __future__ import annotations

KERBEROS = b"\x05\x04"  # a wrap token (RFC 4121, 4.2.6.2): identifier, flags, filler, extra count, rotation, sequence
NTLM = b"\x01\0\0\0"  # a signature (MS-NLMP, 2.2.2.9): version, checksum, sequence
HEAD = 16
SEALED = 0x02
SEQUENCE = 0x30


def unwrapped(token: bytes) -> bytes | None:
    """The LDAP messages inside one SASL buffer (without its length), ``None`` when they are encrypted."""
    if token.startswith(KERBEROS) and len(token) > HEAD:
        return None if token[2] & SEALED else _unrotated(token)
    if token.startswith(NTLM) and token[HEAD : HEAD + 1] == bytes([SEQUENCE]):
        return token[HEAD:]
    return None


def _unrotated(token: bytes) -> bytes:
    """The message in front of its checksum; ``rotation`` bytes of the end were moved to the front."""
    extra, rotation = int.from_bytes(token[4:6], "big"), int.from_bytes(token[6:8], "big")
    body = token[HEAD:]
    at = rotation % len(body)
    body = body[at:] + body[:at]
    return body[: len(body) - extra]
