"""Commands as captures: read while they write, ended with us, and their end told."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kubeshark_nb.capture.pipe import CommandSource
from kubeshark_nb.errors import CaptureError
from tests import craft

FRAMES = [bytes([number]) * (20 + number) for number in range(40)]
ROOT = Path(__file__).parents[2]


def saved(tmp_path, data):
    path = tmp_path / "a.pcap"
    path.write_bytes(data)
    return path


def count(source):
    return sum(map(len, source.batches()))


@pytest.mark.parametrize("data", [craft.pcap(FRAMES), craft.pcapng(FRAMES), gzip.compress(craft.pcap(FRAMES))])
def test_what_a_command_writes_is_read(tmp_path, data):
    source = CommandSource(f"cat {saved(tmp_path, data)}")
    frames = [
        batch.data[start : start + size]
        for batch in source.batches()
        for start, size in zip(batch.starts.tolist(), batch.captured.tolist(), strict=True)
    ]
    assert frames == FRAMES
    assert (source.reasons, source.ended, source.dropped) == ({}, "", 0)


def test_frames_come_while_the_command_still_writes(tmp_path):
    path = saved(tmp_path, craft.pcap(FRAMES))
    source = CommandSource(f"head -c 500 {path}; sleep 30; tail -c +501 {path}")
    began = time.monotonic()
    first = next(batch for batch in source.batches() if len(batch))
    assert 0 < len(first) < len(FRAMES)
    assert time.monotonic() - began < 20


def test_silence_is_told_and_lets_time_pass(tmp_path):
    source = CommandSource(f"cat {saved(tmp_path, craft.pcap(FRAMES))}; sleep 0.6")
    quiet = [batch.until_ns for batch in source.batches() if not len(batch)]
    assert len(quiet) > 5
    assert max(quiet) > craft.START + len(FRAMES) * craft.MS + 200 * craft.MS


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-command", "exit code 127.*not found"),
        ("echo working >&2; echo 'disk on fire' >&2; exit 3", "exit code 3: disk on fire"),
        ("echo hello", "not a capture"),
        ("true", "must write pcap"),
        (r"printf '\037\213damaged'", "damaged or cut at its very beginning"),
        (r"printf '\037\213'", "damaged or cut at its very beginning"),
    ],
)
def test_a_command_that_brings_nothing_is_an_error_with_its_last_words(command, words):
    with pytest.raises(CaptureError, match=words):
        count(CommandSource(command))


def test_a_killed_command_keeps_what_came_and_says_so(tmp_path):
    source = CommandSource(f"cat {saved(tmp_path, craft.pcap(FRAMES))}; echo interrupted >&2; kill -9 $$")
    assert count(source) == len(FRAMES)
    assert "SIGKILL: interrupted" in source.ended


def test_a_capture_cut_short_is_counted(tmp_path):
    source = CommandSource(f"head -c 500 {saved(tmp_path, craft.pcap(FRAMES))}")
    assert 0 < count(source) < len(FRAMES)
    assert any("cut in the middle" in reason for reason in source.reasons)


def alive(pid):
    """Whether there is such a process that has not ended (the dead that nobody has collected count as ended)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_stop_ends_the_command_and_all_it_started(tmp_path):
    pid = tmp_path / "pid"
    source = CommandSource(f"cat {saved(tmp_path, craft.pcap(FRAMES))}; (sleep 99 & echo $! > {pid}; wait)")
    batches = source.batches()
    next(batch for batch in batches if len(batch))
    while not pid.exists() or not pid.read_text().strip():
        next(batches)
    source.stop()
    began = time.monotonic()
    assert sum(map(len, batches)) == 0
    assert time.monotonic() - began < 20
    assert source.ended == ""
    while alive(int(pid.read_text())) and time.monotonic() - began < 20:
        time.sleep(0.02)
    assert not alive(int(pid.read_text()))


@pytest.mark.parametrize(("rest", "bounds"), [("", {"duration": 0.3}), (">/dev/null 2>&1", {}), ("", {"count": 7})])
def test_what_a_command_leaves_behind_ends_with_it(tmp_path, rest, bounds):
    pid = tmp_path / "pid"
    path = saved(tmp_path, craft.pcap(FRAMES))
    began = time.monotonic()
    count(CommandSource(f"sleep 93 {rest} & echo $! > {pid}; cat {path}", **bounds))
    while alive(int(pid.read_text())) and time.monotonic() - began < 20:
        time.sleep(0.02)
    assert not alive(int(pid.read_text()))


def test_a_command_that_ignores_requests_ends_all_the_same(tmp_path):
    path = saved(tmp_path, craft.pcap(FRAMES))
    began = time.monotonic()
    assert count(CommandSource(f"(trap '' TERM; cat {path}; sleep 93) & true", duration=0.3)) == len(FRAMES)
    assert time.monotonic() - began < 20


def test_count_and_duration_end_it(tmp_path):
    path = saved(tmp_path, craft.pcap(FRAMES))
    assert count(CommandSource(f"cat {path}; sleep 30", count=7)) == 7
    began = time.monotonic()
    assert count(CommandSource(f"cat {path}; sleep 30", duration=0.3)) == len(FRAMES)
    assert time.monotonic() - began < 20


def test_standard_input_is_a_capture(tmp_path):
    words = "from kubeshark_nb.capture.pipe import InputSource; print(sum(map(len, InputSource('-').batches())))"
    done = subprocess.run(
        [sys.executable, "-c", words], input=craft.pcap(FRAMES), capture_output=True, cwd=ROOT, check=True
    )
    assert int(done.stdout) == len(FRAMES)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("", "standard input: nothing came; pipe a capture into this program"),
        ("import os; os.close(0); ", "standard input: is closed"),
        ("import sys; sys.__stdin__ = None; ", "standard input: is closed"),
    ],
)
def test_standard_input_with_nothing_in_it(start, words):
    script = f"{start}from kubeshark_nb.capture.pipe import InputSource; list(InputSource('standard input').batches())"
    done = subprocess.run(
        [sys.executable, "-c", script], stdin=subprocess.DEVNULL, capture_output=True, cwd=ROOT, check=False
    )
    assert f"CaptureError: {words}" in done.stderr.decode()
