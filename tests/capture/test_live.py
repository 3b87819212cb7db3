"""Interfaces: a real capture on loopback where we may, and always the reason where we may not."""

from __future__ import annotations

import ctypes
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from kubeshark_nb.capture import bpf
from kubeshark_nb.capture.live import LiveSource
from kubeshark_nb.capture.ring import BLOCK, FRAME, LENGTH, Blocks, batch_of
from kubeshark_nb.errors import CaptureError
from tests import craft

ROOT = Path(__file__).parents[2]
NET_RAW = 13
CAPBSET_DROP = 24
MAY = (
    int(next(line for line in Path("/proc/self/status").read_text().splitlines() if "CapEff" in line)[7:], 16)
    >> NET_RAW
    & 1
)
NUMBERS = range(500)


def captured(*, name="lo", more=0, **options):
    """Numbers in datagrams to a port of our own that a capture saw, with the source."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        source = LiveSource(name, bpf=f"udp dst port {port}", **options)
        batches = source.batches()
        seen = len(next(batches))  # the interface is open now
        assert seen == 0
        numbers = []
        threading.Thread(target=send, args=(port, source)).start()
        for batch in batches:
            starts = batch.starts.tolist()
            numbers += [int.from_bytes(batch.data[start + 42 : start + 46], "big") for start in starts]
            assert set(batch.link.tolist()) <= {1}
            assert all(abs(moment - time.time_ns()) < 5e9 for moment in batch.time_ns[:1])
    return numbers, source


def send(port, source):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for number in NUMBERS:
            client.sendto(number.to_bytes(4, "big") * 20, ("127.0.0.1", port))
    source.stop()


@pytest.mark.parametrize("name", ["lo", "any"])
def test_every_packet_of_an_interface_once_or_why_not(name):
    if not MAY:
        with pytest.raises(CaptureError, match="setcap"):
            captured(name=name)
        return
    numbers, source = captured(name=name)
    assert numbers == list(NUMBERS)
    assert (source.dropped, source.reasons, source.ended) == (0, {}, "")


def test_count_ends_it():
    if not MAY:
        with pytest.raises(CaptureError, match="--pipe"):
            captured(count=10)
        return
    assert captured(count=10)[0] == list(range(10))


def test_without_the_right_the_error_names_the_ways_out():
    """In a process that can have no such right, whoever starts it."""
    words = "from kubeshark_nb.capture.live import LiveSource\nLiveSource('lo').check()"
    done = subprocess.run(
        [sys.executable, "-c", words],
        capture_output=True, text=True, cwd=ROOT, check=False,
        preexec_fn=lambda: ctypes.CDLL(None).prctl(CAPBSET_DROP, NET_RAW),
    )  # fmt: skip
    assert all(word in done.stderr for word in ("root", "setcap cap_net_raw", '--pipe "sudo tcpdump -U -w - -i lo"'))


def test_an_unknown_interface_names_those_there_are():
    with pytest.raises(CaptureError, match=r"no such interface; there are .*lo"):
        LiveSource("nothing0").check()


@pytest.mark.parametrize("compiler", [bpf.compiled, bpf._by_libpcap])
def test_filters_are_compiled_or_refused_with_the_reason(compiler):
    program = compiler("udp port 53", 1)
    assert len(program) % 8 == 0
    assert len(program) > 80
    with pytest.raises(CaptureError, match=r"'udp prt 53' is wrong: .*syntax error"):
        compiler("udp prt 53", 1)


def test_a_filter_without_any_compiler_says_what_to_install(monkeypatch):
    monkeypatch.setattr(bpf.shutil, "which", lambda *_args, **_names: None)
    monkeypatch.setitem(sys.modules, "scapy.arch.common", None)
    with pytest.raises(CaptureError, match="apt install tcpdump"):
        bpf.compiled("udp", 1)


# ---- the ring's blocks, as the kernel writes them ----


def block(frames):
    """A block of frames: (bytes, fields that differ from the usual ones)."""
    at, parts = 48, []
    for number, (data, fields) in enumerate(frames):
        row = np.zeros((), FRAME)
        row["sec"], row["nsec"], row["captured"], row["length"] = 1_700_000_000, number, len(data), len(data)
        row["mac"], row["hardware"], row["interface"] = 82, 1, 2
        for name, value in fields.items():
            row[name] = value
        part = row.tobytes().ljust(82, b"\0") + data
        part += bytes(-len(part) % 16)
        parts.append(struct.pack("I", len(part)) + part[4:])
    body = b"".join(parts)
    return struct.pack("=IIIIIIQ", 1, 0, 1, len(frames), at, at + len(body), 1).ljust(at, b"\0") + body


def frames_of(batch):
    return [
        batch.data[start : start + size]
        for start, size in zip(batch.starts.tolist(), batch.captured.tolist(), strict=True)
    ]


PLAIN = craft.datagram(b"x" * 30)


def test_blocks_become_one_batch():
    frames = [craft.datagram(bytes([number]) * number) for number in range(1, 30)]
    batch = batch_of([block([(frame, {}) for frame in frames[:10]]), block([(frame, {}) for frame in frames[10:]])])
    assert frames_of(batch) == frames
    assert batch.time_ns.tolist()[:2] == [craft.START, craft.START + 1]


@pytest.mark.parametrize(("status", "tpid", "tag"), [(16, 0, b"\x81\0\0\x07"), (80, 0x88A8, b"\x88\xa8\0\x07")])
def test_tags_that_the_kernel_took_out_are_put_back(status, tpid, tag):
    batch = batch_of([block([(PLAIN, {}), (PLAIN, {"status": status, "tci": 7, "tpid": tpid}), (PLAIN, {})])])
    assert frames_of(batch) == [PLAIN, PLAIN[:12] + tag + PLAIN[12:], PLAIN]
    assert batch.length.tolist() == [len(PLAIN), len(PLAIN) + 4, len(PLAIN)]


def test_outgoing_packets_of_one_interface_can_be_left_out():
    rows = [{"interface": 1, "kind": 4}, {"interface": 1}, {"interface": 2, "kind": 4}]
    assert len(batch_of([block([(PLAIN, row) for row in rows])], not_outgoing=1)) == 2


def test_link_types_follow_the_hardware():
    assert batch_of([block([(PLAIN, {}), (PLAIN, {"hardware": 65534}), (PLAIN, {"hardware": 772})])]).link.tolist() == [
        1,
        101,
        1,
    ]


def test_blocks_are_taken_in_turn_and_given_back():
    memory = bytearray(BLOCK * 3)
    one = block([(PLAIN, {})])
    ring = Blocks(memory)
    for turn in (0, 1, 2, 0, 1):
        assert ring.take(8) == []
        memory[turn * BLOCK : turn * BLOCK + len(one)] = one
        assert [bytes(taken) for taken in ring.take(8)] == [one]
        assert memory[turn * BLOCK + 8] == 0
    assert LENGTH == 20
