"""Recording opens no connection, nor does a replay that was not told to send: Python's audit events are the guard."""

from __future__ import annotations

import sys

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import SERVICES, VendorPolicy, Webhook
from tests.vendors.servers.google import account_key
from tests.vendors.test_conformance import CASES, FILE, with_google_key

NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
LIVE = dict.fromkeys(SERVICES, "live")
HELD = {
    "recording": (VendorPolicy(), True),
    "off": (VendorPolicy(modes=dict.fromkeys(SERVICES, "off")), True),
    "live in a replay": (VendorPolicy(modes=LIVE, allow_clear=True), False),
}
_watchers: list[list[str]] = []


def _audit(event, arguments):
    if event in NETWORK:
        for seen in _watchers:
            seen.append(f"{event} {arguments}")


sys.addaudithook(_audit)


@pytest.fixture
def network():
    """Every use of the network while the test runs, in any thread and any library."""
    seen: list[str] = []
    _watchers.append(seen)
    yield seen
    _watchers.remove(seen)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("held", HELD)
def test_no_connection_is_opened(office, here, hook, network, held, name):
    policy, live = HELD[held]
    office.file(FILE)
    desk = office.desk(policy, live=live)
    call = with_google_key(CASES[name].make("http://127.0.0.1:9"), "http://127.0.0.1:9/token")
    for context in (here, hook):
        desk.call(call, context)
    desk.close()
    assert network == []
    assert {effect.status for effect in office.effects} == (set() if held == "off" else {"recorded"})


def test_the_guard_sees_what_is_sent(office, here, network):
    with pytest.raises(VendorError, match="unreachable"):
        office.live().call(Webhook("GET", "http://127.0.0.1:9/"), here)
    assert network


def test_a_replay_sends_when_told_to(office, here, server):
    server.expect_request("/hook").respond_with_data("in")
    desk = office.desk(VendorPolicy(modes=LIVE, replay=True), live=False)
    assert desk.call(Webhook("GET", server.url_for("/hook")), here) == "in"


def test_a_key_is_not_even_parsed_when_recorded(office, here, network):
    office.file(FILE)
    call = with_google_key(CASES["gcs.put"].make(""), account_key("http://127.0.0.1:9")["token_uri"])
    call.key["private_key"] = "no key at all"
    assert office.desk().call(call, here).startswith("https://storage.googleapis.com/")
    assert network == []
