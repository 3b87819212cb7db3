"""The item stream of a hub, from a real WebSocket server."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kubeshark_nb.capture.hub import HubSource
from kubeshark_nb.errors import CaptureError
from tests.capture.hub import Hub

ITEMS = [{"id": str(number), "protocol": {"abbr": "HTTP"}, "note": "x" * number * 40} for number in range(5)]
SPELLINGS = {
    "plain": [json.dumps(item) for item in ITEMS],
    "a list": [json.dumps(ITEMS)],
    "wrapped": [json.dumps({"messageType": "entry", "data": item}) for item in ITEMS],
    "wrapped as text": [json.dumps({"entry": json.dumps(item)}) for item in ITEMS],
}


def received(source):
    return [json.loads(text) for texts in source.documents() for text in texts]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_items(spelling):
    with Hub(SPELLINGS[spelling]) as hub:
        source = HubSource(hub.url)
        assert received(source) == ITEMS
        assert source.ended == "the hub closed the connection"
        assert source.reasons == {}


def test_other_messages_are_counted():
    with Hub(["not json", '{"messageType": "toast"}', "[]", json.dumps(ITEMS[0])]) as hub:
        source = HubSource(hub.url)
        assert received(source) == ITEMS[:1]
        assert source.reasons == {"messages of the hub that hold no item": 3}


def test_a_connection_that_breaks_keeps_what_came():
    with Hub(SPELLINGS["plain"], cut=True) as hub:
        source = HubSource(hub.url)
        assert received(source) == ITEMS
        assert "the hub" in source.ended


def test_stop_duration_and_count_end_it():
    with Hub(SPELLINGS["plain"], close=False) as hub:
        assert received(HubSource(hub.url, count=2)) == ITEMS[:2]
        began = time.monotonic()
        assert received(HubSource(hub.url, duration=0.2)) == ITEMS
        source = HubSource(hub.url)
        documents = source.documents()
        next(documents)
        source.stop()
        list(documents)
        assert source.ended == ""
        assert time.monotonic() - began < 20


def test_no_hub_is_said_at_once():
    with pytest.raises(CaptureError, match=r"ws://127.0.0.1:1/: the hub cannot be reached"):
        HubSource("ws://127.0.0.1:1/").check()


def test_a_hub_that_answers_nothing_cannot_keep_anybody():
    with Hub(SPELLINGS["plain"], deaf=True) as hub:
        began = time.monotonic()
        HubSource(hub.url).check()
        assert received(HubSource(hub.url, count=2)) == ITEMS[:2]
        assert received(HubSource(hub.url, duration=0.2)) == ITEMS
        assert time.monotonic() - began < 20


def test_empty_messages_and_those_that_are_no_text_are_counted_and_end_nothing():
    first, second = SPELLINGS["plain"][:2]
    with Hub([first, "", b"\xff\xfe", second]) as hub:
        source = HubSource(hub.url)
        assert received(source) == ITEMS[:2]
        assert source.ended == "the hub closed the connection"
        assert source.reasons == {
            "messages of the hub that hold no item": 1,
            "messages of the hub that are not UTF-8": 1,
        }


def test_what_is_no_hub_is_said_without_the_secrets_of_its_address():
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        with pytest.raises(CaptureError, match="the hub cannot be reached: Handshake status 501") as caught:
            HubSource(f"ws://me:s3cret@127.0.0.1:{web.server_port}/?token=s3cret").check()
        web.shutdown()
    assert "s3cret" not in str(caught.value)
    assert len(str(caught.value)) < 120
