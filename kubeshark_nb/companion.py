"""What the JupyterLab extension talks to: the state of the session, its console and jobs, and the check of queries.

The kernel opens two comms when the magics are loaded. Pages that have the extension answer to them, other front ends
ignore them. One is asked (``{ask, id, …}``) and answers; the other only pushes, because a thread that publishes on a
comm moves that comm's next question behind a running cell.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import KFLError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.session import Session
    from kubeshark_nb.widgets.feed import Channel
    from kubeshark_nb.widgets.view import View

ASK, NEWS = "kubeshark_nb.ask", "kubeshark_nb.news"
PERIOD_S = 0.5
MOST_QUERIES = 50  # of one question

Question = Mapping[str, Any]


class Companion:
    """Answers pages about the session behind the magics, and tells them when its state changes.

    Args:
        current: the session, ``None`` while there is none; asking makes none.
        comm: makes a comm of the given target.
    """

    def __init__(self, current: Callable[[], Session | None], comm: Callable[[str], Any]) -> None:
        self._current = current
        self._shown = _Shown()
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._seen: dict[str, Any] = {}
        self._answers: dict[str, Callable[[Question], Any]] = {
            "light": lambda _: light(current()),
            "check": lambda question: [problems(query) for query in question["queries"][:MOST_QUERIES]],
            "view": self._view,
        }
        self._news = comm(NEWS)
        self._asked = comm(ASK)
        self._asked.on_msg(self._answer)
        threading.Thread(target=self._run, name="kubeshark-companion", daemon=True).start()

    def close(self) -> None:
        """Say no more."""
        self._ended.set()
        self._news.close()
        self._asked.close()

    def _answer(self, message: Mapping[str, Any]) -> None:
        question = message["content"]["data"]
        with self._turn:
            try:
                reply = {"answer": self._answers[question["ask"]](question)}
            except Exception as error:  # noqa: BLE001 - the page shows it; a comm has no other reader
                reply = {"error": f"{type(error).__name__}: {error}"}
        self._asked.send({"id": question["id"], **reply})

    def _view(self, question: Question) -> Any:
        """What the console or the jobs panel asks, and whether there is anything to ask: ``{session, …}``."""
        session = self._current()
        if session is None:
            return {"session": False}
        reply = self._shown.views(session)[question["name"]].answer(dict(question["question"]))
        return {"session": True, "reply": reply}

    def _run(self) -> None:
        while not self._ended.wait(PERIOD_S):
            if news := self._poll():
                self._news.send(news)

    def _poll(self) -> dict[str, Any]:
        """What is new since last time, by channel."""
        session = self._current()
        channels = {"light": lambda last: _changed(last, light(session)), **self._shown.channels(session)}
        found = {}
        for name, look in channels.items():
            self._seen[name], news = look(self._seen.get(name))
            if news is not None:
                found[name] = news
        return found


class _Shown:
    """The console and the jobs of the session that pages look at: made when a page first asks for one of them."""

    def __init__(self) -> None:
        self._of: tuple[Session, Any] | None = None
        self._views: dict[str, View] = {}
        self._channels: dict[str, Channel] = {}

    def views(self, session: Session) -> Mapping[str, View]:
        """By name."""
        from kubeshark_nb.display import sidebar

        if self._of != (session, session.bound):
            self._views, self._channels = sidebar(session)
            self._of = session, session.bound
        return self._views

    def channels(self, session: Session | None) -> Mapping[str, Channel]:
        """What is followed of ``session``: nothing while no page shows it."""
        return self._channels if session is not None and self._of == (session, session.bound) else {}


def light(session: Session | None) -> dict[str, Any]:
    """How a session is doing: ``{session, state, vendors, text, part}``.

    ``session`` is whether there is one; ``state`` is ``idle``, ``replaying`` or ``live``; ``vendors`` are the services
    that calls are really sent to; ``part`` is how much of a replay is done, 0 to 1, -1 when unknown.
    """
    if session is None:
        return {"session": False, "state": "idle", "vendors": [], "text": "nothing is bound yet", "part": -1}
    bound = session.bound
    live = bound is not None and bound.is_live
    state = ("live" if live else "replaying") if session.running else "idle"
    now, stats = session.ledger.progress, session.stats
    part = round(now.done / now.total, 2) if state == "replaying" and now.total else -1
    text = f"{bound.label if bound else 'nothing is bound yet'} · {stats.items:,} items · {stats.failed:,} failed"
    return {"session": True, "state": state, "vendors": list(session.vendor.policy.live), "text": text, "part": part}


def problems(query: str) -> list[dict[str, Any]]:
    """What is wrong with a query, or odd about it: ``{line, column, text, severity}``, places from 1."""
    from kubeshark_nb import kfl

    try:
        kfl.compile(query)
    except KFLError as error:
        return [{"line": error.line or 1, "column": error.column or 1, "text": error.message, "severity": "error"}]
    return [{**hint._asdict(), "severity": "info"} for hint in kfl.hints(query)]


def _changed(last: Any, now: Any) -> tuple[Any, Any]:
    return now, (None if now == last else now)
