"""What each widget answers its page, and its picture without a kernel."""

from __future__ import annotations

import html.parser
import time
from contextlib import suppress

import anywidget
import pytest

from kubeshark_nb.errors import KFLError
from kubeshark_nb.model import ConsoleLine, Effect, Job
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.document import capped
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.feed import Feed
from kubeshark_nb.widgets.item_table import COLUMNS, ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView
from kubeshark_nb.widgets.progress import Progress
from kubeshark_nb.widgets.view import View
from tests.browser import corpus

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\x1b[2J\u202egnp.exe",
    "a\nb",
    "'--&amp;",
    "</pre></td>",
]
TAGS = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "bdi", "pre"}


class Tags(html.parser.HTMLParser):
    """Names of the elements, the attributes they have, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names, self.attributes, self.texts = set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.texts.append(data)


def evil_rows() -> list[dict]:
    return [
        {**corpus.row(at), "path": text, "method": text, "src_name": text, "dst_name": text, "protocol": text}
        for at, text in enumerate(EVIL)
    ]


def evil_views() -> list[View]:
    progress = Progress()
    progress.finish(" ".join(EVIL))
    return [
        ItemTable(corpus.Listed(evil_rows())),
        ConsoleView([ConsoleLine("log", text, corpus.START, text, 1, text, text, text) for text in EVIL]),
        JobsView(lambda: [Job(text, text, text, text, last_error=text) for text in EVIL]),
        EffectsView([Effect(corpus.START, text, text, text, text, text) for text in EVIL]),
        progress,
    ]


@pytest.mark.parametrize("view", evil_views(), ids=lambda view: type(view).__name__)
def test_static_pictures_hold_only_our_own_markup(view):
    shown = Tags(view.static_html())
    assert shown.names <= TAGS
    assert shown.attributes <= {"style"}
    assert "<script>alert(1)</script>" in "".join(shown.texts)
    assert not any(hidden in view.static_html() + view.static_text() for hidden in "\x1b\u202e")


def test_the_picture_is_part_of_what_is_displayed():
    data, _ = ItemTable(corpus.listed(3))._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} <= data.keys()
    assert "✗ failed" not in data["text/plain"]
    assert data["text/plain"].startswith("3 items\n")


@pytest.mark.parametrize("kind", [View, ItemTable, ConsoleView, JobsView, EffectsView, Progress, Feed])
def test_no_private_name_of_the_widget_machinery_is_overridden(kind):
    made_by_traitlets = {
        "_traits",
        "_descriptors",
        "_instance_inits",
        "_all_trait_default_generators",
        "_static_immutable_initial_values",
        "_trait_default_generators",
        "_esm",
        "_css",
        "_repr_mimebundle_",
    }
    ours = {name for name in vars(kind) if name.startswith("_") and not name.startswith("__")}
    assert not (ours - made_by_traitlets) & set(dir(anywidget.AnyWidget))


def table(**settings) -> ItemTable:
    items = corpus.listed(100)
    return ItemTable(items, corpus.query_of(items), corpus.detail, **settings)


def test_rows_travel_as_arrays_under_their_column_names():
    made = table()
    view = made.answer({"ask": "start"})["answer"]["view"]
    answer = made.answer({"ask": "rows", "start": 64, "count": 64, "view": view})["answer"]
    assert answer["columns"] == COLUMNS
    assert len(answer["rows"]) == 36
    assert dict(zip(answer["columns"], answer["rows"][0], strict=True))["id"] == corpus.row(64)["id"]


def arranged(made: ItemTable, query: str = "", sort: str = "") -> dict:
    return made.answer({"ask": "arrange", "query": query, "sort": sort})["answer"]


def test_a_query_changes_what_is_shown_and_an_error_says_where():
    made = table()
    found = arranged(made, "response.status == 500")
    assert (found["total"], found["stored"], found["growing"]) == (10, 100, False)
    assert made.kfl == "response.status == 500"
    assert made.answer({"ask": "arrange", "query": "http and nonsense", "sort": ""}) == {
        "error": "1:9: expected a comparison after a name",
        "reason": "expected a comparison after a name",
        "line": 1,
        "column": 9,
    }
    assert len(made.items) == 10


def test_sorted_rows_are_those_that_were_there():
    items = corpus.listed(100)
    made = ItemTable(items, corpus.query_of(items))
    view = arranged(made, sort="-elapsed_us")["view"]
    items.rows.append({**corpus.row(100), "elapsed_us": 10**9})
    rows = made.answer({"ask": "rows", "view": view, "start": 0, "count": 200})["answer"]["rows"]
    assert len(rows) == 100
    assert max(row[COLUMNS.index("elapsed_us")] for row in rows) < 10**9
    assert arranged(made, sort="-elapsed_us")["total"] == 101


def test_each_view_of_a_table_keeps_its_own_rows_until_many_others_were_asked_for():
    made = table()
    mine = arranged(made, "response.status == 500")["view"]
    arranged(made, "response.status == 404")
    rows = made.answer({"ask": "rows", "view": mine, "start": 0, "count": 1})["answer"]["rows"]
    assert rows[0][COLUMNS.index("status")] == 500
    for _ in range(8):
        arranged(made)
    assert made.answer({"ask": "rows", "view": mine, "start": 0, "count": 1})["answer"] == {"gone": True}


def slow_table() -> ItemTable:
    """A table whose searches end only when they are told to."""
    items = corpus.listed(10)

    def query(_kfl, watch):
        while not watch.cancelled():
            watch.progress(3, 10)
            time.sleep(0.005)
        found = items[:3]
        found.partial = True
        return found

    return ItemTable(items, query)


def test_a_long_search_can_be_watched_and_stopped_and_keeps_what_it_found():
    made = slow_table()
    busy = made.answer({"ask": "arrange", "query": "slow", "sort": ""})
    assert (busy["done"], busy["total"]) == (3, 10)
    assert "answer" in made.answer({"ask": "check", "query": "http"})  # others are answered meanwhile
    made.answer({"ask": "cancel", "errand": busy["busy"]})
    time.sleep(0.05)
    found = made.answer({"ask": "look", "errand": busy["busy"]})["answer"]
    assert (found["total"], found["partial"]) == (3, True)


def test_the_oldest_of_many_long_searches_is_given_up():
    made = slow_table()
    numbers = [made.answer({"ask": "arrange", "query": "slow", "sort": ""})["busy"] for _ in range(6)]
    assert "given up" in made.answer({"ask": "look", "errand": numbers[0]})["error"]
    assert made.answer({"ask": "look", "errand": numbers[-1]})["busy"] == numbers[-1]
    for number in numbers:
        made.answer({"ask": "cancel", "errand": number})


def test_a_long_first_filter_does_not_hold_up_the_cell():
    items = slow_table().items
    began = time.monotonic()
    made = ItemTable(items, slow_table()._filter, kfl="slow")
    assert time.monotonic() - began < 20
    assert made.answer({"ask": "start"})["answer"]["partial"]
    assert "there may be more" in made.static_text()


def test_applied_filters_are_recalled_in_the_next_table_newest_first():
    for query in ("http", "response.status == 500", "http"):
        arranged(table(), query)
    with suppress(KeyError):
        arranged(table(), "nonsense")
    assert table().answer({"ask": "start"})["answer"]["recalled"][:2] == ["http", "response.status == 500"]


def test_a_table_that_follows_shows_the_items_of_the_next_run_by_the_same_filter():
    runs = [corpus.listed(100), corpus.listed(300)]
    at = [0]

    def query(kfl, watch):
        return corpus.query_of(runs[at[0]])(kfl, watch)

    made = ItemTable(
        runs[0],
        query,
        kfl="response.status == 500",
        run=lambda: at[0],
        renew=lambda: runs[at[0]],
    )
    at[0] = 1
    begun = made.answer({"ask": "renew"})["answer"]
    assert (begun["run"], begun["total"], begun["stored"], begun["query"]) == (1, 30, 300, "response.status == 500")


def test_a_bad_first_filter_shows_everything_and_the_error():
    begun = table(kfl="nonsense").answer({"ask": "start"})["answer"]
    assert begun["total"] == 100
    assert begun["problem"]["column"] == 9


def test_selected_is_the_whole_document():
    made = table()
    assert made.selected is None
    made.answer({"ask": "select", "row": corpus.row(3)})
    assert made.selected["request"]["path"] == "/orders"


def test_detail_caps_long_texts_until_all_is_wanted():
    def detail(_row):
        return {"document": {"response": {"content": {"text": "x" * 100_000}}}, "console": [], "effects": []}

    made = ItemTable(corpus.listed(1), detail=detail)
    short = made.answer({"ask": "detail", "row": corpus.row(0)})["answer"]
    assert len(short["document"]["response"]["content"]["text"]) == 65536
    assert short["cuts"] == ["response.content.text"]
    assert made.answer({"ask": "detail", "row": corpus.row(0), "whole": True})["answer"]["cuts"] == []


def test_capping_leaves_the_callers_document_alone():
    document = {"a": ["x" * 10]}
    assert capped(document, 8) == ({"a": ["x" * 8]}, ["a.0"])
    assert document == {"a": ["x" * 10]}


def test_a_table_without_a_query_says_so():
    made = ItemTable(corpus.listed(1))
    assert "cannot be filtered" in made.answer({"ask": "arrange", "query": "http", "sort": ""})["error"]
    with pytest.raises(KFLError):
        corpus.query_of(corpus.listed(1))("nonsense")


def window(view: ConsoleView, row: int = -1, count: int = 10, **wanted) -> dict:
    return view.answer({"ask": "window", "row": row, "count": count, "filter": wanted})["answer"]


def test_a_console_answers_windows_of_rows_in_which_repeated_lines_are_one():
    view = ConsoleView(corpus.console(90))  # ten times nine lines, of which one has two rows and three say the same
    end = window(view)
    assert (end["base"], end["rows"], end["shown"], end["total"], end["dropped"]) == (0, 80, 70, 90, 0)
    assert [entry["repeated"] for entry in end["entries"]].count(3) >= 1
    assert end["entries"][-1]["row"] + end["entries"][-1]["rows"] == 80
    middle = window(view, row=35, count=5)["entries"]
    assert middle[0]["row"] <= 35 < middle[0]["row"] + middle[0]["rows"]
    found = window(view, text="REFERENCE", level="error")
    assert found["shown"] == 1
    assert found["entries"][0]["repeated"] == 10
    assert window(view, since=85)["shown"] == 3


def test_a_console_line_leads_to_its_whole_text_its_place_and_its_item():
    line = ConsoleLine("log", "x" * 5000, 0, "a.js", 2, "node-1", "onItemCaptured", "id-1")
    view = ConsoleView([line], source={"a.js": "one\ntwo\nthree"}.get, item=lambda item: {"document": {"id": item}})
    entry = window(view)["entries"][0]
    assert (len(entry["line"]["text"]), entry["line"]["cut"]) == (2000, 5000)
    whole = view.answer({"ask": "line", "number": 0})["answer"]
    assert whole["line"]["text"] == "x" * 5000
    assert whole["source"] == [(1, "one"), (2, "two"), (3, "three")]
    assert view.answer({"ask": "item", "item": "id-1"})["answer"]["document"] == {"id": "id-1"}
    assert view.answer({"ask": "line", "number": 7})["answer"] is None


def test_jobs_are_described_and_controlled():
    told = []
    view = JobsView(corpus.jobs, lambda *order: told.append(order))
    answer = view.answer({"ask": "control", "action": "run", "tag": "report"})["answer"]
    assert told == [("run", "report", None)]
    assert answer["jobs"][0]["words"] == "every 5 seconds"
    assert "error" in view.answer({"ask": "control", "action": "explode", "tag": ""})


def test_all_jobs_are_stopped_one_by_one_and_the_scheduler_as_a_whole():
    told = []
    view = JobsView(corpus.jobs, lambda *order: told.append(order))
    view.answer({"ask": "control", "action": "stop", "tag": ""})
    view.answer({"ask": "control", "action": "scheduler stop", "tag": ""})
    assert [order[:2] for order in told] == [
        ("stop", "report"),
        ("stop", "snapshot"),
        ("stop", "nightly"),
        ("scheduler stop", ""),
    ]


def test_a_run_of_a_job_has_its_own_lines():
    view = JobsView(corpus.jobs, lines=corpus.printed())
    time, following = corpus.START + 5 * 5 * corpus.NS, corpus.START + 6 * 5 * corpus.NS
    asked = {"ask": "lines", "tag": "report", "node": "node-1", "time": time, "next": following}
    answer = view.answer(asked)["answer"]
    assert [line["time"] for line in answer["lines"]] == [time + 1, time + 1]
    assert answer["more"] == 0


def test_an_unknown_question_is_an_error_and_not_a_traceback():
    assert "error" in table().answer({"ask": "nonsense"})
