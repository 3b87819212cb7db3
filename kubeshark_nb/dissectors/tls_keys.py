"""Key schedules: secrets of a key log -> the keys of records (RFC 8446, 7; RFC 5246, 6.3; RFC 2246, 5)."""

from __future__ import annotations

from hmac import digest as hmac

LABEL = b"tls13 "


def expand_label(name: str, secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label without context, with the hash ``name``."""
    full = LABEL + label
    info = length.to_bytes(2, "big") + bytes([len(full)]) + full + b"\0"
    block, out, number = b"", b"", 1
    while len(out) < length:
        block = hmac(secret, block + info + bytes([number]), name)
        out += block
        number += 1
    return out[:length]


def next_secret(name: str, secret: bytes) -> bytes:
    """The traffic secret after a KeyUpdate (RFC 8446, 7.2)."""
    return expand_label(name, secret, b"traffic upd", len(secret))


def key_block(name: str, master: bytes, randoms: bytes, length: int) -> bytes:
    """Key material of TLS 1.0 to 1.2; ``randoms`` is server random, client random.

    ``name`` is the PRF's hash; ``""`` before TLS 1.2, where MD5 and SHA-1 share the work.
    """
    seed = b"key expansion" + randoms
    if name:
        return _expand(name, master, seed, length)
    half = (len(master) + 1) // 2
    first, second = _expand("md5", master[:half], seed, length), _expand("sha1", master[-half:], seed, length)
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def _expand(name: str, secret: bytes, seed: bytes, length: int) -> bytes:
    """P_hash."""
    out, block = b"", seed
    while len(out) < length:
        block = hmac(secret, block, name)
        out += hmac(secret, block + seed, name)
    return out[:length]
