"""Completion in script cells, asked of a real IPython completer."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from kubeshark_nb.widgets.completion import add_completion, api


@pytest.fixture(scope="module")
def shell():
    made = InteractiveShell()  # of its own: other tests have the one shell of the process
    add_completion(made)
    return made


def complete(shell, text: str) -> set[str]:
    with provisionalcompleter():
        return {found.text for found in shell.Completer.completions(text, len(text))}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("test.", {"test.pass", "test.fail"}),
        ("jobs.sch", {"jobs.schedule", "jobs.scheduler.isRunning", "jobs.scheduler.start", "jobs.scheduler.stop"}),
        ("function on", set()),
        ("if (data.response.st", {"data.response.status", "data.response.statusText"}),
    ],
)
def test_names_in_script_cells(shell, typed, offered):
    found = complete(shell, f"%%kubeshark_script x\n{typed}")
    assert offered <= found
    assert all(name.startswith(typed.split()[-1].lstrip("(")) for name in found)


def test_python_cells_are_left_alone(shell):
    assert "test.pass" not in complete(shell, "test.")
    assert any("print" in name for name in complete(shell, "prin"))


def test_every_entry_has_help_and_no_name_twice():
    names = [entry.name for entry in api()]
    assert len(names) == len(set(names))
    assert all(entry.signature.startswith(entry.name.split(".")[0]) for entry in api())
