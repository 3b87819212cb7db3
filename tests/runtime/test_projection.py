"""Members that are missed often are sent; rare ones are not; whoever wants everything gets it."""

from __future__ import annotations

import orjson

from kubeshark_nb.runtime.projection import Projection
from tests.runtime.stage import item

DOCUMENT = item().json


def sent(projection: Projection, *documents: bytes, copies: int = 1) -> tuple[object, object]:
    shape, projected = projection.of(documents or [DOCUMENT], copies)
    return orjson.loads(shape), orjson.loads(projected)


def missed(*path: str, is_object: bool = False, times: int = 32) -> list[tuple[object, ...]]:
    return [(path[:-1], path[-1], is_object)] * times


def everything(*path: str, times: int = 32) -> list[tuple[object, ...]]:
    return [(path, None, False)] * times


def test_at_first_only_the_verdict_is_sent():
    shape, documents = sent(Projection())
    assert documents == [{"passed": False, "failed": False}]
    assert shape == {"path": [], "names": {"passed": 1, "failed": 1}, "parts": []}


def test_what_is_missed_often_is_sent_level_by_level():
    projection = Projection()
    projection.learn(missed("request", is_object=True), 32)
    assert sent(projection)[1] == [{"passed": False, "failed": False, "request": {}}]
    projection.learn([*missed("request", "path"), *missed("request", "headers", is_object=True)], 32)
    shape, [document] = sent(projection)
    assert document["request"] == {"path": "/items", "headers": {}}
    assert shape["parts"][0] == "request"
    assert shape["parts"][1]["path"] == ["request"]


def test_what_is_missed_now_and_then_is_not_sent():
    projection = Projection()
    for _ in range(100):
        projection.learn(missed("response", is_object=True, times=2), 32)
    assert "response" not in sent(projection)[0]["names"]


def test_an_object_that_is_listed_is_sent_whole():
    projection = Projection()
    projection.learn(missed("request", is_object=True), 32)
    projection.learn(everything("request"), 32)
    assert sent(projection)[1][0]["request"] == orjson.loads(DOCUMENT)["request"]


def test_a_document_that_is_listed_is_sent_whole_until_other_scripts_come():
    projection = Projection()
    projection.learn(everything(), 32)
    assert sent(projection, copies=2) == (None, [orjson.loads(DOCUMENT)] * 2)
    projection.reset()
    assert sent(projection)[1] == [{"passed": False, "failed": False}]


def test_members_that_are_no_objects_here_mean_whole_documents():
    projection = Projection()
    projection.learn(missed("request", is_object=True), 32)
    odd = item(request="text").json
    assert sent(projection, DOCUMENT, odd) == (None, [orjson.loads(DOCUMENT), orjson.loads(odd)])
    assert sent(projection, item(request=None).json)[1] == [{"passed": False, "failed": False, "request": None}]


def test_each_script_gets_a_copy():
    assert len(sent(Projection(), DOCUMENT, DOCUMENT, copies=3)[1]) == 6


def test_values_keep_their_spelling():
    projection = Projection()
    projection.learn(missed("n"), 32)
    odd = b'{"n":1e400,"passed":false,"failed":false}', b'{"n":12345678901234567890123,"m":"\\u00e9"}'
    assert projection.of(odd, 1)[1] == b'[{"passed":false,"failed":false,"n":1e400},{"n":12345678901234567890123}]'


def test_what_is_no_unicode_is_left_to_the_interpreter():
    assert sent(Projection(), DOCUMENT)[0] is not None
    assert Projection().of([b'{"m":"\\ud800"}'], 1) == (b"null", b'[{"m":"\\ud800"}]')
