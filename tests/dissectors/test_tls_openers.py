"""Protection before AEAD, which today's programs hardly agree on any more: sealed here, opened by ours."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from kubeshark_nb.dissectors.tls_keys import expand_label, key_block
from kubeshark_nb.dissectors.tls_openers import Opened, Terms, openers_before_13
from kubeshark_nb.dissectors.tls_records import Record
from kubeshark_nb.dissectors.tls_suites import SUITES

MASTER, RANDOMS = bytes(range(48)), bytes(range(64))
RC4_SHA, DES_SHA, AES_SHA, AES_SHA256 = 0x0005, 0x000A, 0x002F, 0x003C
SAID = [b"GET / HTTP/1.1", b"", b"x" * 100]
BLOCKS = {"AES": 16, "3DES": 8, "RC4": 0}


class Sealer:
    """One side, as RFC 2246 and RFC 5246, 6.2.3 have it."""

    def __init__(self, terms: Terms, side: int) -> None:
        suite, self.version, self.outside = terms
        self.digest, self.block = suite.digest, BLOCKS[suite.cipher]
        mac = hashlib.new(suite.digest).digest_size
        fixed = self.block if self.version == 0x0301 else 0
        name = suite.prf if self.version == 0x0303 else ""
        material = key_block(name, MASTER, RANDOMS, 2 * (mac + suite.key + fixed))
        self.mac = material[side * mac :][:mac]
        key = material[2 * mac + side * suite.key :][: suite.key]
        self.chain = material[2 * (mac + suite.key) + side * fixed :][:fixed]
        self.stream = Cipher(ARC4(key), None).encryptor() if suite.cipher == "RC4" else None
        self.cipher = {"AES": AES, "3DES": TripleDES}.get(suite.cipher, ARC4)(key)

    def seal(self, number: int, plain: bytes) -> Record:
        inner = plain if self.outside else plain + self.tag(number, plain)
        fragment = self.stream.update(inner) if self.stream else self.blocks(number, inner)
        fragment += self.tag(number, fragment) if self.outside else b""
        return Record(23, b"\x17" + self.version.to_bytes(2, "big") + len(fragment).to_bytes(2, "big"), fragment, 0)

    def tag(self, number: int, content: bytes) -> bytes:
        about = number.to_bytes(8, "big") + b"\x17" + self.version.to_bytes(2, "big") + len(content).to_bytes(2, "big")
        return hmac.digest(self.mac, about + content, self.digest)

    def blocks(self, number: int, inner: bytes) -> bytes:
        pad = self.block - len(inner) % self.block
        start = self.chain or bytes([number + 1]) * self.block
        encryptor = Cipher(self.cipher, modes.CBC(start)).encryptor()
        secret = encryptor.update(inner + bytes([pad - 1]) * pad) + encryptor.finalize()
        if not self.chain:
            return start + secret
        self.chain = secret[-self.block :]
        return secret


AGREED = [
    Terms(SUITES[suite], version, outside)
    for suite in (RC4_SHA, DES_SHA, AES_SHA, AES_SHA256)
    for version in (0x0301, 0x0302, 0x0303)
    for outside in ((False,) if suite == RC4_SHA else (False, True))
]


def shown(terms: Terms) -> str:
    return f"{terms.suite.name}-{terms.version:x}-{terms.outside}"


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("terms", AGREED, ids=shown)
def test_opens_what_was_sealed(terms, side):
    sealer, opener = Sealer(terms, side), openers_before_13(MASTER, terms, RANDOMS)[side]
    opened = [opener.open(sealer.seal(number, plain), number) for number, plain in enumerate(SAID)]
    assert opened == [Opened(23, plain) for plain in SAID]


@pytest.mark.parametrize("terms", AGREED, ids=shown)
def test_does_not_open_what_does_not_fit(terms):
    record = Sealer(terms, 0).seal(0, SAID[2])
    assert openers_before_13(MASTER, terms, RANDOMS)[0].open(record, 7) is None
    whole = record.fragment
    for wrong in (b"", b"x", whole[:-1], bytes(len(whole)), whole[:16], whole[:-16]):
        assert openers_before_13(MASTER, terms, RANDOMS)[0].open(record._replace(fragment=wrong), 0) is None


def test_key_schedule_of_13():
    """RFC 8448, 3: the client's handshake keys."""
    secret = bytes.fromhex("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21")
    assert expand_label("sha256", secret, b"key", 16).hex() == "dbfaa693d1762c5b666af5d950258d01"
    assert expand_label("sha256", secret, b"iv", 12).hex() == "5bd3c71b836e0b76bb73265f"
