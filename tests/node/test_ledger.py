from kubeshark_nb.model import ConsoleLine, HookError, Stats
from kubeshark_nb.node.ledger import ERRORS, Ledger, Ring, total
from kubeshark_nb.node.report import LINES, Report, Reporter


def line(text: str, level: str = "log") -> ConsoleLine:
    return ConsoleLine(level, text, 0, node="a")


def test_a_ring_keeps_the_newest_and_counts_the_rest():
    ring: Ring[int] = Ring(4)
    for number in range(100):
        ring.add([number])
    assert list(ring) == [96, 97, 98, 99]
    assert ring.dropped == 96


def test_clear_empties_the_console_up_to_itself():
    ledger = Ledger()
    ledger.enter(Report(node="a", console=[line("old")]))
    ledger.enter(Report(node="a", console=[line("older"), line("", "clear"), line("new")]))
    assert [each.text for each in ledger.console] == ["new"]


def test_errors_at_one_place_are_one_entry_with_a_count():
    ledger = Ledger()
    error = HookError("s.js", 3, 5, "onItemCaptured", "TypeError: x", node="a", first_item="1")
    ledger.enter(Report(node="a", errors=[error, error]))
    ledger.enter(Report(node="a", errors=[HookError("s.js", 4, 5, "onItemCaptured", "TypeError: x", node="a")]))
    assert [(each.line, each.count) for each in ledger.errors] == [(3, 2), (4, 1)]


def test_stats_of_several_nodes_add_up_with_their_reasons():
    one, other = Stats(packets=3, gaps=1, reasons={"cut": 1}), Stats(packets=4, reasons={"cut": 2, "odd": 1})
    whole = total([one, other])
    assert (whole.packets, whole.gaps, whole.reasons) == (7, 1, {"cut": 3, "odd": 1})


def test_a_flood_of_lines_goes_in_several_reports_and_none_is_lost():
    sent: list[Report] = []
    reporter = Reporter("a", sent.append)
    for number in range(LINES + 7):
        reporter.console(line(str(number)))
    reporter.flush()
    assert [len(report.console) for report in sent] == [LINES, 7]


def test_nothing_new_is_not_sent():
    sent: list[Report] = []
    Reporter("a", sent.append).flush()
    assert sent == []


def test_errors_that_never_repeat_are_bounded_and_all_counted():
    ledger = Ledger()
    for number in range(3 * ERRORS):
        ledger.enter(Report("a", errors=[HookError("s.js", 1 + number % 2, 1, "onItemCaptured", f"no {number}")]))
    assert len(ledger.errors) == ERRORS + 2
    assert sum(error.count for error in ledger.errors) == 3 * ERRORS


def test_a_ring_shows_its_entries_when_printed():
    ring: Ring[int] = Ring(4)
    ring.add([1, 2])
    assert repr(ring) == "[1, 2]"
    ring.add(list(range(10)))
    assert repr(ring) == "<4 entries, 8 dropped; the last: [9]>"
