"""What a shell does to ``kubeshark-nb``: signals, output that cannot be written, output that nobody wants any more."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOP = ROOT / "notebooks" / "captures" / "shop.pcap.gz"
COMMAND = f"{sys.executable} -m kubeshark_nb.cli"
STARTS = "for (;;) {}"  # never loaded
REPLAYS = """var begun = false;
function onItemCaptured(d) {
  if (!begun) begun = file.write("begun", d.id) || true;
  for (var i = 0; i < 1e6; i++);
}"""  # a minute and more
SAYS = 'console.log("said"); function onItemCaptured(d) { test.fail(d) }'


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> Path:
    cut = tmp_path_factory.mktemp("captures") / "short.pcap"
    cut.write_bytes(gzip.decompress(SHOP.read_bytes())[:300_000])
    return cut


def script(folder: Path, source: str) -> Path:
    path = folder / "script.js"
    path.write_text(source)
    return path


def shell(line: str, **options: object) -> subprocess.CompletedProcess[str]:
    """A line as bash runs it, `$?` of the last command of a pipe being the first failure of all."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        **options,
    )


def awaited(temp: Path, appears: str) -> None:
    deadline = time.monotonic() + 30
    while not list(temp.glob(appears)) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)


def ended(number: signal.Signals, source: str, capture: Path, temp: Path, appears: str) -> tuple[int, str, list[str]]:
    """Send a signal as soon as there is ``appears`` in the temporary folder: exit code, stderr, and what is left."""
    running = subprocess.Popen(
        [*COMMAND.split(), "run", script(temp.parent, source), capture, "--fail-on-failed"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temp)},
        preexec_fn=partial(signal.signal, number, signal.SIG_DFL),  # noqa: PLW1509 - whoever runs us may ignore it
    )
    awaited(temp, appears)
    running.send_signal(number)
    out, error = running.communicate(timeout=30)
    assert out == ""
    return running.returncode, error, [path.name for path in temp.iterdir()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("source", "appears"), [(STARTS, "kubeshark-*/*/node.log"), (REPLAYS, "kubeshark-*/*/data/begun")]
)
def test_a_signal_ends_it_with_its_own_code_one_line_and_no_folder(tmp_path, short, number, source, appears):
    temp = tmp_path / "temp"
    temp.mkdir()
    code, error, left = ended(number, source, short, temp, appears)
    assert code == 128 + number
    assert error == f"kubeshark-nb: stopped ({number.name})\n"
    assert left == []


def test_what_came_from_standard_input_until_ctrl_c_is_written(tmp_path, short):
    out, temp = tmp_path / "out.jsonl", tmp_path / "temp"
    temp.mkdir()
    running = subprocess.Popen(
        [*COMMAND.split(), "items", "-", "-o", out],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temp)},
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    running.stdin.write(short.read_bytes())
    running.stdin.flush()
    awaited(temp, "kubeshark-*/items-0001/*/*.arrow")
    running.send_signal(signal.SIGINT)
    _, error = running.communicate(timeout=30)
    assert running.returncode == 130
    assert error.decode().splitlines()[-1] == "kubeshark-nb: stopped (SIGINT)"
    assert len(out.read_text().splitlines()) > 50
    assert list(temp.iterdir()) == []


FORMATS = ["items --format jsonl", "items --format parquet", "items --format har", "items --format pcap"]
RUNS = ["run {script}", "run {script} --json -"]


@pytest.mark.parametrize("command", [*FORMATS, *RUNS])
@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("> /dev/full", "kubeshark-nb: standard output: No space left on device; "),
        (">&-", "kubeshark-nb: standard output is closed; "),
    ],
)
def test_output_that_cannot_be_written_is_one_line_and_exit_code_2(tmp_path, short, command, to, says):
    line = f"{COMMAND} {command.format(script=script(tmp_path, SAYS))} {short} {to}"
    done = shell(line)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(says)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_what_needs_no_output_needs_no_open_one(tmp_path, short):
    out = tmp_path / "out.jsonl"
    assert shell(f"{COMMAND} items {short} -o {out} <&- >&- 2>&-").returncode == 0
    assert out.stat().st_size > 1000


def test_a_closed_or_full_error_output_changes_nothing(tmp_path, short):
    for to in ("2>&-", "2> /dev/full"):
        done = shell(f"{COMMAND} run {script(tmp_path, SAYS)} {short} {to}")
        assert (done.returncode, done.stdout) == (0, "[node-1] said\n")


def test_a_reader_that_has_enough_ends_it_quietly_and_the_verdict_stands(tmp_path, short):
    many = script(
        tmp_path, "function onItemCaptured(d) { for (var i = 0; i < 9; i++) console.log(d.id); test.fail(d) }"
    )
    report = tmp_path / "report.json"
    done = shell(f"{COMMAND} run {many} {short} --json {report} 2> {tmp_path}/errors | head -1")
    assert done.returncode == 0
    assert done.stdout.startswith("[node-1] ")
    assert (tmp_path / "errors").read_text().split(" ")[1] == "packets,"  # the summary, and nothing before it
    assert report.exists()
    assert shell(f"{COMMAND} run {many} {short} --fail-on-failed | head -1").returncode == 1
    for command in FORMATS:
        done = shell(f"{COMMAND} {command} {short} | head -c 1")
        assert done.returncode == 0
        assert "rror" not in done.stderr.replace(" 0 errors", "")


def test_letters_that_an_output_has_not_are_shown_as_escapes(tmp_path, short):
    told = script(tmp_path, 'console.log("caf\\u00e9")')
    done = shell(f"{COMMAND} run {told} {short}", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stdout) == (0, "[node-1] caf\\xe9\n")
