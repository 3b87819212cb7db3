"""What one side of an HTTP/2 connection needs to be read: its frames, its header compression, a block in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubeshark_nb.dissectors.hpack_context import HeaderContext
from kubeshark_nb.dissectors.http2_frames import CONTINUATION, Frames, Lost, find_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.http2_frames import Frame
    from kubeshark_nb.dissectors.http2_message import Message

MAX_BLOCK = 1 << 20  # bytes of one header block in its CONTINUATIONs


class Block(NamedTuple):
    """A header block, perhaps to be continued. ``promised``: the stream that a push promises, else 0."""

    stream: int
    ends_stream: bool
    promised: int
    parts: list[bytes]


class Half:
    """One side.

    Args:
        whole: the connection's first bytes are there.

    Attributes:
        block: the header block that is not whole yet; ``wire`` counts the bytes of its frames.
        body: the message that the DATA read last belongs to.
    """

    def __init__(self, buffer: Buffer, *, whole: bool) -> None:
        self.context = HeaderContext(whole=whole)
        self.block: Block | None = None
        self.wire = 0
        self.body: Message | None = None
        self._buffer = buffer
        self._frames = Frames()
        self._lost = False  # the next frame has to be found first

    @property
    def inside(self) -> bool:
        """Whether the next bytes are payload."""
        return self._frames.inside

    def read(self) -> Iterator[Frame]:
        """Every frame that is there.

        Raises:
            Lost: the framing makes no sense any more.
        """
        if self._lost:
            found = find_frame(self._buffer.data, self._buffer.at)
            if found is None:
                self._buffer.clear()
                return
            self._buffer.at = found
            self._lost = False
        for frame in self._frames.read(self._buffer):
            if self.block is not None and frame.kind != CONTINUATION:
                raise Lost  # RFC 9113, 6.10: nothing may stand between
            yield frame

    def go_on_with_block(self, frame: Frame) -> Block:
        """The open block, with what a CONTINUATION adds to it.

        Raises:
            Lost: there is none, or it never ends.
        """
        if self.block is None or self.block.stream != frame.stream or self.wire > MAX_BLOCK:
            raise Lost
        self.block.parts.append(frame.payload)
        return self.block

    def gap(self, missing: int) -> bool:
        """``missing`` bytes are not there; whether they are only payload of DATA."""
        if not self._lost and not len(self._buffer) and self._frames.lost(missing):
            if self.body is not None:
                self.body.body.skip(missing)
            return True
        self.forget()
        return False

    def forget(self) -> None:
        """Something was lost that may have held headers."""
        self._frames = Frames()
        self.block = None
        self._lost = True
        self.context.forget()
