"""The way of systems without a packet ring, gone on Linux: the same scapy call opens BPF devices elsewhere."""

from __future__ import annotations

import ctypes
import socket
import subprocess
import sys
import threading
import time

import pytest

from kubeshark_nb.capture.sniffed import SniffedSource
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.node import origin
from kubeshark_nb.node.spec import CaptureSpec
from tests.capture.test_live import CAPBSET_DROP, MAY, NET_RAW, ROOT


def sent(port, source):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for number in range(100):
            client.sendto(number.to_bytes(4, "big") * 20, ("127.0.0.1", port))
    source.stop()


def test_packets_of_an_interface_or_why_not():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        source = SniffedSource("lo", bpf=f"udp dst port {port}")
        if not MAY:
            with pytest.raises(CaptureError, match="--pipe"):
                next(source.batches())
            return
        batches = source.batches()
        assert len(next(batches)) == 0
        threading.Thread(target=sent, args=(port, source)).start()
        numbers = []
        for batch in batches:
            assert set(batch.link.tolist()) <= {1}
            assert all(abs(moment - time.time_ns()) < 5e9 for moment in batch.time_ns.tolist())
            numbers += [int.from_bytes(batch.data[at + 42 : at + 46], "big") for at in batch.starts.tolist()]
    assert sorted(set(numbers)) == list(range(100))  # Linux shows what goes out over loopback as well


def test_count_ends_it():
    if MAY:
        source = SniffedSource("lo", count=5)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            batches = source.batches()
            first = len(next(batches))
            sent(server.getsockname()[1], SniffedSource("lo"))
            assert first + sum(map(len, batches)) == 5


@pytest.mark.parametrize(
    ("name", "words"), [("nothing0", "no such interface; there are .*lo"), ("any", "one interface")]
)
def test_what_cannot_be_captured(name, words):
    with pytest.raises(CaptureError, match=words):
        SniffedSource(name).check()


def test_it_is_taken_where_there_is_no_packet_socket(monkeypatch):
    monkeypatch.delattr(socket, "AF_PACKET")
    chosen = origin.origin_of(CaptureSpec(live="lo", bpf="udp", count=3))
    assert isinstance(chosen, SniffedSource)
    assert (chosen.name, chosen.bpf, chosen.count) == ("lo", "udp", 3)


def test_without_the_right_the_error_names_the_ways_out():
    """In a process that can have no such right, whoever starts it."""
    words = "from kubeshark_nb.capture.sniffed import SniffedSource\nSniffedSource('lo').check()"
    done = subprocess.run(
        [sys.executable, "-c", words],
        capture_output=True, text=True, cwd=ROOT, check=False,
        preexec_fn=lambda: ctypes.CDLL(None).prctl(CAPBSET_DROP, NET_RAW),
    )  # fmt: skip
    assert all(word in done.stderr for word in ("CaptureError", "macOS", '--pipe "sudo tcpdump -U -w - -i lo"'))
