"""What magics show: the session's results as widgets, all fed by one push-only feed per session."""

from __future__ import annotations

import reprlib
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from IPython.display import display

from kubeshark_nb.errors import KFLError
from kubeshark_nb.handles import COUNTED
from kubeshark_nb.kfl import compile as compile_kfl
from kubeshark_nb.model import moment
from kubeshark_nb.run_view import RunView
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.dashboard import Dashboard
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.feed import Feed, counted, tail, whole
from kubeshark_nb.widgets.item_table import ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView, jobs_channel
from kubeshark_nb.widgets.map_view import MapView
from kubeshark_nb.widgets.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubeshark_nb.handles import Script
    from kubeshark_nb.model import ConsoleLine, Effect
    from kubeshark_nb.node.ledger import Merged
    from kubeshark_nb.session import Session
    from kubeshark_nb.widgets.feed import Channel
    from kubeshark_nb.widgets.view import View

T = TypeVar("T")


class Following(Sequence[T]):
    """A list of the session's latest run, whichever run that is: panels that stay while scripts come and go show it."""

    def __init__(self, ring: Callable[[], Merged[T]]) -> None:
        self._ring = ring
        self._latest, self._rings = ring(), 1

    def __len__(self) -> int:
        return len(self._ring())

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        return self._ring()[at]

    @property
    def dropped(self) -> int:
        """How many entries the run has lost in front."""
        return self._ring().dropped

    @property
    def order(self) -> tuple[int, int]:
        """Another one: another run, or its entries have changed places."""
        ring = self._ring()
        if ring is not self._latest:
            self._latest, self._rings = ring, self._rings + 1
        return self._rings, ring.shuffled


_feeds: weakref.WeakKeyDictionary[Session, Feed] = weakref.WeakKeyDictionary()


def feed_of(session: Session) -> Feed:
    """The session's feed: made once, so that however many widgets there are, one thread carries their news."""
    if session not in _feeds:
        _feeds[session] = Feed(
            {
                "console": counted(lines_of(session)),
                "effects": tail(effects_of(session)),
                "jobs": jobs_of(session),
                "stats": whole(lambda: figures(session)),
                "items": whole(lambda: {"total": session.stats.items, "run": session.run_number}),
                "progress": whole(lambda: how_far(session)),
            },
            over=lambda: session.closed,
        )
    return _feeds[session]


def jobs_of(session: Session) -> Channel:
    """The channel of the session's jobs."""
    return jobs_channel(lambda: session.jobs, lambda: session.ledger.progress.time)


def sidebar(session: Session) -> tuple[dict[str, View], dict[str, Channel]]:
    """Console and jobs for JupyterLab's sidebar, which has a channel of its own instead of the feed."""
    return (
        {"console": console(session, feed=False), "jobs": jobs(session, feed=False)},
        {"console": counted(lines_of(session)), "jobs": jobs_of(session)},
    )


def live_feed(session: Session) -> Feed | None:
    """The feed while a run goes on; what shows the items of a finished run stays as it is."""
    return feed_of(session) if session.running else None


def lines_of(session: Session) -> Following[ConsoleLine]:
    """The console of the session's latest run."""
    return Following(lambda: session.ledger.console)


def effects_of(session: Session) -> Following[Effect]:
    """The vendor calls of the session's latest run."""
    return Following(lambda: session.ledger.effects)


def run_script(session: Session, source: str, name: str, env: Mapping[str, str], *, load_only: bool) -> Script | None:
    """Load a script; over a bound capture also run it, with a progress bar, its console and a summary line.

    On a live capture it attaches: its console goes on while other cells run.
    """
    if load_only or session.bound is None:
        return session.load_script(source, name, env)
    if session.bound.is_live:
        script = session.attach_script(source, name, env)
        display(console(session))
        return script
    bar = Progress()
    shown = display(bar, display_id=True)
    try:
        run = session.replay_script(source, name, env, lambda: bar.show(*progress(session)))
    except BaseException:
        bar.finish("", "failed")
        raise
    bar.finish(str(run), run.ended)
    shown.update(bar)  # what a saved notebook keeps is the summary, not the empty bar
    if session.console.lines:  # of this run, whatever comes later
        display(ConsoleView(session.console.lines, source=session.source_of, item=RunView(session).item))
    return None


def progress(session: Session) -> tuple[float, str]:
    """How much of the replay is done (0 to 1, -1 when unknown), and what it has brought."""
    now, stats = session.ledger.progress, session.stats
    part = now.done / now.total if now.total else -1.0
    sending = f"LIVE VENDORS: {', '.join(session.vendor.policy.live)} · " if session.vendor.policy.live else ""
    clock = f" · {moment(now.time):%H:%M:%S}" if now.time else ""
    return part, f"{sending}{stats.packets:,} packets · {stats.items:,} items{clock}"


def how_far(session: Session) -> dict[str, Any]:
    """The dashboard's view of the run: state, speed, the part done (-1 when unknown) and the clock (ns)."""
    now, bound = session.ledger.progress, session.bound
    state = session.state
    part = 1.0 if state == "done" else now.done / now.total if now.total else -1.0
    speed = bound.speed if bound and not bound.is_live else ""
    live = ", ".join(session.vendor.policy.live)
    return {"state": state, "part": round(part, 3), "time": now.time, "speed": speed, "sending": live}


def finished(session: Session) -> None:
    """Until a replay that goes on, or that nobody has begun yet, has ended; a bar shows how far it is meanwhile."""
    if session.bound is None or session.bound.is_live or (session.run_number and not session.running):
        return
    bar = Progress()
    shown = display(bar, display_id=True)
    try:
        if not session.running:
            session.start()
        run = session.wait(lambda: bar.show(*progress(session)))
    except BaseException:
        bar.finish("", "failed")
        raise
    bar.finish(str(run), run.ended)
    shown.update(bar)


def begun(session: Session) -> None:
    """A run of what is bound goes on or has ended; one that nobody began is begun, and not waited for."""
    if session.bound is not None and not session.run_number and not session.running:
        session.start()


def at_hand(session: Session) -> None:
    """There are items to show: a replay at full speed is waited for, one at the pace of its capture is looked at."""
    if session.bound is not None and session.bound.speed != "max":
        begun(session)
    else:
        finished(session)


def checked(kfl: str) -> str:
    """``kfl`` as it is, before a run is waited for on its account, or a widget has a mistake where nobody looks.

    Raises:
        KFLError: it is no query; the line says what is wrong, where, and where to read what is right.
    """
    try:
        compile_kfl(kfl)
    except KFLError as error:
        rest = kfl.split("\n")[error.line - 1][error.column - 1 :]
        place = f"at {reprlib.repr(rest)}" if rest else "at the end"
        raise KFLError(
            f"{error.message}, {place} of {reprlib.repr(kfl)}; mend it there, or see %kubeshark_help",
            line=error.line,
            column=error.column,
        ) from None
    return kfl


def item_table(session: Session, kfl: str = "") -> ItemTable:
    """The item table of the latest run, filtered by ``kfl``. Raises KFLError."""
    checked(kfl)
    at_hand(session)
    return table_of(RunView(session), live_feed(session), kfl)


def table_of(run: RunView, feed: Feed | None, kfl: str, *, follow: bool = False) -> ItemTable:
    """The items of ``run``; ``follow``: and of each run that comes after it."""
    return ItemTable(
        run.items,
        run.query,
        run.detail,
        check=compile_kfl,
        pcap=run.pcap,
        kfl=kfl,
        feed=feed,
        hooked=run.hooked,
        run=lambda: run.number,
        renew=run.latest if follow else None,
    )


def console(session: Session, *, feed: bool = True) -> ConsoleView:
    """What scripts printed, kept up to date by the session's feed, or by whoever shows it."""
    return ConsoleView(
        lines_of(session),
        source=session.source_of,
        item=lambda item: RunView(session).item(item),
        feed=feed_of(session) if feed else None,
    )


def jobs(session: Session, *, feed: bool = True) -> JobsView:
    """The jobs and their buttons, kept up to date by the session's feed, or by whoever shows them."""
    bound = session.bound
    return JobsView(
        lambda: session.jobs,
        session.control_job,
        lines=lines_of(session),
        clock=lambda: session.ledger.progress.time,
        live=bool(bound and bound.is_live),
        feed=feed_of(session) if feed else None,
    )


def effects(session: Session) -> EffectsView:
    """Calls to services: recorded, sent or refused."""
    return EffectsView(effects_of(session), session.vendor.send_now, feed=feed_of(session))


def service_map(session: Session, kfl: str = "") -> MapView:
    """Who talks to whom, with rates, errors and latency, and when. Raises KFLError."""
    checked(kfl)
    at_hand(session)
    return MapView(RunView(session).columns, kfl=kfl, feed=live_feed(session))


def dashboard(session: Session, kfl: str = "") -> Dashboard:
    """Everything on one page, of the latest run and of those that follow; a replay goes on while it is looked at.

    Raises:
        KFLError: ``kfl`` is no query.
    """
    checked(kfl)
    begun(session)
    run, feed = RunView(session), feed_of(session)
    return Dashboard(
        table=table_of(run, feed, kfl, follow=True),
        console=console(session),
        jobs=jobs(session),
        effects=effects(session),
        traffic=MapView(run.columns, kfl=kfl, feed=feed),
        stats=lambda: figures(session),
        progress=lambda: how_far(session),
        control=lambda action: control(session, action),
        feed=feed,
    )


def control(session: Session, action: str) -> None:
    """``pause``, ``resume``, ``stop`` what goes on, ``replay`` the capture again, or ``speed 10x``.

    Raises:
        NodeError: no such action.
        CaptureError: no such speed; the capture cannot be read any more.
    """
    name, _, speed = action.partition(" ")
    if name == "speed":
        session.pace(speed)
    elif name == "replay":
        session.start()
    else:
        session.control_run(name)


def figures(session: Session) -> dict[str, int]:
    """The numbers of the dashboard's top line."""
    stats = session.stats
    return {name: getattr(stats, name) for name in COUNTED}
