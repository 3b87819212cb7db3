"""Taking the protection off records: one small class for each way of protecting them."""

from __future__ import annotations

import hashlib
from hmac import digest as hmac
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kubeshark_nb.dissectors.tls_keys import expand_label, key_block
from kubeshark_nb.dissectors.tls_records import ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, CipherContext
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

    from kubeshark_nb.dissectors.tls_records import Record
    from kubeshark_nb.dissectors.tls_suites import Suite

    Aead = AESGCM | AESCCM | ChaCha20Poly1305

TLS11, TLS12 = 0x0302, 0x0303
NONCE = 12
EXPLICIT = 8  # bytes of nonce that stand in a record of TLS 1.2


class Opened(NamedTuple):
    """What was in a record: its true kind and its plaintext."""

    kind: int
    plain: bytes


class Opener(Protocol):
    """The keys of one side for some time."""

    def open(self, record: Record, number: int) -> Opened | None:
        """The content of the record with this sequence number; ``None`` when the keys or the number do not fit."""


class Tls13Opener:
    """TLS 1.3 (RFC 8446, 5.2)."""

    def __init__(self, suite: Suite, secret: bytes) -> None:
        self._aead = _aead(suite, expand_label(suite.prf, secret, b"key", suite.key))
        self._nonce = int.from_bytes(expand_label(suite.prf, secret, b"iv", NONCE), "big")

    def open(self, record: Record, number: int) -> Opened | None:
        """The content of a record; alerts and change-cipher-specs may also come unprotected."""
        if record.kind != APPLICATION_DATA:
            return Opened(record.kind, record.fragment) if record.kind in (CHANGE_CIPHER_SPEC, ALERT) else None
        nonce = (self._nonce ^ number).to_bytes(NONCE, "big")
        inner = _opened(self._aead, nonce, record.fragment, record.header)
        inner = None if inner is None else inner.rstrip(b"\0")
        return Opened(inner[-1], inner[:-1]) if inner else None


class Tls12Opener:
    """AEAD suites of TLS 1.2 (RFC 5288, RFC 6655, RFC 7905)."""

    def __init__(self, suite: Suite, key: bytes, nonce: bytes) -> None:
        self._aead = _aead(suite, key)
        self._tag = 8 if suite.mode == "CCM_8" else 16
        self._nonce = nonce

    def open(self, record: Record, number: int) -> Opened | None:
        """The content of a record."""
        fragment = record.fragment
        explicit = NONCE - len(self._nonce)
        if explicit:
            nonce, fragment = self._nonce + fragment[:explicit], fragment[explicit:]
        else:
            nonce = (int.from_bytes(self._nonce, "big") ^ number).to_bytes(NONCE, "big")
        length = len(fragment) - self._tag
        if length < 0 or len(nonce) != NONCE:
            return None
        about = number.to_bytes(8, "big") + record.header[:3] + length.to_bytes(2, "big")
        plain = _opened(self._aead, nonce, fragment, about)
        return None if plain is None else Opened(record.kind, plain)


class CbcOpener:
    """Block ciphers with a MAC: the MAC inside, or outside where both agreed (RFC 7366)."""

    def __init__(self, cipher: BlockCipherAlgorithm, mac: Mac, chain: bytes | None, *, outside: bool) -> None:
        self._cipher = cipher
        self._block = cipher.block_size // 8
        self._mac = mac
        self._chain = chain  # of TLS 1.0, where a record goes on where the last one ended
        self._outside = outside

    def open(self, record: Record, number: int) -> Opened | None:
        """The content of a record."""
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        fragment, tag = record.fragment, b""
        if self._outside:
            fragment, tag = fragment[: -self._mac.size], fragment[-self._mac.size :]
        if len(fragment) % self._block or len(fragment) < self._block:
            return None
        start = fragment[: self._block] if self._chain is None else self._chain
        sealed = fragment[self._block :] if self._chain is None else fragment
        decryptor = Cipher(self._cipher, modes.CBC(start)).decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        if not padded or padded[-1] >= len(padded):
            return None
        plain = padded[: -padded[-1] - 1]
        if not self._outside:
            plain, tag = plain[: -self._mac.size], plain[-self._mac.size :]
        if not self._mac.fits(record, number, fragment if self._outside else plain, tag):
            return None
        if self._chain is not None:
            self._chain = fragment[-self._block :]
        return Opened(record.kind, plain)


class StreamOpener:
    """RC4: every byte depends on how many came before."""

    def __init__(self, context: CipherContext, mac: Mac) -> None:
        self._context = context
        self._mac = mac

    def open(self, record: Record, number: int) -> Opened | None:
        """The content of a record."""
        content = self._context.update(record.fragment)
        plain, tag = content[: -self._mac.size], content[-self._mac.size :]
        return Opened(record.kind, plain) if self._mac.fits(record, number, plain, tag) else None


class Mac:
    """The HMAC of records before AEAD."""

    def __init__(self, name: str, key: bytes) -> None:
        self.size = hashlib.new(name, usedforsecurity=False).digest_size
        self._name = name
        self._key = key

    def fits(self, record: Record, number: int, content: bytes, tag: bytes) -> bool:
        """Whether ``tag`` belongs to ``content``."""
        about = number.to_bytes(8, "big") + record.header[:3] + len(content).to_bytes(2, "big")
        return hmac(self._key, about + content, self._name) == tag


class Terms(NamedTuple):
    """What both sides agreed on before TLS 1.3. ``outside``: encrypt, then MAC."""

    suite: Suite
    version: int
    outside: bool


def openers_before_13(master: bytes, terms: Terms, randoms: bytes) -> tuple[Opener, Opener]:
    """Those of client and server; ``randoms`` is server random, client random."""
    suite, version, _ = terms
    mac, fixed = _sizes(suite, version)
    block = key_block(suite.prf if version >= TLS12 else "", master, randoms, 2 * (mac + suite.key + fixed))
    pieces = _cut(block, [mac, mac, suite.key, suite.key, fixed, fixed])
    return _opener(terms, *pieces[0::2]), _opener(terms, *pieces[1::2])


def _opener(terms: Terms, mac: bytes, key: bytes, fixed: bytes) -> Opener:
    suite = terms.suite
    if suite.mode not in ("CBC", ""):
        return Tls12Opener(suite, key, fixed)
    seal = Mac(suite.digest, mac)
    if suite.cipher == "RC4":
        from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
        from cryptography.hazmat.primitives.ciphers import Cipher

        return StreamOpener(Cipher(ARC4(key), None).decryptor(), seal)
    chain = fixed if terms.version < TLS11 else None
    return CbcOpener(_block_cipher(suite, key), seal, chain, outside=terms.outside)


def _block_cipher(suite: Suite, key: bytes) -> BlockCipherAlgorithm:
    if suite.cipher == "3DES":
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

        return TripleDES(key)
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    return AES(key)


def _sizes(suite: Suite, version: int) -> tuple[int, int]:
    """Bytes of a MAC key, and of the nonce or start that is not in the records."""
    if suite.mode == "POLY1305":
        return 0, NONCE
    if suite.mode not in ("CBC", ""):
        return 0, NONCE - EXPLICIT
    block = {"3DES": 8, "AES": 16}.get(suite.cipher, 0)
    return hashlib.new(suite.digest, usedforsecurity=False).digest_size, block if version < TLS11 else 0


def _cut(block: bytes, sizes: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(block[at : at + size])
        at += size
    return pieces


def _gcm(key: bytes) -> Aead:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _ccm(size: int) -> Callable[[bytes], Aead]:
    def made(key: bytes) -> Aead:
        from cryptography.hazmat.primitives.ciphers.aead import AESCCM

        return AESCCM(key, size)

    return made


def _chacha(key: bytes) -> Aead:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(key)


AEADS: dict[str, Callable[[bytes], Aead]] = {"GCM": _gcm, "CCM": _ccm(16), "CCM_8": _ccm(8), "POLY1305": _chacha}


def _aead(suite: Suite, key: bytes) -> Aead:
    return AEADS[suite.mode](key)


def _opened(aead: Aead, nonce: bytes, sealed: bytes, about: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag

    try:
        return aead.decrypt(nonce, sealed, about)
    except (InvalidTag, ValueError):
        return None
