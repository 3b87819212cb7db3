"""Completion in scripts and queries, asked of a real IPython completer."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from kubeshark_nb.widgets.completion import add_completion
from kubeshark_nb.widgets.cursor import cursor_in


@pytest.fixture(scope="module")
def shell():
    made = InteractiveShell()  # of its own: other tests have the one shell of the process
    add_completion(made)
    add_completion(made)  # as %reload_ext does
    return made


def complete(shell, text: str) -> list[str]:
    with provisionalcompleter():
        return [found.text for found in shell.Completer.completions(text, len(text))]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("test.", {"test.pass", "test.fail"}),
        ("jobs.sch", {"jobs.schedule", "jobs.scheduler.isRunning", "jobs.scheduler.start", "jobs.scheduler.stop"}),
        ("function onI", {"onItemCaptured", "onItemQueried"}),
        ("if (data.response.st", {"data.response.status", "data.response.statusText"}),
        ("data.request.", {"data.request.method", "data.request.headers", "data.request.questions"}),
        ("function onItemCaptured(item) {\n  item.src.", {"item.src.ip", "item.src.name"}),
        ("function onPacketCaptured(p) {\n  p.", {"p.length", "p.truncated"}),
        ("kfl.match('http and resp", {"response.status", "responseSize"}),
        ('kfl.validate("status_c', {"status_code"}),
    ],
)
def test_names_in_script_cells(shell, typed, offered):
    found = complete(shell, f"%%kubeshark_script x\n{typed}")
    assert offered <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%kubeshark_items ht", {"http", "http2", "https"}),
        ("%kubeshark_items http and response.sta", {"response.status", "response.statusText"}),
        ("df = %kubeshark_items --df http && status_", {"status_code"}),
        ("x = 1\n%kubeshark_map dst.na", {"dst.name", "dst.namespace"}),
    ],
)
def test_names_in_queries(shell, typed, offered):
    assert offered <= set(complete(shell, typed))


def test_other_cells_and_lines_are_left_alone(shell):
    assert "test.pass" not in complete(shell, "test.")
    assert "http" not in complete(shell, "%kubeshark_items http\nht")
    assert any("print" in name for name in complete(shell, "prin"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("test.pa|ss(data)", "test.pass"),
        ("data.request.pa|th.length", "data.request.path"),
        ("data.request.path.le|ngth", "data.request.path"),
        ("data.requ|est.path", "data.request"),
        ("function onItemCaptured(it) {\nit.dst.na|me", "it.dst.name"),
        ("kfl.match('http and sr|c.name', data)", "src"),
        ("kfl.match('http', da|ta)", None),
        ("nothing|", None),
        ("toString|", None),
    ],
)
def test_the_name_under_the_cursor(text, name):
    cell = f"%%kubeshark_script\n{text}"
    entry = cursor_in(cell.replace("|", ""), cell.index("|")).entry()
    assert (entry.name if entry else None) == name


def test_the_magic_line_is_no_script():
    assert cursor_in("%%kubeshark_script test.pass", 26).language == ""
    assert cursor_in("%%kubeshark_scripts\ntest.pass", 26).language == ""
