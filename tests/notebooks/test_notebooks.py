"""Every notebook runs from top to bottom, is committed without outputs, and shows what its prose promises."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

PROJECT = Path(__file__).parents[2]
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
sys.path.insert(0, str(PROJECT))

from tests.execute import execute  # noqa: E402 - found through the line above


def texts(notebook: nbformat.NotebookNode) -> str:
    """What the outputs say, where a browser shows nothing."""
    data = [
        output.get("data", {}) | {"stream": output.get("text", "")}
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    return "\n".join(str(each.get("text/plain", "")) + str(each["stream"]) for each in data)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_committed_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    assert "widgets" not in notebook.metadata
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in notebook.cells)


@pytest.mark.notebook
def test_the_quickstart_tells_its_story():
    shown = texts(execute(PROJECT / "notebooks" / "quickstart.ipynb"))
    assert re.search(r"77,100 packets, [\d,]+ items, [\d,]+ passed, 156 failed, 0 errors", shown)
    assert "55 payments, 26 slow, 0 broken" in shown  # ill at minute 5 ...
    assert re.search(r"\d+ payments, \d+ slow, 26 broken", shown)  # ... broken after it
    assert "✗ failed" in shown
    assert "T000/B000/secret" not in shown
    assert len(re.findall("recorded", shown)) >= 2


@pytest.mark.notebook
def test_the_incident_counts_the_messages_of_every_candidate():
    shown = texts(execute(PROJECT / "notebooks" / "incident.ipynb"))
    assert "156 messages in 156 failures" in shown
    assert "2 calls to services" in shown
    assert re.search(r"4 +failed or slow +5 +2 +2 +-4\d\.\d+", shown)  # known before the first failure
    assert "52 items in" in shown
    assert "T000/B000/secret" not in shown


@pytest.mark.notebook
def test_dns_and_latency_finds_what_its_prose_says():
    shown = texts(execute(PROJECT / "notebooks" / "dns-and-latency.ipynb"))
    assert "answers are good for 30 s: 554 look-ups by the order service, where 24 would do" in shown
    assert re.search(r"browser.clients +metrics.monitoring\S+ +Non-Existent Domain +52", shown)
    assert re.search(r"payments.shop +2\d\.\d +12\d\d\.\d +2\d\.\d", shown)  # before, during, after
    assert "database connection pool exhausted" in shown


@pytest.mark.notebook
def test_write_and_debug_makes_every_mistake_once():
    notebook = execute(PROJECT / "notebooks" / "write-and-debug.ipynb")
    shown = texts(notebook)
    wrong = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert ["sizes:4:35: SyntaxError" in error.evalue for error in wrong] == [True]
    assert "11,759 errors" in shown
    assert re.search(r"no verdict\nsizes:9 log: payments.shop was sent 57 bytes", shown)
    assert re.search(r"(\S+) s, then (\S+) s; found {'broken': 156", shown)
    assert "onItemCaptured of endless is switched off: too slow 3 times" in shown
    assert "is newer than ES5" in shown
    assert "6 services so far" in shown


@pytest.mark.notebook
@pytest.mark.parametrize("interface", ["lo", "nosuch0"])
def test_live_runs_with_and_without_the_right_to_capture(interface, tmp_path):
    shutil.copytree(PROJECT / "notebooks" / "captures", tmp_path / "captures")
    text = (
        (PROJECT / "notebooks" / "live.ipynb")
        .read_text()
        .replace('INTERFACE = \\"lo\\"', f'INTERFACE = \\"{interface}\\"')
    )
    assert interface in text
    (tmp_path / "live.ipynb").write_text(text)
    shown = texts(execute(tmp_path / "live.ipynb"))
    listened = "listening on lo" in shown
    assert listened or "so a recording is poured out instead" in shown
    assert re.search(r"\(9, 3\)" if listened else r"\(\d+, \d+\)", shown)
    assert re.search(r"[\d,]+ packets, [\d,]+ items, [\d,]+ passed, [\d,]+ failed, 0 errors", shown)
    assert listened <= (interface == "lo")


@pytest.mark.notebook
def test_many_nodes_say_what_one_says():
    shown = texts(execute(PROJECT / "notebooks" / "many-nodes.ipynb"))
    assert "['orders', 'payments', 'web']" in shown
    assert "the same to the byte: True" in shown
    assert "failures the hub heard of: 156" in shown
    assert "rate on 3 nodes ran" in shown
    assert re.search(r"156 failures on 3 nodes; the first: \S+", shown)
    assert "what the workers have and what came back is the same: True" in shown


@pytest.mark.notebook
def test_loading_the_extension_is_quick_because_nothing_heavy_comes_along():
    code = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "kubeshark_nb")
heavy = "scapy pandas numpy pyarrow duckdb boto3 elasticsearch openai slack_sdk influxdb_client google dukpy anywidget"
print(sorted(set(heavy.split()) & (set(sys.modules) - before)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
