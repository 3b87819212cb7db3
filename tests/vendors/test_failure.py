"""Whatever a library raises becomes one clean line."""

from __future__ import annotations

import http.client
import socket
import ssl

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import Influx, Secrets
from kubeshark_nb.vendors.failure import Misunderstood, Refused, ServiceError, attempt

CALL = Influx("http://influx:8086", "influx-token-1", "acme", "traffic", "latency of orders", {"n": 1})


def failure(error, secrets=()):
    def send():
        raise error

    with pytest.raises(VendorError) as raised:
        attempt(CALL, send, Secrets(secrets))
    assert isinstance(raised.value, ServiceError)
    return raised.value


CAUSES = [
    (ssl.SSLCertVerificationError("x"), "its TLS certificate is not trusted"),
    (ssl.SSLError("WRONG_VERSION_NUMBER"), "no trusted TLS connection with it comes about"),
    (socket.gaierror(-2, "Name or service not known"), "its name cannot be resolved"),
    (ConnectionRefusedError(111, "x"), "it is unreachable: connection refused"),
    (TimeoutError("x"), "it gave no answer in time"),
    (ConnectionResetError("x"), "it broke the connection off"),
    (http.client.BadStatusLine("x"), "its reply is not HTTP"),
    (Misunderstood("x"), "its reply is not understood (Misunderstood)"),
    (KeyError("ts"), "its reply is not understood (KeyError)"),
    (ImportError("x"), "its client library is not installed"),
]


@pytest.mark.parametrize(("error", "words"), CAUSES, ids=lambda value: type(value).__name__)
def test_causes_are_named_even_deep_inside(error, words):
    wrapped = RuntimeError("influx-token-1")
    wrapped.__cause__ = OSError(error)
    for raised in (error, OSError(error), wrapped):
        message = str(failure(raised)).replace(type(raised).__name__, type(error).__name__)
        assert message == f"influxdb: {words}"


SAID = [
    ('{"code":"invalid","message":"no such bucket"}', ": no such bucket"),
    ('{"error":{"type":"x","reason":"unable to authenticate"}}', ": unable to authenticate"),
    (b'{"error":"nope"}', ": nope"),
    ("plain words", ": plain words"),
    ("<html>a page</html>", ""),
    ("{broken", ""),
    ("", ""),
    ("two\nlines\x1b[31m and \u202eodd\x00 ones", ": two lines [31m and odd ones"),
    ("token influx-token-1 of latency of orders", ": token ••• of •••"),
    ("Bearer abcdef, basic QWxhZGRpbg==, sk-proj-0123456789", ": ••• ••• •••"),
    ("[" * 100_000, ": " + "[" * 299 + "…"),
]


@pytest.mark.parametrize(("body", "shown"), SAID, ids=range(len(SAID)))
def test_the_servers_words_are_shown_clean_and_short(body, shown):
    assert str(failure(Refused(400, body, {}))) == f"influxdb: it answered HTTP 400{shown}"


@pytest.mark.parametrize(
    ("status", "header", "ails", "pause"),
    [(400, "9", False, 0), (404, "", False, 0), (401, "", True, 0), (429, "9", True, 9), (503, "9999", True, 60)],
)
def test_who_is_to_blame_and_how_long_to_wait(status, header, ails, pause):
    error = failure(Refused(status, "", {"Retry-After": header}))
    assert (error.target_ails, error.pause_s) == (ails, pause)


def test_a_date_to_wait_for_is_no_number_of_seconds():
    assert failure(Refused(429, "", {"Retry-After": "Tue, 14 Nov 2023 22:13:20 GMT"})).pause_s == 0


def test_known_secrets_are_hidden_in_our_own_words_too():
    assert str(failure(VendorError("no file 'my-secret'"), ["my-secret"])) == "influxdb: no file '•••'"


def test_exceptions_that_contain_each_other_end():
    one, other = RuntimeError("one"), RuntimeError("other")
    one.__cause__, other.__cause__ = other, one
    assert str(failure(one)) == "influxdb: its reply is not understood (RuntimeError)"
