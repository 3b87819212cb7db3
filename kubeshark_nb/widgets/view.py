"""What every widget that answers its page has in common: the style, the feed it listens to, questions and answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets
from ipywidgets import widget_serialization

from kubeshark_nb.errors import KFLError
from kubeshark_nb.widgets.bundle import style
from kubeshark_nb.widgets.feed import Feed

Question = dict[str, Any]
Answer = Callable[[Question], Any]


class View(anywidget.AnyWidget):
    """A widget whose page sends ``{ask, id, …}`` and gets ``{id, answer}`` or ``{id, error, line, column}``.

    ``answers`` maps each kind of question to its function. Questions arrive on a thread of the kernel's choosing, so
    one lock makes them take turns. A question with id 0 wants no answer.
    """

    _css = style()
    feed = traitlets.Instance(Feed, allow_none=True).tag(sync=True, **widget_serialization)

    def __init__(self, answers: Mapping[str, Answer], *, feed: Feed | None = None) -> None:
        super().__init__(feed=feed)
        self._answers = dict(answers)
        self._turn = threading.Lock()
        self.on_msg(self._asked)

    def static_html(self) -> str:
        """The picture of this widget where no kernel runs (nbconvert, a closed notebook): escaped HTML."""
        return ""

    def static_text(self) -> str:
        """The same as plain text."""
        return f"<{type(self).__name__}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "text/html": self.static_html(), "text/plain": self.static_text()}, metadata

    def _asked(self, _widget: Any, question: Question, _buffers: Any) -> None:
        with self._turn:
            reply = self.answer(question)
        if question.get("id"):
            self.send({"id": question["id"], **reply})

    def answer(self, question: Question) -> dict[str, Any]:
        """The reply to one question, without its id: ``{"answer": …}`` or ``{"error": …}``."""
        try:
            return {"answer": self._answers[question["ask"]](question)}
        except KFLError as fault:
            return problem(fault)
        except Exception as fault:  # noqa: BLE001 (the page shows it; a comm handler has no other reader)
            return {"error": f"{type(fault).__name__}: {fault}"}


def problem(fault: KFLError) -> dict[str, Any]:
    """A query's error as the filter bar shows it, under the place it speaks of."""
    return {"error": str(fault), "reason": fault.message, "line": fault.line, "column": fault.column}
