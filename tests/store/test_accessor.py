from __future__ import annotations

import base64

import pytest

from kubeshark_nb.errors import KFLError, StoreError
from kubeshark_nb.store import accessor
from kubeshark_nb.store.accessor import body_of
from tests.store.factory import many


@pytest.fixture
def frame(stored):
    verdicts = [(number % 3 == 0, number % 4 == 0) for number in range(50)]
    return stored(many(50), verdicts=verdicts).to_pandas()


def test_match_keeps_the_rows_whose_items_match(frame):
    assert frame.kubeshark.match("response.status == 500")["index"].tolist() == [0, 10, 20, 30, 40]


def test_rows_are_found_again_after_sorting_and_filtering(frame):
    some = frame[frame["index"] > 20].sort_values("index", ascending=False).reset_index(drop=True)
    assert some.kubeshark.match('request.path.endsWith("0")')["index"].tolist() == [40, 30]


def test_passed_and_failed(frame):
    assert frame.kubeshark.passed()["index"].tolist() == list(range(0, 50, 3))
    assert frame.kubeshark.failed()["index"].tolist() == list(range(0, 50, 4))


def test_body_is_decoded(frame):
    bodies = frame.kubeshark.body()
    assert bodies.tolist() == [b'{"ok":true}'] * 50
    assert bodies.index.equals(frame.index)
    assert frame.kubeshark.body("request").isna().all()
    with pytest.raises(StoreError, match="no body of"):
        frame.kubeshark.body("both")


def test_a_frame_with_documents_needs_nothing_else(stored):
    frame = stored(many(20)).to_pandas(columns=["json"])
    accessor._known.clear()
    assert len(frame.kubeshark.match("response.status == 500")) == 2


def test_what_cannot_be_led_back_is_said(frame):
    with pytest.raises(StoreError, match="keep the columns"):
        frame.drop(columns="stream").kubeshark.match("http")
    with pytest.raises(StoreError, match="of no item"):
        frame.assign(stream="other").kubeshark.match("http")
    with pytest.raises(KFLError):
        frame.kubeshark.match("htt ??? a")


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ({"content": {"text": base64.b64encode(b"\0\1").decode(), "encoding": "base64"}}, b"\0\1"),
        ({"postData": {"text": "plain"}}, b"plain"),
        ({"body": base64.b64encode(b"amqp").decode()}, b"amqp"),
        ({"content": {"text": "not base64", "encoding": "base64"}}, b"not base64"),
        ({"content": {"size": 0}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_bodies_of_every_shape(message, body):
    assert body_of(message) == body
