"""What each widget answers its page, and its picture without a kernel."""

from __future__ import annotations

import html.parser

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
    answer = table().answer({"ask": "rows", "start": 64, "count": 64, "sort": ""})["answer"]
    assert answer["columns"] == COLUMNS
    assert len(answer["rows"]) == 36
    assert dict(zip(answer["columns"], answer["rows"][0], strict=True))["id"] == corpus.row(64)["id"]


def test_a_query_changes_what_is_shown_and_an_error_says_where():
    made = table()
    assert made.answer({"ask": "query", "query": "response.status == 500"})["answer"] == {"total": 10, "stored": 100}
    assert made.kfl == "response.status == 500"
    assert made.answer({"ask": "query", "query": "http and nonsense"}) == {
        "error": "1:9: expected a comparison after a name",
        "reason": "expected a comparison after a name",
        "line": 1,
        "column": 9,
    }
    assert len(made.items) == 10


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
    assert "cannot be filtered" in ItemTable(corpus.listed(1)).answer({"ask": "query", "query": "http"})["error"]
    with pytest.raises(KFLError):
        corpus.query_of(corpus.listed(1))("nonsense")


def test_console_answers_pages_filters_and_clear():
    view = ConsoleView(corpus.console(90))
    page = view.answer({"ask": "lines", "before": 0, "count": 10})["answer"]
    assert (len(page["lines"]), page["first"], page["total"], page["more"]) == (10, 80, 90, True)
    before = view.answer({"ask": "lines", "before": 80, "count": 100})["answer"]
    assert (len(before["lines"]), before["first"], before["more"]) == (80, 0, False)
    found = view.answer({"ask": "lines", "before": 0, "count": 100, "filter": {"text": "REFERENCE", "level": "error"}})[
        "answer"
    ]
    assert len(found["lines"]) == 10
    cleared = ConsoleView([*corpus.console(3), ConsoleLine("clear", "", 0), *corpus.console(2)])
    assert len(cleared.answer({"ask": "lines", "before": 0, "count": 9})["answer"]["lines"]) == 2


def test_jobs_are_described_and_controlled():
    told = []
    view = JobsView(corpus.jobs, lambda *order: told.append(order))
    answer = view.answer({"ask": "control", "action": "run", "tag": "report"})["answer"]
    assert told == [("run", "report")]
    assert answer["jobs"][0]["words"] == "every 5 seconds"
    assert "error" in view.answer({"ask": "control", "action": "explode", "tag": ""})


def test_an_unknown_question_is_an_error_and_not_a_traceback():
    assert "error" in table().answer({"ask": "nonsense"})
