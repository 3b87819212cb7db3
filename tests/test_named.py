"""Secrets of addresses are in no error, whoever raises it; names of users that nobody has are paths."""

from __future__ import annotations

import pytest

from kubeshark_nb.errors import CaptureError
from kubeshark_nb.named import masked, user_path


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        ("ws://ann:s3cret@hub:8898/ws?token=s3cret", "ws://•••@hub:8898/ws?•••"),
        ("http://me:s3c@ret@host/a.pcap", "http://•••@host/a.pcap"),
        ("http://me:s3c/r?et@host/a.pcap", "http://•••@host/a.pcap"),
        ("https://host/a.pcap?sig=s3cret,s3cret&x=1", "https://host/a.pcap?•••"),
        ("http://host:80/at@home.pcap", "http://host:80/at@home.pcap"),
        ("curl http://u:s3cret@h/?t=s3cret, then http://x?s3cret", "curl http://•••@h/?•••, then http://x?•••"),
        ("what?.pcap", "what?.pcap"),
    ],
)
def test_an_error_shows_no_secret_of_an_address(named, shown):
    assert masked(named) == shown
    error = CaptureError(f"{named} is no capture", file=named)
    assert str(error) == f"{shown}: {shown} is no capture"
    assert error.file == shown


def test_a_home_that_nobody_has_is_a_path():
    assert str(user_path("~nobody-is-called-so/a.pcap")) == "~nobody-is-called-so/a.pcap"
    assert user_path("~/a.pcap").is_absolute()
