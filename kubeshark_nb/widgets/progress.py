"""The bar of a replay: how far it is, and its summary line when it is over."""

from __future__ import annotations

import traitlets

from kubeshark_nb.items.escape import html, visible
from kubeshark_nb.widgets.bundle import bundle
from kubeshark_nb.widgets.view import View


class Progress(View):
    """A progress bar. Only the thread that replays sets it: ``bar.show(0.4, "12,000 items")``, ``bar.finish(text)``.

    Attributes:
        part: 0.0 to 1.0, negative while the end is unknown.
        text: what stands beside the bar.
        state: ``running``, ``done``, ``failed`` or ``stopped``.
    """

    _esm = bundle("progress.js")
    part = traitlets.Float(0.0).tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    state = traitlets.Unicode("running").tag(sync=True)

    def __init__(self) -> None:
        super().__init__({})

    def show(self, part: float, text: str = "") -> None:
        """Moves the bar. Call it at most ten times a second: each call is one message."""
        with self.hold_sync():
            self.part, self.text = part, text

    def finish(self, text: str, state: str = "done") -> None:
        """Fills the bar and leaves ``text`` as the summary."""
        with self.hold_sync():
            self.part, self.text, self.state = 1.0, text, state

    def static_html(self) -> str:
        """The summary."""
        return f'<div style="font-size:12px">{html(self.text)}</div>'

    def static_text(self) -> str:
        """The summary as text."""
        return visible(self.text)
