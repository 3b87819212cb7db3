"""Secrets kept in the environment, in a keyring (the real library, a backend in memory), or in a head."""

from __future__ import annotations

import getpass

import keyring
import pytest
from keyring.backend import KeyringBackend

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import looked_up

KEPT = {("slack", "alerts"): "xoxb-from-keyring"}


class InMemory(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        return KEPT.get((service, username))

    def set_password(self, service, username, password):
        KEPT[service, username] = password


@pytest.fixture(autouse=True)
def sources(monkeypatch):
    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    monkeypatch.setenv("MY_TOKEN", "from-environment")
    monkeypatch.setattr(getpass, "getpass", lambda prompt: f"typed at {prompt!r}")
    yield
    keyring.set_keyring(before)


def test_references_are_replaced_and_everything_else_is_kept():
    env = {
        "A": "${env:MY_TOKEN}",
        "B": "${keyring:slack/alerts}",
        "C": "${ask:Token}",
        "D": "plain ${env:MY_TOKEN}",
        "E": 7,
    }
    assert looked_up(env) == {
        "A": "from-environment",
        "B": "xoxb-from-keyring",
        "C": "typed at 'Token: '",
        "D": "plain ${env:MY_TOKEN}",
        "E": 7,
    }


@pytest.mark.parametrize("reference", ["${env:NO_SUCH_VARIABLE}", "${keyring:slack/nobody}"])
def test_what_holds_nothing_is_an_error(reference):
    with pytest.raises(VendorError, match=r"env\.TOKEN: \$\{.*\} holds nothing"):
        looked_up({"TOKEN": reference})
