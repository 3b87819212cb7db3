"""GraphQL over HTTP/1 and HTTP/2: which bodies make an item GraphQL."""

from __future__ import annotations

import orjson
import pytest

from kubeshark_nb.dissectors.graphql import MAX_BODY, speaks_graphql
from kubeshark_nb.traffic import CLIENT, SERVER
from tests.dissectors.test_http2 import DATA, END, OK, POST, ROWS, Peers, frame, turn_by_turn

QUERY = orjson.dumps({"query": "query Cart($id: ID!) { cart(id: $id) { sku } }", "variables": {"id": "7"}})
BODIES = {
    "a query": (QUERY, True),
    "the short form": (b'{"query": "{ me { name } }"}', True),
    "a mutation among others": (b'{"operationName": null, "query": "mutation { buy }", "variables": {}}', True),
    "spaces before": (b'\n {"query": "{me}"}', True),
    "a search": (b'{"query": "red shoes"}', False),
    "not a text": (b'{"query": {"match_all": {}}}', False),
    "a list": (b'[{"query": "{me}"}]', False),
    "not JSON": (b'{"query": "{me}"', False),
    "no query": (b'{"search": "{me}"}', False),
    "a form": (b"query={me}", False),
    "nothing": (b"", False),
    "too deep": (orjson.dumps({"query": "{a" * 5000}), False),
    "too long": (orjson.dumps({"query": "{a}", "x": "y" * MAX_BODY}), False),
}


@pytest.mark.parametrize("case", BODIES)
def test_body(case):
    body, expected = BODIES[case]
    assert speaks_graphql(body) is expected


@pytest.mark.parametrize(("body", "abbreviation"), [(QUERY, "GQL"), (b'{"a": 1}', "HTTP")])
def test_on_http1(body, abbreviation):
    ask = b"POST /graphql HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    (item,) = turn_by_turn(ROWS, [(CLIENT, ask), (SERVER, b"HTTP/1.1 204 No Content\r\n\r\n")]).items
    assert (item["protocol"]["abbr"], item["protocol"]["version"]) == (abbreviation, "1.1")
    assert item["request"]["postData"]["text"] == body.decode()


@pytest.mark.parametrize(("body", "abbreviation"), [(QUERY, "GQL"), (b'{"a": 1}', "HTTP/2")])
def test_on_http2(body, abbreviation):
    peers = Peers().headers(CLIENT, 1, POST, end=False).say(CLIENT, frame(DATA, END, 1, body)).headers(SERVER, 1, OK)
    (item,) = turn_by_turn(ROWS, peers.turns).items
    assert (item["protocol"]["abbr"], item["protocol"]["version"]) == (abbreviation, "2.0")
