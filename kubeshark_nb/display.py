"""What magics show: the session's results as widgets, all fed by one push-only feed per session."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar, overload

from IPython.display import display

from kubeshark_nb.handles import COUNTED
from kubeshark_nb.kfl import compile as compile_kfl
from kubeshark_nb.kfl import quote
from kubeshark_nb.model import moment
from kubeshark_nb.widgets.console_view import ConsoleView
from kubeshark_nb.widgets.dashboard import Dashboard
from kubeshark_nb.widgets.effects_view import EffectsView
from kubeshark_nb.widgets.feed import Feed, tail, whole
from kubeshark_nb.widgets.item_table import ItemTable
from kubeshark_nb.widgets.jobs_view import JobsView, jobs_channel
from kubeshark_nb.widgets.map_view import MapView
from kubeshark_nb.widgets.progress import Progress
from kubeshark_nb.widgets.service_edges import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubeshark_nb.handles import Script
    from kubeshark_nb.model import ConsoleLine, Effect
    from kubeshark_nb.node.ledger import Ring
    from kubeshark_nb.session import Session
    from kubeshark_nb.widgets.feed import Channel
    from kubeshark_nb.widgets.view import View

T = TypeVar("T")


class Following(Sequence[T]):
    """A list of the session's latest run, whichever run that is: panels that stay while scripts come and go show it."""

    def __init__(self, ring: Callable[[], Ring[T]]) -> None:
        self._ring = ring

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


_feeds: weakref.WeakKeyDictionary[Session, Feed] = weakref.WeakKeyDictionary()


def feed_of(session: Session) -> Feed:
    """The session's feed: made once, so that however many widgets there are, one thread carries their news."""
    if session not in _feeds:
        _feeds[session] = Feed(
            {
                "console": tail(lines_of(session)),
                "effects": tail(effects_of(session)),
                "jobs": jobs_of(session),
                "stats": whole(lambda: figures(session)),
                "items": whole(lambda: {"total": session.stats.items}),
            }
        )
    return _feeds[session]


def jobs_of(session: Session) -> Channel:
    """The channel of the session's jobs."""
    return jobs_channel(lambda: session.jobs, lambda: session.ledger.progress.time)


def sidebar(session: Session) -> tuple[dict[str, View], dict[str, Channel]]:
    """Console and jobs for JupyterLab's sidebar, which has a channel of its own instead of the feed."""
    return (
        {"console": ConsoleView(lines_of(session)), "jobs": jobs(session, feed=False)},
        {"console": tail(lines_of(session)), "jobs": jobs_of(session)},
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
    if session.console.lines:
        display(ConsoleView(session.console.lines))  # of this run, whatever comes later
    return None


def progress(session: Session) -> tuple[float, str]:
    """How much of the replay is done (0 to 1, -1 when unknown), and what it has brought."""
    now, stats = session.ledger.progress, session.stats
    part = now.done / now.total if now.total else -1.0
    sending = f"LIVE VENDORS: {', '.join(session.vendor.policy.live)} · " if session.vendor.policy.live else ""
    clock = f" · {moment(now.time):%H:%M:%S}" if now.time else ""
    return part, f"{sending}{stats.packets:,} packets · {stats.items:,} items{clock}"


def item_table(session: Session, kfl: str = "") -> ItemTable:
    """The item table, filtered by ``kfl``."""
    return ItemTable(
        session.query(),
        session.query,
        lambda row: detail(session, row),
        check=compile_kfl,
        pcap=lambda row: stream_pcap(session, str(row["stream"])),
        kfl=kfl,
        feed=live_feed(session),
    )


def detail(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    """One item's document, with the console lines and vendor calls it caused."""
    lines = [asdict(line) for line in session.console.lines if line.item == row["id"]]
    effects = [asdict(effect) for effect in session.effects if effect.item == row["id"]]
    return {"document": session.document(row["id"]), "console": lines, "effects": effects}


def stream_pcap(session: Session, stream: str) -> bytes:
    """A capture file of one stream's packets."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / stream
        session.items.query(f"stream == {quote(stream)}").to_pcap(path)
        return path.read_bytes()


def console(session: Session) -> ConsoleView:
    """What scripts printed."""
    return ConsoleView(lines_of(session), feed=feed_of(session))


def jobs(session: Session, *, feed: bool = True) -> JobsView:
    """The jobs and their buttons, kept up to date by the session's feed, or by whoever shows them."""
    bound = session.bound
    return JobsView(
        lambda: session.jobs,
        session.control_job,
        clock=lambda: session.ledger.progress.time,
        live=bool(bound and bound.is_live),
        feed=feed_of(session) if feed else None,
    )


def effects(session: Session) -> EffectsView:
    """Calls to services: recorded, sent or refused."""
    return EffectsView(effects_of(session), session.vendor.send_now, feed=feed_of(session))


def service_map(session: Session, kfl: str = "") -> MapView:
    """Who talks to whom, with rates, errors and latency, and when."""
    return MapView(
        lambda query: session.query(query).to_arrow(list(COLUMNS)).to_pydict(), kfl=kfl, feed=live_feed(session)
    )


def dashboard(session: Session, kfl: str = "") -> Dashboard:
    """Everything on one page."""
    return Dashboard(
        table=item_table(session, kfl),
        console=console(session),
        jobs=jobs(session),
        effects=effects(session),
        traffic=service_map(session, kfl),
        stats=lambda: figures(session),
        control=session.control_run,
        feed=feed_of(session),
    )


def figures(session: Session) -> dict[str, int]:
    """The numbers of the dashboard's top line."""
    stats = session.stats
    return {name: getattr(stats, name) for name in COUNTED}
