from __future__ import annotations

import base64

import orjson
import pytest
from jsonschema import Draft202012Validator

from kubeshark_nb.store.har import entry_of
from kubeshark_nb.store.redaction import Redaction
from tests.store.factory import START, document, envelope, http, many
from tests.store.har_schema import ENTRY, HAR

HAR_IS_VALID = Draft202012Validator(HAR)
ENTRY_IS_VALID = Draft202012Validator(ENTRY)


def changed(**changes):
    whole = document(0, "000000000001.pcap")
    for path, value in changes.items():
        *way, last = path.split("__")
        place = whole
        for name in way:
            place = place[name]
        place[last] = value
    return whole


def test_the_archive_is_valid_and_counts_what_it_leaves_out(stored, tmp_path):
    dns = document(9, "000000000002_udp.pcap")
    dns["protocol"] |= {"name": "dns", "abbr": "DNS"}
    items = stored([*many(1500), envelope(dns, START)])
    export = items.to_har(tmp_path / "x.har")
    archive = orjson.loads((tmp_path / "x.har").read_bytes())
    HAR_IS_VALID.validate(archive)
    assert (export.items, export.left_out, len(archive["log"]["entries"])) == (1500, 1, 1500)


def test_an_empty_archive_is_valid(stored, tmp_path):
    stored([http(0)])[:0].to_har(tmp_path / "x.har")
    HAR_IS_VALID.validate(orjson.loads((tmp_path / "x.har").read_bytes()))


def test_an_entry_says_what_the_item_says():
    entry = entry_of(document(7, "000000000001.pcap", elapsedTime=12))
    assert entry["startedDateTime"] == "2023-11-14T22:13:20.007Z"
    assert entry["time"] == entry["timings"]["wait"] == 12
    assert entry["request"]["url"].startswith("http://orders.shop/items/7?token=")
    assert {"name": "page", "value": "2"} in entry["request"]["queryString"]
    assert entry["response"]["content"] == {"size": 11, "mimeType": "application/json", "text": '{"ok":true}'}


ODD = {
    "half a conversation": changed(response={}),
    "a null response": changed(response=None),
    "a form": changed(
        request__postData={"mimeType": "a/b", "params": [{"name": "x", "value": "1", "fileName": None}], "text": ""}
    ),
    "a binary request body": changed(
        request__postData={"mimeType": "", "params": [], "text": "AAE=", "encoding": "base64"}
    ),
    "a binary response body": changed(
        response__content={"size": 2, "mimeType": "", "text": "//8=", "encoding": "base64"}
    ),
    "a body that is no Base64": changed(
        response__content={"size": 2, "mimeType": "", "text": "%", "encoding": "base64"}
    ),
    "repeated query keys": changed(request__queryString={"a": ["1", "2"]}),
    "headers as a list": changed(request__headers=[{"name": "Host", "value": "h"}]),
    "no host": changed(request__headers={}, dst__ip="::1"),
    "a proxy's target": changed(request__url="http://other/x"),
    "CONNECT": changed(request__method="CONNECT", request__url="h:443"),
    "a negative time": changed(elapsedTime=-3),
    "an error": changed(error={"type": "timeout", "msg": "x"}),
    "everything redacted": Redaction(paths=("request.headers", "response", "src", "elapsedTime")).item(changed()),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_items_are_valid_entries(kind):
    ENTRY_IS_VALID.validate(entry_of(ODD[kind]))


def test_details_of_odd_items():
    entries = {kind: entry_of(item) for kind, item in ODD.items()}
    assert entries["half a conversation"]["response"]["status"] == 0
    assert entries["repeated query keys"]["request"]["queryString"] == [
        {"name": "a", "value": "1"},
        {"name": "a", "value": "2"},
    ]
    assert entries["no host"]["request"]["url"].startswith("http://[::1]:80/")
    assert entries["a proxy's target"]["request"]["url"] == "http://other/x"
    content = entries["a binary response body"]["response"]["content"]
    assert base64.b64decode(content["text"]) == b"\xff\xff"
    assert content["encoding"] == "base64"
