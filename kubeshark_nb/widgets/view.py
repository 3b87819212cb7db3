"""What every widget that answers its page has in common: the style, the feed it listens to, questions and answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from ipywidgets import widget_serialization

from kubeshark_nb.errors import KFLError, KubesharkError
from kubeshark_nb.widgets.bundle import style
from kubeshark_nb.widgets.errand import Errand
from kubeshark_nb.widgets.feed import Feed

if TYPE_CHECKING:
    from kubeshark_nb.store.query import Watch

Question = dict[str, Any]
Answer = Callable[[Question], Any]
SlowAnswer = Callable[[Question, "Watch"], Any]

AT_ONCE_S = 0.05  # an errand that ends this soon is answered like any question
MOST_ERRANDS = 4  # at a time; the oldest is given up for the next


class View(anywidget.AnyWidget):
    """A widget whose page sends ``{ask, id, …}`` and gets ``{id, answer}`` or ``{id, error, line, column}``.

    ``answers`` maps each kind of question to its function, ``slow`` those that may take long: they are an errand, and
    the reply is ``{id, busy: number, done, total}`` until it has ended. ``{ask: "look", errand: number}`` asks again,
    ``{ask: "cancel", errand: number}`` stops it. Questions arrive on a thread of the kernel's choosing, so one lock
    makes them take turns. A question with id 0 wants no answer.
    """

    _css = style()
    feed = traitlets.Instance(Feed, allow_none=True).tag(sync=True, **widget_serialization)

    def __init__(
        self, answers: Mapping[str, Answer], slow: Mapping[str, SlowAnswer] | None = None, *, feed: Feed | None = None
    ) -> None:
        super().__init__(feed=feed)
        self._answers = dict(answers)
        self._slow = dict(slow or {})
        self._errands: dict[int, Errand] = {}
        self._errand_numbers = count(1)
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
        """The reply to one question, without its id: ``{"answer": …}``, ``{"busy": …}`` or ``{"error": …}``."""
        try:
            return self._reply(question)
        except KFLError as fault:
            return problem(fault)
        except Exception as fault:  # noqa: BLE001 (the page shows it; a comm handler has no other reader)
            return {"error": str(fault) if isinstance(fault, KubesharkError) else f"{type(fault).__name__}: {fault}"}

    def _reply(self, question: Question) -> dict[str, Any]:
        kind = question["ask"]
        if kind == "here":  # so it is
            return {"answer": None}
        if kind == "look":
            return self._looked(int(question["errand"]), 0.0)
        if kind == "cancel":
            return self._cancelled(int(question["errand"]))
        if kind in self._slow:
            return self._looked(self._begin_errand(question), AT_ONCE_S)
        return {"answer": self._answers[kind](question)}

    def _begin_errand(self, question: Question) -> int:
        while len(self._errands) >= MOST_ERRANDS:
            self._errands.pop(min(self._errands)).cancel()
        number, work = next(self._errand_numbers), self._slow[question["ask"]]
        self._errands[number] = Errand(lambda watch: work(question, watch))
        return number

    def _looked(self, number: int, wait: float) -> dict[str, Any]:
        if number not in self._errands:
            raise LookupError("this was given up for newer questions; ask again")
        errand = self._errands[number]
        if not errand.ended(wait):
            done, total = errand.progress
            return {"busy": number, "done": done, "total": total}
        del self._errands[number]
        return {"answer": errand.answer()}

    def _cancelled(self, number: int) -> dict[str, Any]:
        if number in self._errands:
            self._errands[number].cancel()
        return {"answer": None}


def problem(fault: KFLError) -> dict[str, Any]:
    """A query's error as the filter bar shows it, under the place it speaks of."""
    return {"error": str(fault), "reason": fault.message, "line": fault.line, "column": fault.column}
