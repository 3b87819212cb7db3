"""Every notebook runs from top to bottom, is committed without outputs, and shows what its prose promises."""

import re
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
