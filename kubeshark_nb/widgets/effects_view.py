"""The effects panel: calls to services that scripts made, recorded or sent."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import VendorError
from kubeshark_nb.model import Effect, moment
from kubeshark_nb.widgets import fallback
from kubeshark_nb.widgets.bundle import bundle
from kubeshark_nb.widgets.view import Question, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubeshark_nb.store.query import Watch
    from kubeshark_nb.widgets.feed import Feed

HEADS = ("Time (UTC)", "Helper", "Target", "Status", "Script", "Request")
STATIC_ROWS = 40
MOST = 1000


class EffectsView(View):
    """The calls in ``effects``, newest last.

    Args:
        effects: every call, oldest first; previews are already scrubbed of secrets.
        send: ``send(number)`` sends a recorded call after all; it may raise. Without it there is no such button.
        feed: carries new calls in the channel ``effects``, made by `feed.tail`.
    """

    _esm = bundle("effects_view.js")

    def __init__(
        self, effects: Sequence[Effect], send: Callable[[int], object] | None = None, *, feed: Feed | None = None
    ) -> None:
        self._effects = effects
        self._deliver = send
        super().__init__({"effects": self._newest}, {"send": self._send_now}, feed=feed)

    def static_html(self) -> str:
        """The last calls as a table."""
        rows = [("failed" if effect.status in {"failed", "refused"} else "", _cells(effect)) for effect in self._last()]
        return fallback.table(HEADS, rows, self._caption())

    def static_text(self) -> str:
        """The last calls as text."""
        return fallback.plain(HEADS, [_cells(effect) for effect in self._last()], self._caption())

    def _caption(self) -> str:
        return f"{len(self._effects):,} calls to services"

    def _last(self) -> Sequence[Effect]:
        return self._effects[-STATIC_ROWS:]

    def _newest(self, _question: Question) -> dict[str, Any]:
        held = self._effects[:]
        dropped = getattr(self._effects, "dropped", 0)
        lines = [asdict(effect) for effect in held[-MOST:]]
        return {"lines": lines, "total": dropped + len(held), "sendable": self._deliver is not None}

    def _send_now(self, question: Question, _watch: Watch) -> str:
        if self._deliver is None:
            raise VendorError("calls cannot be sent from here")
        self._deliver(int(question["number"]))
        return "sent"


def _cells(effect: Effect) -> list[object]:
    place = f"{effect.script}:{effect.line}" if effect.script else ""
    return [f"{moment(effect.time):%H:%M:%S}", effect.helper, effect.target, effect.status, place, effect.request]
