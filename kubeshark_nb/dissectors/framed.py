"""What conversations of framed, numbered messages share: after a gap they look for a frame; at the end, they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.dissector import Dissector
from kubeshark_nb.dissectors.frames import Frames
from kubeshark_nb.dissectors.numbered import Numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.items.protocol import Protocol
    from kubeshark_nb.traffic import Side, Why


class Framed(Dissector):
    """Length-prefixed messages in both directions, paired by number. Subclasses read: `advance`.

    Args:
        measure: the length of the frame that begins at some bytes; see `Frames`.
        protocol: the descriptor of the items.
    """

    apart = True

    def __init__(self, talk: StreamTalk, measure: Callable[[bytes, int], int], protocol: Protocol) -> None:
        super().__init__(talk)
        self._frames = (Frames(measure), Frames(measure))
        self._lost = [False, False]
        self._pairs = Numbered(talk, protocol)

    def gap(self, side: Side, missing: int) -> None:
        """The message in the gap is lost; the next one is looked for at the start of a segment."""
        self._frames[side].reset()
        self._lost[side] = True

    def end(self, side: Side, why: Why) -> None:
        """No answer comes any more, once both are silent."""
        if all(buffer.ended for buffer in self.talk.buffers):
            self._pairs.end(self.talk.half(why))
