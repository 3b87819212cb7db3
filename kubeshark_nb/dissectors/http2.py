"""HTTP/2 (RFC 9113): requests and responses paired by stream, from the preface, an upgrade, or the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpack import HPACKError

from kubeshark_nb.dissectors.dissector import Dissector
from kubeshark_nb.dissectors.http2_frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PREFACE,
    PUSH_PROMISE,
    RST_STREAM,
    STREAM,
    WITH_PRIORITY,
    Lost,
    unpadded,
)
from kubeshark_nb.dissectors.http2_half import Block, Half
from kubeshark_nb.dissectors.http2_streams import Streams
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.dissectors.http2_frames import Frame
    from kubeshark_nb.dissectors.http2_message import Message
    from kubeshark_nb.traffic import Side, Why


class Http2(Dissector):
    """One connection.

    Args:
        asked: the request that an upgraded connection began with: stream 1.
    """

    apart = True

    def __init__(self, talk: StreamTalk, asked: Message | None = None) -> None:
        super().__init__(talk)
        buffer = talk.buffers[CLIENT]
        whole = asked is not None or buffer.data.startswith(PREFACE, buffer.at)
        self._halves = tuple(Half(one, whole=whole) for one in talk.buffers)
        self._streams = Streams(talk, asked)

    def advance(self) -> None:
        """Read the frames of both sides."""
        for side in (CLIENT, SERVER):
            if side == SERVER or self._skip_preface():
                self._read(side)

    def gap(self, side: Side, missing: int) -> None:
        """A gap inside DATA is only missing content; anywhere else the next frame has to be found."""
        if not self._halves[side].gap(missing):
            self._streams.cut(side)

    def end(self, side: Side, why: Why) -> None:
        """Once both sides have ended nothing more is answered."""
        if all(buffer.ended for buffer in self.talk.buffers):
            self._streams.finish(why)
            missing = sum(half.context.missing for half in self._halves)
            self.talk.stats.count("HTTP/2 header fields that refer to what was not captured", missing)

    def _skip_preface(self) -> bool:
        """Whether the client's frames can be read: the preface is behind, or was never there."""
        buffer = self.talk.buffers[CLIENT]
        if self._halves[CLIENT].inside or not len(buffer):
            return True
        begins = buffer.data[buffer.at : buffer.at + len(PREFACE)]
        if begins == PREFACE:
            buffer.at += len(PREFACE)
        return begins == PREFACE or not PREFACE.startswith(begins)

    def _read(self, side: Side) -> None:
        try:
            self._take_all(side)
        except Lost:
            self.talk.stats.count("HTTP/2 frames that make no sense")
            self._halves[side].forget()
            self.talk.buffers[side].at += 1
            self._read_found(side)

    def _read_found(self, side: Side) -> None:
        """Go on behind something strange; what is strange again waits for the next bytes."""
        try:
            self._take_all(side)
        except Lost:
            self._halves[side].forget()
            self.talk.buffers[side].clear()

    def _take_all(self, side: Side) -> None:
        for frame in self._halves[side].read():
            self._streams.settle(side, frame.time_ns)
            take = TAKERS.get(frame.kind)
            if take is not None:
                take(self, side, frame)

    # --- frames ----------------------------------------------------------------------------------------------------

    def _data(self, side: Side, frame: Frame) -> None:
        message = self._halves[side].body = self._streams.find(frame.stream, side)
        if message is None:
            return
        if frame.payload:
            self._streams.body(message, frame.payload)
        message.wire += frame.wire
        message.end_ns = frame.time_ns
        if frame.flags & END_STREAM:
            self._streams.ended(frame.stream, message)

    def _headers(self, side: Side, frame: Frame) -> None:
        block = unpadded(frame.flags, frame.payload)
        self._begin_block(side, frame, Block(frame.stream, bool(frame.flags & END_STREAM), 0, [block]))

    def _promise(self, side: Side, frame: Frame) -> None:
        payload = unpadded(frame.flags & ~WITH_PRIORITY, frame.payload)
        promised = int.from_bytes(payload[:4], "big") & STREAM
        self._begin_block(side, frame, Block(frame.stream, ends_stream=True, promised=promised, parts=[payload[4:]]))

    def _begin_block(self, side: Side, frame: Frame, block: Block) -> None:
        half = self._halves[side]
        half.block, half.wire = block, 0
        self._end_block(side, frame, block)

    def _continuation(self, side: Side, frame: Frame) -> None:
        self._end_block(side, frame, self._halves[side].go_on_with_block(frame))

    def _end_block(self, side: Side, frame: Frame, block: Block) -> None:
        """If ``frame`` is the last of the block: its fields are headers, trailers, or what a push would have asked."""
        half = self._halves[side]
        half.wire += frame.wire
        if not frame.flags & END_HEADERS:
            return
        half.block = None
        try:
            fields = half.context.decode(b"".join(block.parts))
        except HPACKError:
            self.talk.stats.count("HTTP/2 header blocks that make no sense")
            fields = []
        number = block.promised or block.stream
        message = self._streams.message(number, frame.time_ns, asks=side == CLIENT or block.promised > 0)
        if message is None:
            return
        message.headers(fields)
        message.wire += half.wire
        message.end_ns = frame.time_ns
        if block.ends_stream:
            self._streams.ended(number, message)

    def _reset(self, side: Side, frame: Frame) -> None:
        self._streams.reset(side, frame.stream, int.from_bytes(frame.payload, "big"), frame.time_ns)

    def _go_away(self, side: Side, frame: Frame) -> None:
        if side == SERVER:
            self._streams.go_away(int.from_bytes(frame.payload[:4], "big") & STREAM)


TAKERS: dict[int, Callable[[Http2, Side, Frame], None]] = {
    DATA: Http2._data,  # noqa: SLF001 - the table of its own methods
    HEADERS: Http2._headers,  # noqa: SLF001
    RST_STREAM: Http2._reset,  # noqa: SLF001
    PUSH_PROMISE: Http2._promise,  # noqa: SLF001
    GOAWAY: Http2._go_away,  # noqa: SLF001
    CONTINUATION: Http2._continuation,  # noqa: SLF001
}
