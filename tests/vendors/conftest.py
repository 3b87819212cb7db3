"""Desks and servers for the tests of the services. Every server binds 127.0.0.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from pytest_httpserver import HTTPServer

from kubeshark_nb.model import Effect, NodeInfo
from kubeshark_nb.vendors import SERVICES, CallContext, Settings, VendorDesk, VendorPolicy
from tests.vendors.servers import amazon

if TYPE_CHECKING:
    from pathlib import Path

TIME = 1_700_000_000_123_456_789
NODE = NodeInfo(name="node-1", ip="10.0.0.1", run_id=7)
FOLDER = "node-1_10.0.0.1_7"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """Every server is on this machine, whatever the environment says."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@dataclass
class Office:
    """A desk and what it reported."""

    root: Path
    effects: list[Effect] = field(default_factory=list)
    failures: list[tuple[str, Effect]] = field(default_factory=list)
    desks: list[VendorDesk] = field(default_factory=list)

    def desk(self, policy=None, *, live=False, secrets=None) -> VendorDesk:
        def fail(message, effect):
            self.failures.append((message, effect))

        desk = VendorDesk(
            NODE, self.root, policy=policy, live=live, secrets=secrets, record=self.effects.append, failed=fail
        )
        self.desks.append(desk)
        return desk

    def live(self, settings=None, **options) -> VendorDesk:
        """A desk over a live capture with every service live."""
        options = {"allow_clear": True, **options}
        modes = dict.fromkeys(SERVICES, "live")
        return self.desk(VendorPolicy(modes=modes, settings=settings or Settings(), **options), live=True)

    def file(self, name: str, content: bytes = b"content") -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return name


@pytest.fixture
def office(tmp_path):
    root = tmp_path / "files"
    root.mkdir()
    office = Office(root)
    yield office
    for desk in office.desks:
        desk.close()


@pytest.fixture
def here():
    """A call from the top level of a script."""
    return CallContext(time=TIME, script="alerts.js", line=3)


@pytest.fixture
def hook():
    """A call from a hook that traffic waits for."""
    return CallContext(time=TIME, script="alerts.js", line=3, hook="onItemCaptured", item="10.0.0.1:30001/1-0")


@pytest.fixture(scope="session")
def shared_server():
    with HTTPServer(host="127.0.0.1", threaded=True) as http:
        yield http


@pytest.fixture
def server(shared_server):
    """An HTTP server without handlers; stopping one takes half a second, so all tests share it."""
    shared_server.clear()
    return shared_server


@pytest.fixture(scope="session")
def aws():
    with amazon.running() as running:
        yield running
