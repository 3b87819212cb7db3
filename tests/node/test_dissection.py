"""From a capture to items, in windows of any size: the same items, the same ids, the same bytes."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from kubeshark_nb.capture import file, open_source
from kubeshark_nb.items.names import Name, NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection
from tests import craft
from tests.dissectors.test_dns import ADDRESS, QUERY

GET = b"GET /items?id=7 HTTP/1.1\r\nHost: orders.shop\r\nUser-Agent: curl/8.0\r\n\r\n"
OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"id":7}'
MEMBERS = [
    "id",
    "index",
    "stream",
    "worker",
    "node",
    "protocol",
    "tls",
    "src",
    "dst",
    "namespace",
    "outgoing",
    "timestamp",
    "startTime",
    "request",
    "response",
    "requestSize",
    "responseSize",
    "elapsedTime",
    "passed",
    "failed",
    "error",
    "entryFile",
    "record",
]
NODE = NodeInfo("node-1", "10.0.0.1")


def shop():
    """DNS, then three connections, interleaved; the last has no end and no answer."""
    connections = [
        craft.conversation([(0, GET), (1, OK), (0, GET), (1, OK[:30]), (1, OK[30:])], ports=(50000 + number, 80))
        for number in range(3)
    ]
    connections[2] = connections[2][:4] + connections[2][4:5]
    frames = [craft.datagram(QUERY), craft.datagram(ADDRESS, 1)]
    while any(connections):
        frames += [one.pop(0) for one in connections if one]
    return frames


def dissect(path, names=None):
    stats = Stats()
    windows = list(Dissection(open_source(path), NODE, names or NameTable(), stats).windows())
    return windows, [item for window in windows for item in window.items], stats


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "shop.pcap"
    path.write_bytes(craft.pcap(shop()))
    return path


def test_items_are_those_of_the_traffic(capture):
    _, items, stats = dissect(capture)
    assert [(item.stream, item.index, item.protocol, item.error) for item in items] == [
        ("000000000001_udp.pcap", 0, "DNS", ""),
        ("000000000003.pcap", 0, "HTTP", ""),
        ("000000000004.pcap", 0, "HTTP", ""),
        ("000000000005.pcap", 0, "HTTP", ""),
        ("000000000003.pcap", 1, "HTTP", ""),
        ("000000000004.pcap", 1, "HTTP", ""),
        ("000000000005.pcap", 1, "HTTP", "pair-not-found"),
    ]
    assert (stats.packets, stats.streams, stats.undissected, stats.gaps) == (len(shop()), 4, 0, 0)


@pytest.mark.parametrize("block", [100, 300, 1000, 1 << 20])
def test_windows_of_any_size_give_the_same_documents(capture, monkeypatch, block):
    _, whole, _ = dissect(capture)
    monkeypatch.setattr(file.CaptureFile.__init__, "__defaults__", (block,))
    windows, items, _ = dissect(capture)
    assert sorted(item.json for item in items) == sorted(item.json for item in whole)
    ends = [window.end_ns for window in windows]
    assert ends == sorted(ends)
    for earlier, window in pairwise(windows):
        assert all(earlier.end_ns <= item.ready_ns for item in window.items)
        assert window.items == sorted(window.items, key=lambda item: (item.ready_ns, item.stream, item.index))


def test_reading_twice_gives_identical_bytes(capture):
    assert [item.json for item in dissect(capture)[1]] == [item.json for item in dissect(capture)[1]]


def test_the_document_is_the_one_of_the_reference_capture(capture):
    names = NameTable()
    names.add("10.0.0.5", Name("client.shop", "shop"))
    names.add("10.0.0.9:80", Name("orders.shop", "shop"))
    item = json.loads(dissect(capture, names)[1][1].json)
    assert list(item) == MEMBERS
    assert item | {"request": ..., "response": ...} == {
        "id": "10.0.0.1:30001/000000000003.pcap-0",
        "index": 0,
        "stream": "000000000003.pcap",
        "worker": "10.0.0.1:30001",
        "node": {"ip": "10.0.0.1", "name": "node-1"},
        "protocol": {
            "name": "http",
            "version": "1.1",
            "abbr": "HTTP",
            "longName": "Hypertext Transfer Protocol -- HTTP/1.1",
            "macro": "http",
            "backgroundColor": "#326de6",
            "foregroundColor": "#ffffff",
            "fontSize": 12,
            "referenceLink": "https://datatracker.ietf.org/doc/html/rfc2616",
            "ports": ["80", "443", "8080"],
            "layer4": "tcp",
            "priority": 0,
        },
        "tls": False,
        "src": {"ip": "10.0.0.5", "port": "50000", "name": "client.shop", "namespace": "shop"},
        "dst": {"ip": "10.0.0.9", "port": "80", "name": "orders.shop", "namespace": "shop"},
        "namespace": "shop",
        "outgoing": False,
        "timestamp": 1_700_000_000_008,
        "startTime": "2023-11-14T22:13:20.008Z",
        "request": ...,
        "response": ...,
        "requestSize": len(GET),
        "responseSize": len(OK),
        "elapsedTime": 3,
        "passed": False,
        "failed": False,
        "error": None,
        "entryFile": "000000000003_pcap-0_entry.json",
        "record": "",
    }
    assert item["request"] == {
        "method": "GET",
        "url": "/items?id=7",
        "targetUri": "/items?id=7",
        "path": "/items",
        "pathSegments": ["items"],
        "httpVersion": "HTTP/1.1",
        "headers": {"Host": "orders.shop", "User-Agent": "curl/8.0"},
        "cookies": {},
        "queryString": {"id": "7"},
        "headersSize": -1,
        "bodySize": 0,
    }
    assert item["response"]["content"] == {
        "size": 8, "mimeType": "application/json", "encoding": "base64", "text": "eyJpZCI6N30=",
    }  # fmt: skip


def test_names_in_dns_answers_hold_for_the_connections_after_them(capture):
    items = dissect(capture)[1]
    assert {item.dst_name for item in items if item.protocol == "HTTP"} == {"orders.shop"}


def test_the_last_window_has_no_packets(capture):
    windows, _, _ = dissect(capture)
    assert len(windows[-1].packets) == 0
    assert windows[0].packets.time_ns[0] == craft.START
    assert windows[0].packets.length[0] == len(craft.datagram(QUERY))


def test_a_cut_file_counts_its_cut(capture):
    capture.write_bytes(capture.read_bytes()[:-7])
    _, items, stats = dissect(capture)
    assert items
    assert any("cut in the middle" in reason for reason in stats.reasons)
