"""A Prometheus on this machine scrapes what scripts measured; nobody else does."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import kubeshark_nb as ks

SHOP = Path(__file__).parents[1] / "notebooks" / "captures" / "shop.pcap.gz"
COUNTING = """var n = 0;
function onItemCaptured(data) { prometheus.metric("items_total", "Items seen", 1, ++n, { ns: data.namespace }) }
"""


@pytest.fixture
def session():
    with ks.Session() as made:
        yield made


def fetched(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_what_scripts_measure_is_served(session):
    url = session.serve_metrics()
    assert fetched(url) == (200, "")
    session.capture(SHOP)
    run = session.replay_script(COUNTING)
    status, page = fetched(url)
    assert status == 200
    assert page == session.metrics
    assert page.startswith("# HELP items_total Items seen\n# TYPE items_total counter\n")
    assert f"}} {run.items}.0\n" in page


def test_only_this_machine_and_only_the_page(session):
    url = session.serve_metrics()
    assert url.startswith("http://127.0.0.1:")
    assert fetched(url.replace("/metrics", "/"))[0] == 404
    assert fetched(url, Host="evil.example")[0] == 403
    assert fetched(url.replace("127.0.0.1", "localhost"))[0] == 200


def test_a_port_that_is_taken_is_said_and_close_gives_it_back(session):
    url = session.serve_metrics()
    port = int(url.split(":")[2].partition("/")[0])
    with ks.Session() as other, pytest.raises(ks.NodeError, match=f"port {port}"):
        other.serve_metrics(port)
    assert session.serve_metrics(port) == url
    session.close()
    with pytest.raises(urllib.error.URLError):
        fetched(url)


def test_an_inline_session_says_why_not():
    with ks.Session(inline=True) as session, pytest.raises(ks.NodeError, match="inline"):
        session.serve_metrics()


def test_a_closed_session_serves_nobody():
    session = ks.Session()
    session.close()
    with pytest.raises(ks.NodeError, match="closed"):
        session.serve_metrics()
    assert "scrape" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("ip", ["", "nowhere", "10.0.0", "10.0.0.1:80", "300.1.1.1"])
def test_a_node_needs_a_real_address(ip):
    with pytest.raises(ks.NodeError, match="is no address"):
        ks.Session(ip=ip)


def test_an_address_is_kept():
    with ks.Session(ip="2001:DB8::1") as session:
        assert session.info.ip == "2001:db8::1"
