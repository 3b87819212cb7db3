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
