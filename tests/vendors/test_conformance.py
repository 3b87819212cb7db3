"""What every service does when its server misbehaves: one clear VendorError, soon, without a secret.

A secret is planted in every argument of every call; the misbehaving servers echo what they get.
"""

from __future__ import annotations

import re
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import (
    AzurePut,
    Elastic,
    GcsClear,
    GcsPut,
    Influx,
    KinesisPut,
    Prompt,
    S3Clear,
    S3Put,
    Secrets,
    Settings,
    SlackBot,
    SlackWebhook,
    Webhook,
    WebhookForm,
)
from tests.vendors.servers.google import Tokens, account_key
from tests.vendors.servers.misbehaving import WRONGS, Misbehaving

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.vendors import Call

PLANTED = "planted-s3cret-4711"
BASE64 = "cGxhbnRlZC1zM2NyZXQtNDcxMQ"
FILE = f"{PLANTED}.pcap"
GOOGLE = "<a key made for the test>"
TOTAL_S = 3.0


@dataclass(frozen=True)
class Case:
    """How to call a service at ``url``, a planted secret in every argument; ``endpoint`` when the call has no URL."""

    make: Callable[[str], Call]
    endpoint: str = ""


CASES = {
    "webhook": Case(lambda url: Webhook("POST", f"{url}/{PLANTED}", PLANTED, {"Authorization": PLANTED})),
    "webhookForm": Case(lambda url: WebhookForm("POST", f"{url}/{PLANTED}?{PLANTED}", {PLANTED: PLANTED})),
    "slack": Case(lambda url: SlackWebhook(f"{url}/services/{PLANTED}", PLANTED, PLANTED, PLANTED)),
    "slackBot": Case(lambda _: SlackBot(*[PLANTED] * 5, {PLANTED: PLANTED}, {PLANTED: FILE}), "slack"),
    "influxdb": Case(lambda url: Influx(url, *[PLANTED] * 4, {PLANTED: PLANTED}, {PLANTED: PLANTED})),
    "elastic basic": Case(lambda url: Elastic(url, PLANTED, {PLANTED: PLANTED}, PLANTED, PLANTED)),
    "elastic key": Case(lambda url: Elastic(url, PLANTED, {PLANTED: PLANTED}, api_key=PLANTED)),
    "s3.put": Case(lambda _: S3Put(PLANTED, FILE, PLANTED, PLANTED, PLANTED), "s3"),
    "s3.clear": Case(lambda _: S3Clear(PLANTED, PLANTED, PLANTED, PLANTED), "s3"),
    "kinesis": Case(lambda _: KinesisPut(PLANTED, PLANTED, PLANTED, PLANTED, PLANTED), "kinesis"),
    "gcs.put": Case(lambda _: GcsPut(PLANTED, FILE, {"token_uri": GOOGLE}), "gcs"),
    "gcs.clear": Case(lambda _: GcsClear(PLANTED, {"token_uri": GOOGLE}), "gcs"),
    "azure": Case(lambda _: AzurePut(PLANTED, FILE, PLANTED, BASE64 + "=="), "azure"),
    "chatgpt": Case(lambda _: Prompt(PLANTED, PLANTED), "chatgpt"),
}


@pytest.fixture(params=WRONGS, ids=lambda wrong: wrong.name)
def wrong_server(request):
    misbehaving = Misbehaving(request.param)
    yield misbehaving
    misbehaving.close()


@pytest.fixture
def token_uri(server):
    return Tokens().serve(server)


def with_google_key(call, token_uri):
    """Google's services need a key that signs; its account name is one more place for a secret."""
    if isinstance(call, GcsPut | GcsClear):
        call.key.update({**account_key(token_uri), "client_email": f"{PLANTED}@example.com"})
    return call


def settings(case, url):
    endpoints = {case.endpoint: url + "/api/" * (case.endpoint == "slack")} if case.endpoint else {}
    return Settings(connect_s=0.4, read_s=0.5, total_s=TOTAL_S, strict_status=True, endpoints=endpoints)


@pytest.mark.parametrize("name", CASES)
def test_a_misbehaving_server_gives_one_clear_error(office, here, token_uri, wrong_server, name):
    case, wrong = CASES[name], wrong_server.wrong
    office.file(FILE)
    call = with_google_key(case.make(wrong_server.url), token_uri)
    desk = office.live(settings(case, wrong_server.url))
    began = time.monotonic()
    if wrong.name == "a web page" and call.service == "webhook":
        assert "Please log in" in desk.call(call, here)  # the one service whose answer may be anything
        return
    with pytest.raises(VendorError) as failure:
        desk.call(call, here)
    assert time.monotonic() - began < TOTAL_S + 5
    message = str(failure.value)
    assert re.match(rf"{call.service}: .*({wrong.says})", message), message
    assert (PLANTED in message, BASE64 in message) == (False, False), message
    assert [effect.status for effect in office.effects] == ["failed"]
    holds_no_secret(failure.value)


def holds_no_secret(error):
    """Neither its causes nor the frames of ours show the secret, even with their local variables."""
    assert (error.__cause__, error.__context__) == (None, None)
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [f"{frame.name}: {frame.locals}" for frame in trace.stack if "kubeshark_nb/vendors" in frame.filename]
    assert ours
    assert not [frame for frame in ours if PLANTED in frame or BASE64 in frame]


@pytest.mark.parametrize("name", CASES)
def test_no_secret_shows_in_what_is_recorded(office, here, token_uri, name):
    office.file(FILE)
    url = "http://127.0.0.1:9"
    desk = office.desk(secrets=Secrets([PLANTED]))
    desk.call(with_google_key(CASES[name].make(url), token_uri), here)
    [effect] = office.effects
    assert effect.status == "recorded"
    assert "•••" in effect.request
    assert not [text for text in (repr(effect), desk.secrets.scrub(repr(effect))) if PLANTED in text or BASE64 in text]


@pytest.mark.parametrize("name", CASES)
def test_credentials_are_hidden_even_when_nobody_named_them(office, here, token_uri, name):
    office.file(FILE)
    desk = office.desk()
    call = with_google_key(CASES[name].make("http://127.0.0.1:9"), token_uri)
    desk.call(call, here)
    for secret in call.secrets():
        assert secret not in repr(office.effects)
        assert secret not in desk.secrets.scrub(f"Printed: {secret}!")
