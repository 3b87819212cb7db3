"""Secrets are hidden wherever they turn up; plain settings are not."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.vendors import Secrets
from kubeshark_nb.vendors.secrets import is_secret

SECRET = 'p@ss "wörd"/1'


@pytest.mark.parametrize(
    "form",
    [str, json.dumps, lambda s: quote(s, safe=""), lambda s: base64.b64encode(s.encode()).decode(), lambda s: f"<{s}>"],
    ids=["plain", "json", "url", "base64", "inside"],
)
def test_a_secret_is_hidden_in_every_form(form):
    shown = Secrets([SECRET]).scrub(f"before {form(SECRET)} after")
    assert "rd" not in shown
    assert "•••" in shown


@given(st.text(min_size=4), st.text(), st.text())
def test_no_secret_survives(secret, before, after):
    assert secret not in Secrets([secret]).scrub(f"{before}{secret}{after}").replace("•••", "")


def test_the_longest_secret_goes_first():
    assert Secrets(["token", "token-and-more"]).scrub("token-and-more") == "•••"


SECRET_VALUES = [
    ("SLACK_AUTH_TOKEN", "xoxb-1"),
    ("INFLUXDB_TOKEN", "abcd"),
    ("AWS_SECRET_ACCESS_KEY", "sekret"),
    ("SLACK_WEBHOOK", "https://hooks.slack.com/services/T/B/x"),
    ("WEBHOOK_URL", "https://example.com/x"),
    ("WHATEVER", "some value"),
    ("TEAM_URL", "https://hooks.slack.com/services/T/B/x"),
    ("DATABASE_URL", "postgres://me:pw@db/x"),
    ("REGION", "AKIAABCDEFGHIJKLMNOP"),
]
PLAIN_VALUES = [
    ("AWS_REGION", "us-east-1"),
    ("S3_BUCKET", "captures"),
    ("INFLUXDB_URL", "http://influx:8086"),
    ("INFLUXDB_ORGANIZATION", "acme-org"),
    ("SLACK_CHANNEL_ID", "C0123456789"),
    ("SLACK_AUTH_TOKEN", "foo"),
    ("KFL", "http and response.status == 500"),
    ("X", "true"),
]


@pytest.mark.parametrize(("name", "value"), SECRET_VALUES)
def test_values_of_env_that_are_hidden(name, value):
    secrets = Secrets()
    secrets.add_env({name: value})
    assert value not in secrets.scrub(f"it is {value}.")


@pytest.mark.parametrize(("name", "value"), PLAIN_VALUES)
def test_values_of_env_that_are_shown(name, value):
    assert not is_secret(name, value)


def test_secrets_inside_values_are_hidden_too():
    key = {"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nMIIE\n"}
    secrets = Secrets()
    secrets.add_env(
        {"GCS_SA_KEY_JSON": json.dumps(key), "DATABASE_URL": "postgres://me:hunter2!@db/x", "L": ["listed-value"]}
    )
    assert "MIIE" not in secrets.scrub(key["private_key"])
    assert "hunter2" not in secrets.scrub("the password hunter2!")
    assert "listed" not in secrets.scrub("a listed-value")
    assert secrets.scrub("numbers 8086 and True stay") == "numbers 8086 and True stay"


def test_documents_are_scrubbed_names_and_all():
    document = {"a": ["the token-1", {"token-1": 1}], "n": 1.5, "none": None}
    assert Secrets(["token-1"]).scrub_document(document) == {"a": ["the •••", {"•••": 1}], "n": 1.5, "none": None}


def test_learned_secrets_are_bounded_and_the_latest_are_kept():
    secrets = Secrets(["forever"])
    secrets.learn(f"secret-{n:05d}" for n in range(5000))
    assert secrets.scrub("secret-00000 secret-04999 forever") == "secret-00000 ••• •••"


def test_a_repr_shows_nothing():
    assert repr(Secrets(["hidden-value"])) == "Secrets(1)"
