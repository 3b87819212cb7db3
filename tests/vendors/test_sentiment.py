"""Sentiment scores are VADER's."""

from __future__ import annotations

import pytest

from kubeshark_nb.vendors import sentiment


def test_scores_of_a_happy_and_a_sad_text():
    happy = {"neg": 0.0, "neu": 0.254, "pos": 0.746, "compound": 0.8316}
    assert sentiment("VADER is smart, handsome, and funny.") == happy
    assert sentiment("The request failed horribly.")["compound"] < -0.5


@pytest.mark.parametrize("text", ["", 7, None])
def test_what_is_no_text_is_neutral(text):
    assert sentiment(text)["compound"] == 0.0
