"""What magics show: the session's results as widgets, all fed by one push-only feed per session."""

from __future__ import annotations

import weakref
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from IPython.display import display

from kubeshark_nb.kfl import compile as compile_kfl
from kubeshark_nb.model import moment
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.feed import Feed, tail, whole
from kubeshark_nb.widgets.item_table import ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView, jobs_channel
from kubeshark_nb.widgets.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubeshark_nb.session import Run, Script, Session

_feeds: weakref.WeakKeyDictionary[Session, Feed] = weakref.WeakKeyDictionary()


def feed_of(session: Session) -> Feed:
    """The session's feed: made once, so that however many widgets there are, one thread carries their news."""
    if session not in _feeds:
        ledger = session.ledger
        _feeds[session] = Feed(
            {
                "console": tail(ledger.console),
                "effects": tail(ledger.effects),
                "jobs": jobs_channel(lambda: session.jobs, lambda: ledger.progress.time),
                "items": whole(lambda: {"total": session.stats.items}),
            }
        )
    return _feeds[session]


def run_script(session: Session, source: str, name: str, env: Mapping[str, str], *, load_only: bool) -> Script | None:
    """Load a script; over a bound capture also run it, with a progress bar, its console and a summary line."""
    if load_only or session.bound is None:
        return session.load_script(source, name, env)
    bar = Progress()
    display(bar)
    try:
        run = session.replay_script(source, name, env, lambda: bar.show(*progress(session)))
    except BaseException:
        bar.finish("", "failed")
        raise
    bar.finish(summary(run), run.ended)
    if session.console.lines:
        display(console(session))
    return None


def progress(session: Session) -> tuple[float, str]:
    """How much of the replay is done (0 to 1, -1 when unknown), and what it has brought."""
    now, stats = session.ledger.progress, session.stats
    part = now.done / now.total if now.total else -1.0
    clock = f" · {moment(now.time):%H:%M:%S}" if now.time else ""
    return part, f"{stats.packets:,} packets · {stats.items:,} items{clock}"


def summary(run: Run) -> str:
    """One line: packets, items, verdicts, what was lost, seconds."""
    return str(run)


def item_table(session: Session, kfl: str = "") -> ItemTable:
    """The item table, filtered by ``kfl``."""
    return ItemTable(
        session.query(),
        session.query,
        lambda row: detail(session, row),
        check=compile_kfl,
        kfl=kfl,
        feed=feed_of(session),
    )


def detail(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    """One item's document, with the console lines and vendor calls it caused."""
    lines = [asdict(line) for line in session.console.lines if line.item == row["id"]]
    effects = [asdict(effect) for effect in session.effects if effect.item == row["id"]]
    return {"document": session.document(row["id"]), "console": lines, "effects": effects}


def console(session: Session) -> ConsoleView:
    """What scripts printed."""
    return ConsoleView(session.console.lines, feed=feed_of(session))


def jobs(session: Session) -> JobsView:
    """The jobs and their buttons."""
    bound = session.bound
    return JobsView(
        lambda: session.jobs,
        session.control_job,
        clock=lambda: session.ledger.progress.time,
        live=bool(bound and bound.is_live),
        feed=feed_of(session),
    )


def effects(session: Session) -> EffectsView:
    """Calls to services: recorded, sent or refused."""
    return EffectsView(session.effects, feed=feed_of(session))
