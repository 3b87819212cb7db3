"""How positive a text sounds: the VADER lexicon (vaderSentiment), on this machine, no service asked."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def sentiment(text: object) -> dict[str, float]:
    """The scores ``neg``, ``neu``, ``pos`` (0 to 1) and ``compound`` (-1 to 1); what is no text is made one."""
    return dict(_analyzer().polarity_scores(str(text)))
