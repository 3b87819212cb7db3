"""TLS 1.3 from early data to the last key: accepted, refused, with and without the secrets in the log."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.dissectors.tls_hello import (
    CLIENT_HELLO,
    EARLY_DATA,
    RETRY,
    SERVER_HELLO,
    VERSIONS,
    Hello,
)
from kubeshark_nb.dissectors.tls_keys import expand_label, next_secret
from kubeshark_nb.dissectors.tls_openers import Opened
from kubeshark_nb.dissectors.tls_protection import EARLY, LABELS, Protection
from kubeshark_nb.dissectors.tls_records import APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, Record
from kubeshark_nb.traffic import CLIENT, SERVER

RANDOM = bytes(range(32))
NAMES = {
    "early": EARLY,
    "hands": LABELS[CLIENT][0],
    "app": LABELS[CLIENT][1],
    "server hands": LABELS[SERVER][0],
    "server app": LABELS[SERVER][1],
}
SECRETS = {name: bytes([number + 1]) * 32 for number, name in enumerate(NAMES)}
ASKS = Hello(CLIENT_HELLO, 0, 0x0303, RANDOM, b"", [0x1301], [0], [(EARLY_DATA, b"")])
ANSWERS = Hello(SERVER_HELLO, 0, 0x0303, bytes(32), b"", [0x1301], [0], [(VERSIONS, b"\x03\x04")])
AGAIN = Hello(SERVER_HELLO, 0, 0x0303, RETRY, b"", [0x1301], [0], [(VERSIONS, b"\x03\x04")])


def log(*names: str) -> KeyLog:
    keys = KeyLog()
    keys.feed([f"{NAMES[name]} {RANDOM.hex()} {SECRETS[name].hex()}\n" for name in names])
    return keys


def protection(*names: str) -> Protection:
    one = Protection(log(*names))
    one.hello(CLIENT, ASKS)
    one.hello(SERVER, ANSWERS)
    return one


class Sender:
    """Seals under one secret."""

    def __init__(self, secret: bytes) -> None:
        self.aead = AESGCM(expand_label("sha256", secret, b"key", 16))
        self.nonce = int.from_bytes(expand_label("sha256", secret, b"iv", 12), "big")
        self.number = 0

    def seal(self, plain: bytes, kind: int = APPLICATION_DATA) -> Record:
        inner = plain + bytes([kind, 0, 0])
        header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
        nonce = (self.nonce ^ self.number).to_bytes(12, "big")
        self.number += 1
        return Record(APPLICATION_DATA, header, self.aead.encrypt(nonce, inner, header), 0)


def sender(name: str) -> Sender:
    return Sender(SECRETS[name])


def test_early_data_that_is_accepted():
    one, early = protection(*NAMES), sender("early")
    for text in (b"GET /", b"GET /2"):
        assert one.open(CLIENT, early.seal(text)) == Opened(APPLICATION_DATA, text)
    assert one.open(CLIENT, early.seal(b"end", HANDSHAKE)) == Opened(HANDSHAKE, b"end")
    one.step(CLIENT, ends_early_data=True)
    assert one.open(CLIENT, sender("hands").seal(b"finished", HANDSHAKE)) == Opened(HANDSHAKE, b"finished")
    one.step(CLIENT, ends_early_data=False)
    assert one.open(CLIENT, sender("app").seal(b"GET /3")) == Opened(APPLICATION_DATA, b"GET /3")


@pytest.mark.parametrize("names", [tuple(NAMES), tuple(name for name in NAMES if name != "early")])
def test_early_data_that_is_refused(names):
    """The client goes on with its handshake keys; where the early secret is known its words still show."""
    one, early = protection(*names), sender("early")
    shown = b"GET /" if "early" in names else b""
    assert one.open(CLIENT, early.seal(b"GET /")) == Opened(APPLICATION_DATA, shown)
    assert one.open(CLIENT, sender("hands").seal(b"finished", HANDSHAKE)) == Opened(HANDSHAKE, b"finished")
    one.step(CLIENT, ends_early_data=False)
    assert one.open(CLIENT, sender("app").seal(b"GET /")) == Opened(APPLICATION_DATA, b"GET /")


def test_early_data_before_another_hello_is_passed_over():
    one = Protection(log(*NAMES))
    one.hello(CLIENT, ASKS)
    one.hello(SERVER, AGAIN)
    assert one.change(CLIENT)
    assert one.open(CLIENT, sender("early").seal(b"GET /")) == Opened(APPLICATION_DATA, b"")


def test_keys_change_when_a_side_says_so():
    one, first = protection(*NAMES), sender("server hands")
    assert one.open(SERVER, first.seal(b"finished", HANDSHAKE)) == Opened(HANDSHAKE, b"finished")
    one.step(SERVER, ends_early_data=False)
    change = Record(CHANGE_CIPHER_SPEC, b"\x14\x03\x03\0\1", b"\1", 0)
    assert one.open(SERVER, change) == Opened(CHANGE_CIPHER_SPEC, b"\1")
    second = sender("server app")
    assert one.open(SERVER, second.seal(b"200")) == Opened(APPLICATION_DATA, b"200")
    one.update(SERVER)
    third = Sender(next_secret("sha256", SECRETS["server app"]))
    assert one.open(SERVER, third.seal(b"201")) == Opened(APPLICATION_DATA, b"201")


def test_behind_a_gap_later_numbers_and_later_keys_are_tried():
    one, first, second = protection(*NAMES), sender("server hands"), sender("server app")
    assert one.open(SERVER, first.seal(b"a", HANDSHAKE)) is not None
    for _ in range(9):
        second.seal(b"lost")
    one.uncertain(SERVER)
    assert one.open(SERVER, second.seal(b"200")) == Opened(APPLICATION_DATA, b"200")
    assert one.open(SERVER, second.seal(b"201")) == Opened(APPLICATION_DATA, b"201")
    second.seal(b"lost, and nobody said so")
    assert one.open(SERVER, second.seal(b"202")) is None


def test_without_secrets_nothing_is_opened():
    one = protection()
    assert one.open(CLIENT, sender("app").seal(b"GET /")) is None
    assert "no key" in one.reason


def test_a_suite_that_is_not_supported():
    one = Protection(log(*NAMES))
    one.hello(CLIENT, ASKS)
    one.hello(SERVER, Hello(SERVER_HELLO, 0, 0x0303, bytes(32), b"", [0x0001], [0], []))
    assert not one.change(SERVER)
    assert "suite" in one.reason
