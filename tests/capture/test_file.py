"""Capture files: every format reads the same, bad ones say so in a line, cut ones keep what is before the cut."""

from __future__ import annotations

import gzip
import io
import random
import re
import struct
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kubeshark_nb.capture import open_source
from kubeshark_nb.capture.file import CaptureFile
from kubeshark_nb.errors import CaptureError
from tests import craft

FRAMES = [bytes([number]) * (20 + number) for number in range(40)]
FORMATS = {
    "micro little": craft.pcap(FRAMES),
    "micro big": craft.pcap(FRAMES, order=">"),
    "nano little": craft.pcap(FRAMES, nano=True),
    "nano big": craft.pcap(FRAMES, nano=True, order=">"),
    "pcapng little": craft.pcapng(FRAMES),
    "pcapng big": craft.pcapng(FRAMES, order=">"),
    "gzip": gzip.compress(craft.pcap(FRAMES)),
    "zstd": zstandard.compress(craft.pcapng(FRAMES)),
    "gzip twice": gzip.compress(gzip.compress(craft.pcap(FRAMES))),
}


def frames(source):
    return [
        (time, batch.data[start : start + size])
        for batch in source.batches()
        for time, start, size in zip(
            batch.time_ns.tolist(), batch.starts.tolist(), batch.captured.tolist(), strict=True
        )
    ]  # fmt: skip


def saved(tmp_path, data, name="a.pcap"):
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_reads_the_same(tmp_path, form):
    source = open_source(saved(tmp_path, FORMATS[form]))
    assert frames(source) == [(craft.START + number * craft.MS, data) for number, data in enumerate(FRAMES)]
    assert source.reasons == {}


@pytest.mark.parametrize("form", ["micro little", "pcapng big"])
@pytest.mark.parametrize("block", [1, 16, 100, 4096])
def test_reads_the_same_in_blocks_of_any_size(form, block):
    reader = CaptureFile("x", io.BytesIO(FORMATS[form]), pytest.fail, block)
    batches = list(reader.batches())
    assert sum(len(batch) for batch in batches) == len(FRAMES)
    assert b"".join(
        batch.data[start : start + size]
        for batch in batches
        for start, size in zip(batch.starts.tolist(), batch.captured.tolist(), strict=True)
    ) == b"".join(FRAMES)


@pytest.mark.parametrize("form", ["micro little", "nano big", "pcapng little"])
def test_a_cut_keeps_the_packets_before_it_and_is_counted(tmp_path, form):
    whole = FORMATS[form]
    source = open_source(saved(tmp_path, whole[:-5]))
    assert len(frames(source)) == len(FRAMES) - 1
    assert len(source.reasons) == 1
    assert "cut in the middle of a packet" in next(iter(source.reasons))


def test_a_cut_gzip_keeps_what_could_be_unpacked(tmp_path):
    noise = [bytes((number * 7 + at * at) % 251 for at in range(300)) for number in range(200)]
    packed = gzip.compress(craft.pcap(noise))
    source = open_source(saved(tmp_path, packed[: len(packed) // 2]))
    assert 0 < len(frames(source)) < len(noise)
    assert any("compressed" in reason for reason in source.reasons)


def test_a_cut_zstandard_keeps_what_could_be_unpacked(tmp_path):
    noise = [random.Random(number).randbytes(3000) for number in range(200)]
    packed = zstandard.compress(craft.pcap(noise))
    source = open_source(saved(tmp_path, packed[: len(packed) // 2]))
    assert 0 < len(frames(source)) < len(noise)
    assert any("compressed" in reason for reason in source.reasons)


def test_zstandard_frames_follow_each_other_and_some_are_skipped(tmp_path):
    data = craft.pcap(FRAMES)
    skipped = struct.pack("<II", 0x184D2A50, 5) + b"notes"
    packed = zstandard.compress(data[:300]) + skipped + zstandard.compress(data[300:])
    assert len(frames(open_source(saved(tmp_path, packed)))) == len(FRAMES)


def test_a_damaged_record_keeps_the_packets_before_it(tmp_path):
    damaged = craft.pcap(FRAMES[:3]) + struct.pack("<IIII", 1, 1, 0xFFFFFFF0, 5) + bytes(100)
    source = open_source(saved(tmp_path, damaged))
    assert len(frames(source)) == 3
    assert "damaged" in next(iter(source.reasons))


EARLY = "damaged or cut at its very beginning"
BAD = {
    "empty": (b"", "the file is empty"),
    "text": (b"hello, this is a note about the incident\n", "not a capture: it begins with 'hello"),
    "binary": (b"\x7fELF\x02\x01\x01\0" * 8, "not a capture: it begins with 7f 45"),
    "no header": (craft.pcap([])[:10], "ends inside its header"),
    "empty gzip": (gzip.compress(b""), "the file is empty"),
    "empty zstd": (zstandard.compress(b""), "the file is empty"),
    "zstd cut in its only block": (zstandard.compress(craft.pcap(FRAMES))[:-50], EARLY),
    "gzip cut in its first bytes": (gzip.compress(craft.pcap(FRAMES))[:12], EARLY),
    "damaged gzip": (b"\x1f\x8b" + bytes(range(100)), EARLY),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_capture_is_one_clear_line(tmp_path, case):
    data, words = BAD[case]
    path = saved(tmp_path, data)
    with pytest.raises(CaptureError, match=re.escape(words)) as raised:
        open_source(path)
    assert "\n" not in str(raised.value)
    assert raised.value.file == path


def test_a_missing_file_a_folder_and_a_pattern_say_what_to_do(tmp_path):
    with pytest.raises(CaptureError, match="no such file"):
        open_source(str(tmp_path / "none.pcap"))
    with pytest.raises(CaptureError, match="no such file"):
        open_source("~nobody-is-called-so/a.pcap")
    with pytest.raises(CaptureError, match="no captures in it"):
        open_source(str(tmp_path))
    with pytest.raises(CaptureError, match="no file matches"):
        open_source(str(tmp_path / "*.pcap"))
    with pytest.raises(CaptureError, match="no capture named"):
        open_source([])


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file of Linux that opens but cannot be read")
def test_a_file_that_opens_but_cannot_be_read():
    with pytest.raises(CaptureError, match=r"/proc/self/mem: cannot be read: Input/output error"):
        open_source("/proc/self/mem")


def test_pcapng_interfaces_have_their_own_link_type_resolution_and_offset():
    data = (
        craft.section()
        + craft.interface(options=craft.option(9, b"\x09"))
        + craft.interface(link=101, options=craft.option(14, struct.pack("<q", 10)))
        + craft.enhanced(b"nano", 5_000_000_001, number=0)
        + craft.enhanced(b"micro", 3_000_001, number=1, length=99)
    )
    (batch,) = CaptureFile("x", io.BytesIO(data), pytest.fail).batches()
    assert batch.link.tolist() == [1, 101]
    assert batch.time_ns.tolist() == [5_000_000_001, 13_000_001_000]
    assert batch.length.tolist() == [4, 99]


def test_pcapng_sections_may_change_the_byte_order():
    data = craft.pcapng(FRAMES[:2]) + craft.pcapng(FRAMES[2:5], order=">")
    batches = list(CaptureFile("x", io.BytesIO(data), pytest.fail).batches())
    assert [len(batch) for batch in batches] == [2, 3]
    assert batches[1].time_ns[0] == craft.START


def test_pcapng_names_and_secrets_are_kept(tmp_path):
    names = struct.pack("<HH", 1, 4 + 9) + b"\x0a\0\0\x09orders.sh" + bytes(3) + struct.pack("<HH", 0, 0)
    secrets = struct.pack("<II", 0x544C534B, 6) + b"CLIENT"
    source = open_source(
        saved(tmp_path, craft.section() + craft.interface() + craft.block(4, names) + craft.block(10, secrets)
              + craft.enhanced(b"frame", 1))
    )  # fmt: skip
    assert len(frames(source)) == 1
    assert source.names == [("10.0.0.9", ["orders.sh"])]
    assert source.key_log == ["CLIENT"]


@given(
    base=st.sampled_from([FORMATS["micro little"], FORMATS["nano big"], FORMATS["pcapng little"], FORMATS["gzip"]]),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, 1 << 12),
)
def test_a_mutated_file_never_raises_anything_else(base, changes, cut):
    data = bytearray(base)
    for at, value in changes:
        data[at % len(data)] = value
    reasons = []
    try:
        reader = CaptureFile("x", io.BytesIO(bytes(data[: len(data) - cut % len(data)])), reasons.append, 256)
        batches = list(reader.batches())
    except CaptureError:
        return
    for batch in batches:
        assert ((batch.starts >= 0) & (batch.starts + batch.captured <= len(batch.data))).all()
