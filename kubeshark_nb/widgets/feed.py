"""The push-only feed: one widget that carries every update to the page, at most ten messages a second.

A thread that publishes on a comm moves that comm's next incoming message to the kernel's main thread, where it waits
for a running cell. So widgets that answer questions (tables, buttons) never publish by themselves: this one does it
for all of them, and nobody ever asks it anything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import anywidget

from kubeshark_nb.widgets.bundle import bundle

if TYPE_CHECKING:
    from kubeshark_nb.model import ConsoleLine, Effect

# What a channel last saw -> (what it sees now, what to send; None when nothing is new).
Channel = Callable[[Any], tuple[Any, Any]]

PERIOD_S = 0.2  # with the rows a following table asks for, below ten messages a second
MOST_LINES = 400  # of one message: 100 KB at 250 bytes a line


def whole(read: Callable[[], Any]) -> Channel:
    """A channel that sends all of ``read()`` whenever it differs from last time."""

    def look(last: Any) -> tuple[Any, Any]:
        now = read()
        return now, (None if now == last else now)

    return look


def tail(records: Sequence[ConsoleLine] | Sequence[Effect]) -> Channel:
    """A channel that sends what was appended to ``records`` since last time: ``{first, total, dropped, lines}``.

    ``first`` counts from the very first record, also those a ring has ``dropped`` (an optional attribute of
    ``records``) at its front. Of a burst only the newest `MOST_LINES` are sent. Where the attribute ``order`` of
    ``records`` is another one, they are other records: then everything is ``again`` from the start.
    """

    def look(last: tuple[int, Any] | None) -> tuple[tuple[int, Any], Any]:
        dropped, order = getattr(records, "dropped", 0), getattr(records, "order", None)
        total = dropped + len(records)
        seen, before = last or (0, order)
        again = order != before or total < seen
        if total == seen and not again:
            return (total, order), None
        first = max(0 if again else seen, total - MOST_LINES, dropped)
        lines = [asdict(record) for record in records[first - dropped : total - dropped]]
        news = {"first": first, "total": total, "dropped": dropped, "lines": lines}
        return (total, order), {**news, "again": True} if again else news

    return look


def counted(records: Sequence[Any]) -> Channel:
    """A channel that sends how many ``records`` there ever were, and how many a ring has dropped.

    ``{total, dropped, order}``; another ``order``: other records. The page asks for what it looks at.
    """

    def look(last: dict[str, Any] | None) -> tuple[dict[str, Any], Any]:
        dropped, order = getattr(records, "dropped", 0), getattr(records, "order", None)
        now = {"total": dropped + len(records), "dropped": dropped, "order": order}
        return now, (None if now == last else now)

    return look


class Feed(anywidget.AnyWidget):
    """Polls ``channels`` and sends what changed, by channel name, in one message.

    Channel names that widgets listen to: ``items`` (``{"total": int, ...}``), ``console``, ``effects``, ``jobs``,
    ``stats``, ``progress``. A channel that raises is reported once in ``faults`` and polled on. Ends when ``over()``.
    """

    _esm = bundle("feed.js")

    def __init__(
        self,
        channels: Mapping[str, Channel],
        *,
        period: float = PERIOD_S,
        over: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self._over = over
        self.faults: dict[str, str] = {}
        self._channels = dict(channels)
        self._seen: dict[str, Any] = {}
        self._period = period
        self._stopped = threading.Event()
        self._polling = threading.Thread(target=self._run, name="kubeshark-feed", daemon=True)
        self._polling.start()

    def close(self) -> None:
        """Stops polling and closes the comm."""
        self._stopped.set()
        super().close()

    def poll(self) -> dict[str, Any]:
        """What changed since the last call, by channel."""
        return {name: news for name in self._channels if (news := self._look(name)) is not None}

    def _look(self, name: str) -> Any:
        try:
            self._seen[name], news = self._channels[name](self._seen.get(name))
        except Exception as fault:  # noqa: BLE001 (a broken channel must not silence the others)
            self.faults[name] = f"{type(fault).__name__}: {fault}"
            return None
        return news

    def _run(self) -> None:
        last = False
        while not last and not self._stopped.wait(self._period):
            last = self._over()  # looked at before the news, so that the very last are sent
            if (news := self.poll()) and not self._stopped.is_set():
                self.send(news)
