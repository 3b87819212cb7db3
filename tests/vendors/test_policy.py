"""The policy: what is live, what is an error to ask for."""

from __future__ import annotations

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import SERVICES, VendorPolicy


def test_everything_is_recorded_by_default():
    assert {VendorPolicy().mode(service) for service in SERVICES} == {"record"}


def test_services_are_switched_by_name_and_by_alias():
    policy = VendorPolicy().switched("live", ["slack", "openai"]).switched("off", ["elasticsearch"])
    assert policy.live == ("slack", "chatgpt")
    assert policy.mode("elastic") == "off"


def test_no_name_means_all_and_options_last_until_the_next_switch():
    policy = VendorPolicy().switched("live", replay=True, maximum=3, allow_clear=True)
    assert policy.live == SERVICES
    assert (policy.replay, policy.maximum, policy.allow_clear) == (True, 3, True)
    again = policy.switched("record")
    assert (again.live, again.replay, again.maximum, again.allow_clear) == ((), False, 0, False)


@pytest.mark.parametrize(("mode", "services"), [("send", []), ("live", ["teams"]), ("live", [""])])
def test_unknown_names_are_errors_that_list_the_known_ones(mode, services):
    with pytest.raises(VendorError, match=r"record|webhook, slack"):
        VendorPolicy().switched(mode, services)
