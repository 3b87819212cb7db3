"""Which lines a console shows, and where they stand."""

from __future__ import annotations

from random import Random

import pytest

from kubeshark_nb.model import ConsoleLine
from kubeshark_nb.node.ledger import Ring
from kubeshark_nb.widgets.console_index import TALLEST, ConsoleIndex, wanted


def line(text: str, level: str = "log", **more) -> ConsoleLine:
    return ConsoleLine(level, text, 0, **more)


def texts(index: ConsoleIndex, lines, dropped: int = 0) -> list[tuple[str, int]]:
    entries = index.window(index.first, index.end - index.first)
    return [(lines[entry.number - dropped].text, entry.repeated) for entry in entries]


def test_the_same_line_again_is_counted_only_when_nothing_stands_between():
    lines = [line("a"), line("a"), line("b"), line("a")]
    index = ConsoleIndex(wanted({}))
    index.update(lines, 0)
    assert texts(index, lines) == [("a", 2), ("b", 1), ("a", 1)]


def test_a_line_is_as_high_as_its_text_within_bounds():
    index = ConsoleIndex(wanted({}))
    index.update([line("one\ntwo"), line("x\n" * 100)], 0)
    assert [entry.rows for entry in index.window(0, 100)] == [2, TALLEST]


def test_a_clear_line_empties_the_console():
    lines = [line("a"), line("", "clear"), line("b")]
    index = ConsoleIndex(wanted({}))
    index.update(lines, 0)
    assert texts(index, lines) == [("b", 1)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"text": "AB"}, ["abc"]),
        ({"level": "error"}, ["no"]),
        ({"script": "s.js", "hook": "h"}, ["x"]),
        ({}, ["abc", "no", "x"]),
    ],
)
def test_filters(asked, found):
    lines = [line("abc"), line("no", "error"), line("x", script="s.js", hook="h")]
    index = ConsoleIndex(wanted(asked))
    index.update(lines, 0)
    assert [text for text, _ in texts(index, lines)] == found


def test_an_index_kept_up_to_date_says_the_same_as_a_fresh_one():
    random = Random(7)
    ring: Ring[ConsoleLine] = Ring(50)
    kept = ConsoleIndex(wanted({"text": "a"}))
    for step in range(400):
        ring.add([line(random.choice(["a", "a", "ab\nc", "b"])) for _ in range(random.randrange(9))])
        if step % 97 == 96:
            ring.clear()
        kept.update(ring[:], ring.dropped)
        fresh = ConsoleIndex(wanted({"text": "a"}))
        fresh.update(ring[:], ring.dropped)
        shown = [text for text, _ in texts(kept, ring[:], ring.dropped)]
        expected = [text for text, _ in texts(fresh, ring[:], ring.dropped)]
        assert shown in (
            expected,
            expected[1:],
        )  # of a run of repeated lines whose first was dropped the rest goes, too
        for row in range(kept.first, kept.end):
            entry = kept.window(row, 1)[0]
            assert entry.row <= row < entry.row + entry.rows


def test_a_hundred_thousand_lines_are_indexed_once_and_then_only_added_to():
    lines = [line(f"line {at}") for at in range(100_000)]
    index = ConsoleIndex(wanted({}))
    index.update(lines, 0)
    seen = []
    counted = ConsoleIndex(lambda one: seen.append(one) or True)
    counted.update(lines, 0)
    seen.clear()
    lines.append(line("new"))
    counted.update(lines, 0)
    assert len(seen) == 1
    assert index.entries == 100_000
