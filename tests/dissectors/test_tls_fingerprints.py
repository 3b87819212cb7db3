"""JA3 and JA4 of hellos whose fingerprints are published, and hellos that are cut or strange."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.dissectors.tls_fingerprints import is_grease, ja3, ja4
from kubeshark_nb.dissectors.tls_hello import CLIENT_HELLO, SERVER_HELLO, Hello, Malformed, parse_hello
from kubeshark_nb.dissectors.tls_suites import SUITES


def words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in numbers)


def sized(body: bytes, width: int = 2) -> bytes:
    return len(body).to_bytes(width, "big") + body


def hello(suites=(0x1301,), extensions=(), version=0x0303, kind=CLIENT_HELLO) -> Hello:
    return Hello(kind, 0, version, bytes(32), b"", list(suites), [0], list(extensions))


# FoxIO's description of JA4 takes this Chrome apart, number by number
CHROME = hello(
    (
        0x2A2A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030,
        0xCCA9, 0xCCA8, 0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035,
    ),
    [
        (0xCACA, b""), (0x001B, b""), (0x0000, b""), (0x0033, b""),
        (0x0010, sized(sized(b"h2", 1) + sized(b"http/1.1", 1))), (0x4469, b""), (0x0017, b""), (0x002D, b""),
        (0x000D, sized(words(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601))), (0x0005, b""),
        (0x0023, b""), (0x0012, b""), (0x002B, sized(words(0x2A2A, 0x0304, 0x0303), 1)), (0xFF01, b""),
        (0x000B, b""), (0x000A, b""), (0x0015, b""), (0x1A1A, b""),
    ],
)  # fmt: skip


def test_ja4_of_chrome():
    assert ja4(CHROME) == "t13d1516h2_8daaf6152771_e5627efa2ab1"


@pytest.mark.parametrize(
    ("name", "ends"),
    [(b"h2", "h2"), (b"http/1.1", "h1"), (b"\xab", "ab"), (b"\xab\xcd", "ad"), (b"0\xab", "3b"), (b"", "00")],
)
def test_ja4_shows_the_ends_of_the_first_protocol(name, ends):
    assert ja4(hello(extensions=[(16, sized(sized(name, 1)))]))[8:10] == ends


@pytest.mark.parametrize(
    ("one", "start"),
    [
        (hello((), version=0x0301), "t10i000000_000000000000_000000000000"),
        (hello(extensions=[(0, b"")], version=0x0300), "ts3d010100_"),
        (hello(range(0x100, 0x200)), "t12i990000_"),
        (hello(version=0x0999), "t00i010000_"),
    ],
)
def test_ja4_begins(one, start):
    assert ja4(one).startswith(start)


def test_ja3_is_the_digest_of_the_numbers():
    """Salesforce's examples give the text and its MD5."""
    numbers = (47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4)
    one = hello(numbers, [(0, b""), (10, sized(words(23, 24, 25))), (11, b"\1\0")], version=769)
    assert ja3(one) == "ada70206e40642a3e4461f35503241d5"
    assert ja3(hello((4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99), version=769)) == "de350869b8c85de67a350c8d186f11e6"


def test_grease():
    assert [number for number in range(1 << 16) if is_grease(number)] == [0x1010 * n + 0x0A0A for n in range(16)]


def test_a_hello_may_be_cut_anywhere_behind_its_suites():
    extensions = words(0) + sized(sized(b"\0" + sized(b"shop.test"))) + words(43) + sized(sized(words(0x0304), 1))
    body = words(0x0303) + bytes(32) + sized(b"", 1) + sized(words(0x1301)) + sized(b"\0", 1) + sized(extensions)
    one = parse_hello(CLIENT_HELLO, body)
    assert (one.server_name, one.spoken, one.suites) == ("shop.test", 0x0304, [0x1301])
    for cut in range(len(body)):
        try:
            assert parse_hello(CLIENT_HELLO, body[:cut]).suites == [0x1301]
        except Malformed:
            assert cut < 39


@given(st.binary(max_size=200), st.sampled_from((CLIENT_HELLO, SERVER_HELLO)))
def test_garbage_is_a_hello_or_not(body, kind):
    try:
        one = parse_hello(kind, body)
    except Malformed:
        return
    assert len(ja3(one)) == 32
    assert len(ja4(one)) == 36
    assert (one.server_name, one.protocols, one.groups, one.points, one.signatures, one.spoken) is not None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0x1301, ("TLS_AES_128_GCM_SHA256", "AES", "GCM", 16, "sha256")),
        (0xC0AE, ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", "AES", "CCM_8", 16, "sha256")),
        (0x000A, ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "3DES", "CBC", 24, "sha1")),
        (0x0004, ("TLS_RSA_WITH_RC4_128_MD5", "RC4", "", 16, "md5")),
        (0xCCA8, ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "CHACHA20", "POLY1305", 32, "sha256")),
        (0xC024, ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "AES", "CBC", 32, "sha384")),
    ],
)
def test_the_name_of_a_suite_says_how_it_protects(number, expected):
    assert tuple(SUITES[number]) == expected
