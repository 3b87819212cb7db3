"""Clients are made once per service, address and secret, and not for ever."""

from __future__ import annotations

from kubeshark_nb.vendors.clients import LARGEST, Clients


def make(*parts):
    return [parts]


def test_equal_parts_share_a_client_and_others_do_not():
    clients = Clients()
    assert clients.get(make, "url", "token") is clients.get(make, "url", "token")
    assert clients.get(make, "url", "token") is not clients.get(make, "url", "other")


def test_no_secret_is_kept_as_a_key():
    clients = Clients()
    clients.get(make, "a planted secret")
    assert "planted" not in str(list(clients._kept))


def test_the_oldest_client_goes_first():
    clients = Clients()
    kept = clients.get(make, 0)
    for number in range(LARGEST):
        clients.get(make, number)
    clients.get(make, 0)
    clients.get(make, "new")
    assert len(clients._kept) == LARGEST
    assert clients.get(make, 0) is kept
