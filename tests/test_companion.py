"""What the page of JupyterLab hears of a session, over comms that a test can read."""

from __future__ import annotations

import time

import pytest

from kubeshark_nb import Session
from kubeshark_nb.companion import ASK, NEWS, Companion, light, problems
from tests import craft


class Comm:
    """One end of a comm: keeps what is sent, and gives a question to whoever listens."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.sent: list[dict] = []
        self.closed = False

    def on_msg(self, listener) -> None:
        self.listener = listener

    def send(self, data) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def ask(self, **question):
        self.listener({"content": {"data": {"id": "1", **question}}})
        return self.sent[-1]


@pytest.fixture
def session(tmp_path):
    (tmp_path / "a.pcap").write_bytes(craft.pcap([b"x"]))
    with Session(inline=True) as made:
        made.capture(tmp_path / "a.pcap")
        yield made


@pytest.fixture
def page():
    """The session that is current (none at first), and both comms of a companion."""
    current, comms = [], {}
    companion = Companion(lambda: next(iter(current), None), lambda name: comms.setdefault(name, Comm(name)))
    yield current, comms[ASK], comms[NEWS]
    companion.close()
    assert comms[ASK].closed
    assert comms[NEWS].closed


def soon(condition) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_light(session):
    assert light(None)["session"] is False
    assert light(session) | {"text": ""} == {"session": True, "state": "idle", "vendors": [], "part": -1, "text": ""}
    session.vendor.switch("live", "slack")
    assert light(session)["vendors"] == ["slack"]


def test_news_come_when_something_changes_and_panels_when_they_are_looked_at(page, session):
    current, ask, news = page
    assert ask.ask(ask="view", name="console", question={})["answer"] == {"session": False}
    current.append(session)
    soon(lambda: news.sent and news.sent[-1].get("light", {}).get("session"))
    session.load_script("console.log('hello')", "a.js")
    time.sleep(1)
    assert all("console" not in each for each in news.sent)
    asked = {"ask": "window", "row": 0, "count": 10, "filter": {}}
    reply = ask.ask(ask="view", name="console", question=asked)["answer"]
    assert [entry["line"]["text"] for entry in reply["reply"]["answer"]["entries"]] == ["hello"]
    soon(lambda: any("console" in each for each in news.sent))


def test_a_question_that_cannot_be_answered_is_an_error_for_the_page(page):
    _, ask, _ = page
    assert "KeyError" in ask.ask(ask="nonsense")["error"]


def test_queries_are_checked(page):
    _, ask, _ = page
    checked = ask.ask(ask="check", queries=["http and", "http", "a and b or c", "http && nothing"])["answer"]
    assert [[each["severity"] for each in some] for some in checked] == [["error"], [], ["info"], ["error"]]
    assert problems("http and\n and x")[0]["line"] == 2
