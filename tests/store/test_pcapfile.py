"""The exported file as Wireshark's reader sees it."""

from __future__ import annotations

import struct
import subprocess

import pytest

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.items import Doors
from tests.store.factory import START, http

ETHERNET, RAW = 1, 101


def udp(number):
    """A UDP packet whose payload names it, on Ethernet."""
    payload = f"packet-{number}".encode()
    datagram = struct.pack("!HHHH", 1000, 2000, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), number, 0, 64, 17, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
    return b"\x02" * 12 + b"\x08\x00" + head + datagram


# Stream -> its packets (time, length, bytes); they interleave, and one is cut short.
STREAMS = {
    "000000000001.pcap": [(START, 51, udp(1)), (START + 3_000_000_007, 51, udp(4))],
    "000000000002.pcap": [(START + 1_000_000_001, 51, udp(2)), (START + 2, 1500, udp(3)[:50])],
    "000000000003.pcap": [(START + 9, 51, udp(9))],
}


def packets_of(stream, node):
    assert node == "node-1"
    return ETHERNET, STREAMS[stream]


def by_wireshark(path):
    fields = [
        option
        for name in ("frame.time_epoch", "frame.len", "frame.cap_len", "data.text", "ip.id")
        for option in ("-e", name)
    ]
    command = ["tshark", "-r", str(path), "-o", "data.show_as_text:TRUE", "-T", "fields", *fields]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split("\t") for line in lines]


@pytest.mark.parametrize("name", ["x.pcap", "x.pcapng"])
def test_the_file_holds_exactly_the_packets_of_the_streams_in_time_order(stored, tmp_path, name):
    items = stored([http(at, f"00000000000{at % 3 + 1}.pcap") for at in range(30)], doors=Doors(packets_of=packets_of))
    chosen = items.query('stream != "000000000003.pcap"')
    assert chosen.to_pcap(tmp_path / name).items == 20
    rows = by_wireshark(tmp_path / name)
    assert [int(row[4], 16) for row in rows] == [1, 3, 2, 4]
    assert [(int(row[1]), int(row[2])) for row in rows] == [(51, 50), (1500, 50), (51, 50), (51, 50)]
    assert [row[0].split(".")[1].rstrip("Z") for row in rows] == ["000000000", "000000002", "000000001", "000000007"]


def test_several_link_types_need_pcapng(stored, tmp_path):
    items = stored([http(0, "000000000001.pcap"), http(1, "000000000002.pcap")])

    def mixed(stream, node):
        return (
            (ETHERNET, [(START, 50, udp(1))])
            if stream.startswith("000000000001")
            else (RAW, [(START + 1, 36, udp(2)[14:])])
        )

    with pytest.raises(StoreError, match=r"\.pcapng"):
        items.to_pcap(tmp_path / "x.pcap", mixed)
    items.to_pcap(tmp_path / "x.pcapng", mixed)
    assert [int(row[4], 16) for row in by_wireshark(tmp_path / "x.pcapng")] == [1, 2]


def test_no_items_give_a_valid_empty_file(stored, tmp_path):
    stored([http(0)])[:0].to_pcap(tmp_path / "x.pcap", packets_of)
    assert by_wireshark(tmp_path / "x.pcap") == []


def test_without_the_capture_there_are_no_packets(stored, tmp_path):
    with pytest.raises(StoreError, match="not at hand"):
        stored([http(0)]).to_pcap(tmp_path / "x.pcap")
