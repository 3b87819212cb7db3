"""Execute a notebook headless and fail when a cell does: ``python -m tests.execute notebooks/quickstart.ipynb``."""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def execute(path: Path) -> nbformat.NotebookNode:
    """The executed notebook; raises CellExecutionError at the first cell that fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    ).execute()
    return notebook


def main() -> None:
    for name in sys.argv[1:]:
        done = execute(Path(name))
        ran = sum(cell.cell_type == "code" for cell in done.cells)
        print(f"{name}: {ran} cells executed, none failed")


if __name__ == "__main__":
    main()
