"""``kubeshark-nb`` as a shell sees it: output, exit codes, one line when something is wrong."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOP = Path(__file__).parents[1] / "notebooks" / "captures" / "shop.pcap.gz"
ROOT = Path(__file__).parents[1]
VERDICTS = """
function onItemCaptured(data) {
  if (data.protocol.name !== "http") return;
  if (data.response.status >= 400) { console.log("failed", data.request.path); test.fail(data); } else test.pass(data);
}
"""


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> Path:
    cut = tmp_path_factory.mktemp("captures") / "short.pcap"
    cut.write_bytes(gzip.decompress(SHOP.read_bytes())[:1_000_000])
    return cut


@pytest.fixture
def script(tmp_path) -> Path:
    path = tmp_path / "verdicts.js"
    path.write_text(VERDICTS)
    return path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kubeshark_nb.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


def test_run_prints_the_console_and_ends_well(script, short):
    done = run("run", script, short)
    assert done.returncode == 0
    assert "[node-1] failed /api/items/99" in done.stdout
    assert "items" in done.stderr.splitlines()[-1] or "cut" in done.stderr


def test_failed_items_and_errors_become_exit_codes(script, short, tmp_path):
    assert run("run", script, short, "--fail-on-failed").returncode == 1
    throws = tmp_path / "throws.js"
    throws.write_text("function onItemCaptured(d) { null.x }")
    assert run("run", throws, short).returncode == 0
    assert run("run", throws, short, "--fail-on-error").returncode == 1


def test_the_report_is_json(script, short, tmp_path):
    run("run", script, short, "--json", tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["run"]["failed"] == len(report["failed"]) > 0
    assert report["run"]["passed"] == len(report["passed"]) > 0
    assert all(identity.startswith("127.0.0.1:30001/0") for identity in report["failed"])
    assert json.loads(run("run", script, short, "--json", "-").stdout)["errors"] == []


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "har", "pcap"])
def test_items_in_every_format(short, tmp_path, kind):
    out = tmp_path / f"out.{kind}"
    done = run("items", short, "--kfl", "http and response.status == 404", "--format", kind, "-o", out)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > 1000


def test_items_to_standard_output(short):
    lines = run("items", short, "--kfl", "dns").stdout.splitlines()
    assert {json.loads(line)["protocol"]["name"] for line in lines} == {"dns"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "{script}", "no-such.pcap"], "no-such.pcap: "),
        (["run", "no-such.js", "{short}"], "no-such.js: "),
        (["run", "{bad}", "{short}"], "bad.js:1:"),
        (["items", "{short}", "--kfl", "http ???"], "--kfl: "),
        (["run", "{script}", "{short}", "--kfl", "http ???"], "--kfl: "),
        (["run", "{script}", "{short}", "--json", "/proc/no/report.json"], "/proc/no/report.json: "),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_2(script, short, tmp_path, arguments, says):
    bad = tmp_path / "bad.js"
    bad.write_text("var = 1")
    places = {"script": script, "short": short, "bad": bad}
    done = run(*(argument.format(**places) for argument in arguments))
    assert done.returncode == 2
    assert f"kubeshark-nb: {says}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["items", "run {script}"])
def test_a_capture_of_several_that_cannot_be_read_is_said_and_exit_code_2(script, short, command):
    done = run(*command.format(script=script).split(), "i.nosuch", short)
    assert done.returncode == 2
    assert done.stdout.count("\n") > 100 or "failed /api" in done.stdout  # what the others have is there
    assert "kubeshark-nb: not all captures were read: node 'i': i.nosuch: " in done.stderr


def test_an_entry_of_env_without_a_value_is_refused_and_not_shown(script, short):
    done = run("run", script, short, "--env", "hunter2")
    assert done.returncode == 2
    assert "write K=V" in done.stderr
    assert "hunter2" not in done.stderr


def test_what_captured_text_could_do_to_a_terminal_is_shown_instead(short, tmp_path):
    script = tmp_path / "escape.js"
    script.write_text("console.log('\\u001b[2Jgone\\u202e')")
    assert run("run", script, short).stdout == "[node-1] \\x1b[2Jgone\\u202e\n"


def test_only_the_items_of_the_query_are_judged(script, short):
    assert run("run", script, short, "--fail-on-failed", "--kfl", "dns").returncode == 0
    assert run("run", script, short, "--fail-on-failed", "--kfl", "http").returncode == 1


def test_every_format_goes_to_standard_output(short, tmp_path):
    command = [sys.executable, "-m", "kubeshark_nb.cli", "items", short, "--format"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for kind, start in {"har": b"{", "parquet": b"PAR1", "pcap": b"\x4d\x3c\xb2\xa1"}.items():
        done = subprocess.run([*command, kind], capture_output=True, timeout=60, check=True, cwd=tmp_path, env=env)
        assert done.stdout.startswith(start)
    assert not (tmp_path / "-").exists()


def test_a_reader_that_has_enough_is_no_error(short):
    command = f"{sys.executable} -m kubeshark_nb.cli items {short} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=True, cwd=ROOT)
    assert done.stdout.startswith('{"id"')
    assert done.stderr == ""


def test_errors_are_told_with_their_line_and_a_query_with_its_place(script, short):
    script.write_text("function onItemCaptured(d) {\n  d.nothing.here;\n}")
    told = run("run", script, short).stderr
    assert "verdicts.js:2:3: onItemCaptured: TypeError" in told
    assert " times, first at " in told
    assert "\n      d.nothing.here;\n      ^\n" in told
    told = run("run", script, short, "--kfl", "http ???").stderr
    assert "--kfl: " in told
    assert "\n    http ???\n         ^" in told
