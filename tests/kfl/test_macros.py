"""Macros: whole identifiers that stand alone."""

from __future__ import annotations

import pytest

from kubeshark_nb import kfl

HTTP = {
    "protocol": {"abbr": "HTTP", "name": "http"},
    "tls": True,
    "error": None,
    "request": {"httpVersion": "HTTP/1.1", "http": 1},
}


@pytest.mark.parametrize(
    ("query", "match"),
    [
        ("http", True),
        ("!http2", True),
        ("https", True),
        ('request.httpVersion == "HTTP/1.1"', True),
        ("request.http == 1", True),
        ('request["http"] == 1', True),
        ("tls", True),
        ("tls == true", True),
        ('tls == "true"', True),
        ("error", False),
        ("!error", True),
        ("error == nil", True),
        ("dns or http", True),
        ("http == true", True),
        ("redis", False),
    ],
)
def test_macro(query, match):
    assert kfl.match(query, HTTP) is match


def test_custom_macros_may_use_others_and_end():
    macros = {"web": "http or slow", "slow": "elapsed > 5 or web", "http": "x == 1"}
    assert kfl.compile("web and true", macros=macros)({"x": 2, "elapsed": 6, "web": 0})
    assert not kfl.compile("http", macros={})({"x": 1})


def test_a_bad_macro_is_named():
    with pytest.raises(kfl.KFLError, match="the macro bad is not a query: 1:5"):
        kfl.compile("bad", macros={"bad": "a =="})
