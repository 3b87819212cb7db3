"""The lab extension: JavaScript colours in script cells, Python in their neighbours."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SCRIPT = """%%kubeshark_script alerts
function onItemCaptured(data) {
  var answer = undefined; // a comment
  console.log('hello', 42);
}"""
PYTHON = "def function(data):\n    var = None  # a comment\n    print('hello', 42)"
# Lab's theme gives each kind of token a colour; names are those of its CSS variables.
COLOUR = """([cell, word]) => {
  const spans = [...document.querySelectorAll('.jp-Notebook .jp-Cell')[cell].querySelectorAll('.cm-line span')];
  const span = spans.find(one => one.textContent === word);
  return span ? getComputedStyle(span).color : 'none';
}"""


def test_only_script_cells_are_javascript(lab):
    book = lab(PYTHON, SCRIPT, PYTHON)
    page = book.page
    page.wait_for_function(
        "document.querySelectorAll('.jp-Notebook .jp-Cell')[1].querySelectorAll('.cm-line span').length > 8"
    )

    def colour(cell, word):
        return page.evaluate(COLOUR, [cell, word])

    keyword = colour(0, "def")
    assert keyword != "none"
    assert colour(1, "function") == keyword
    assert colour(1, "var") == keyword
    assert colour(1, "// a comment") == colour(0, "# a comment") != "none"
    for neighbour in (0, 2):
        assert colour(neighbour, "def") == keyword
        assert colour(neighbour, "var") != keyword
    book.shot("highlighting-light")


def test_colours_follow_the_first_line_as_it_is_typed(lab):
    book = lab("x = 1", PYTHON)
    page = book.page
    page.locator(".jp-Notebook .jp-Cell .cm-content").first.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("%%kubeshark_script\nvar x = 1;")
    page.wait_for_function(f"({COLOUR})([0, 'var']) === ({COLOUR})([1, 'def'])")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Delete")
    page.wait_for_function(f"({COLOUR})([0, 'var']) !== ({COLOUR})([1, 'def'])")


QUERIES = """x = 1
rows = %kubeshark_items --df http and response.status >= 500
%kubeshark_items http && src.name.startsWith("web") && status_code in [500, 502]
http = x and 5"""
PIECE = """([cell, line, word]) => {
  const found = [...document.querySelectorAll('.jp-Notebook .jp-Cell')[cell].querySelectorAll('.cm-line')][line];
  const span = [...found.querySelectorAll('span')].filter(one => one.textContent === word).pop();
  return span ? [span.className, getComputedStyle(span).color] : ['none', 'none'];
}"""


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_queries_are_kfl_and_other_lines_python(lab, theme):
    book = lab(QUERIES, SCRIPT)
    book.theme(theme)
    page = book.page
    page.wait_for_selector(".jp-KubesharkKfl-macro")

    def piece(line, word):
        return page.evaluate(PIECE, [0, line, word])

    for line, word, kind in [
        (1, "http", "macro"),
        (1, "and", "keyword"),
        (1, "status", "name"),
        (1, ">=", "operator"),
        (1, "500", "number"),
        (2, "src", "name"),
        (2, "startsWith", "function"),
        (2, '"web"', "string"),
        (2, "in", "keyword"),
    ]:
        assert f"jp-KubesharkKfl-{kind}" in piece(line, word)[0], word
    assert piece(1, "500")[1] == piece(0, "1")[1] == piece(3, "5")[1]
    assert piece(1, "and")[1] == piece(3, "and")[1] != piece(1, "status")[1]
    assert (
        page.locator(".jp-Notebook .jp-Cell").nth(0).locator(".cm-line").nth(3).locator(".jp-KubesharkKfl").count() == 0
    )
    book.shot(f"query-colours-{theme.lower()}", ".jp-NotebookPanel-notebook")
