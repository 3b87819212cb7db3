"""HTTP/2 (RFC 9113): requests and responses paired by stream, from the preface, an upgrade, or the middle."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from hpack import HPACKError

from kubeshark_nb.dissectors.dissector import Dissector
from kubeshark_nb.dissectors.hpack_context import HeaderContext
from kubeshark_nb.dissectors.http2_entry import stream_entry
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
    Frames,
    Lost,
    find_frame,
    unpadded,
)
from kubeshark_nb.dissectors.http2_message import Message, Stream
from kubeshark_nb.items.entry import Problem
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.dissectors.http2_frames import Frame
    from kubeshark_nb.traffic import Side, Why

MAX_STREAMS = 1024  # open at a time; the oldest goes first
MAX_LONE = 64  # of them responses whose request may still come
MAX_BLOCK = 1 << 20  # bytes of one header block in its CONTINUATIONs
MAX_KEPT = 32 << 20  # bytes of all bodies that are not complete yet
NO_REQUEST = Problem("pair-not-found", "the request of this response was not captured")
REFUSED = Problem("connection", "the server said GOAWAY before it looked at this request")
CODES = (
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
)


class Block(NamedTuple):
    """A header block whose CONTINUATIONs are still to come. ``promised``: the stream a push promises, else 0."""

    stream: int
    ends_stream: bool
    promised: int
    parts: list[bytes]


class Half:
    """What one side of the connection needs to be read."""

    def __init__(self, *, whole: bool) -> None:
        self.frames = Frames()
        self.context = HeaderContext(whole=whole)
        self.block: Block | None = None
        self.wire = 0  # bytes of the frames of the open block
        self.lost = False  # the next frame has to be found first
        self.body: Message | None = None  # that the DATA read last belongs to

    def forget(self) -> None:
        """Something was lost that may have held headers."""
        self.block = None
        self.lost = True
        self.context.forget()


class Http2(Dissector):
    """One connection.

    Args:
        asked: the request that an upgraded connection began with: stream 1.
    """

    def __init__(self, talk: StreamTalk, asked: Message | None = None) -> None:
        super().__init__(talk)
        buffer = talk.buffers[CLIENT]
        whole = asked is not None or buffer.data.startswith(PREFACE, buffer.at)
        self._halves = (Half(whole=whole), Half(whole=whole))
        self._streams: OrderedDict[int, Stream] = OrderedDict()
        self._first = 0  # the first stream of the client that was seen
        self._newest = 0
        # what one side said while what the other said before may still lie unread:
        self._resets: dict[int, tuple[int, int]] = {}  # the client's: stream -> when, code
        self._lone: list[Stream] = []  # complete responses without a request
        self._kept = 0  # bytes of the bodies of open streams
        if asked is not None:
            self._kept = len(asked.body.kept)
            self._first = self._newest = 1
            self._streams[1] = Stream(1, asked)

    def advance(self) -> None:
        """Read the frames of both sides."""
        for side in (CLIENT, SERVER):
            if side == CLIENT and not self._skip_preface():
                continue
            try:
                self._read(side)
            except Lost:
                self.talk.stats.count("HTTP/2 frames that make no sense")
                self._halves[side].forget()
                self.talk.buffers[side].at += 1
                self._read_found(side)

    def gap(self, side: Side, missing: int) -> None:
        """A gap inside DATA is only missing content; anywhere else the next frame has to be found."""
        half = self._halves[side]
        if not half.lost and not len(self.talk.buffers[side]) and half.frames.lost(missing):
            if half.body is not None:
                half.body.body.skip(missing)
            return
        half.frames = Frames()
        half.forget()
        for stream in self._streams.values():
            message = stream.request if side == CLIENT else stream.response
            if message is not None and not message.ended:
                message.body.cut = True

    def end(self, side: Side, why: Why) -> None:
        """Once both sides have ended nothing more is answered."""
        if not all(buffer.ended for buffer in self.talk.buffers):
            return
        self._settle_resets(None)
        for stream in list(self._streams.values()):
            self._emit(stream, None if stream.is_answered else self.talk.half(why))
        missing = sum(half.context.missing for half in self._halves)
        self.talk.stats.count("HTTP/2 header fields that refer to what was not captured", missing)

    # --- frames ----------------------------------------------------------------------------------------------------

    def _skip_preface(self) -> bool:
        """Whether the client's frames can be read: the preface is behind, or was never there."""
        buffer = self.talk.buffers[CLIENT]
        if self._halves[CLIENT].frames.inside or not len(buffer):
            return True
        begins = buffer.data[buffer.at : buffer.at + len(PREFACE)]
        if begins == PREFACE:
            buffer.at += len(PREFACE)
        return begins == PREFACE or not PREFACE.startswith(begins)

    def _read_found(self, side: Side) -> None:
        """Go on behind something strange; what is strange again waits for the next bytes."""
        try:
            self._read(side)
        except Lost:
            self.talk.buffers[side].clear()

    def _read(self, side: Side) -> None:
        half, buffer = self._halves[side], self.talk.buffers[side]
        if half.lost:
            found = find_frame(buffer.data, buffer.at)
            if found is None:
                buffer.clear()
                return
            buffer.at = found
            half.lost = False
        for frame in half.frames.read(buffer):
            self._settle(side, frame.time_ns)
            if half.block is not None and frame.kind != CONTINUATION:
                raise Lost  # RFC 9113, 6.10: nothing may stand between
            take = TAKERS.get(frame.kind)
            if take is not None:
                take(self, side, frame)

    def _data(self, side: Side, frame: Frame) -> None:
        stream = self._streams.get(frame.stream)
        message = None if stream is None else stream.request if side == CLIENT else stream.response
        self._halves[side].body = message
        if stream is None or message is None:
            return
        if frame.payload:
            self._kept += message.body.add(frame.payload, MAX_KEPT - self._kept)
        message.wire += frame.wire
        message.end_ns = frame.time_ns
        if frame.flags & END_STREAM:
            self._ended(stream, message)

    def _headers(self, side: Side, frame: Frame) -> None:
        block = Block(frame.stream, bool(frame.flags & END_STREAM), 0, [unpadded(frame.flags, frame.payload)])
        self._begin_block(side, frame, block)

    def _promise(self, side: Side, frame: Frame) -> None:
        payload = unpadded(frame.flags & ~0x20, frame.payload)
        promised = int.from_bytes(payload[:4], "big") & STREAM
        self._begin_block(side, frame, Block(frame.stream, ends_stream=True, promised=promised, parts=[payload[4:]]))

    def _begin_block(self, side: Side, frame: Frame, block: Block) -> None:
        half = self._halves[side]
        half.block, half.wire = block, 0
        self._go_on_with_block(half, side, frame)

    def _continuation(self, side: Side, frame: Frame) -> None:
        half = self._halves[side]
        if half.block is None or half.block.stream != frame.stream:
            raise Lost
        half.block.parts.append(frame.payload)
        if half.wire > MAX_BLOCK:
            raise Lost
        self._go_on_with_block(half, side, frame)

    def _go_on_with_block(self, half: Half, side: Side, frame: Frame) -> None:
        half.wire += frame.wire
        if not frame.flags & END_HEADERS or half.block is None:
            return
        block, half.block = half.block, None
        try:
            fields = half.context.decode(b"".join(block.parts))
        except HPACKError:
            self.talk.stats.count("HTTP/2 header blocks that make no sense")
            fields = []
        message = self._message(side, block, frame.time_ns)
        if message is None:
            return
        stream, one = message
        one.headers(fields)
        one.wire += half.wire
        one.end_ns = frame.time_ns
        if block.ends_stream:
            self._ended(stream, one)

    def _message(self, side: Side, block: Block, time_ns: int) -> tuple[Stream, Message] | None:
        """What a header block belongs to; ``None`` when that is over already."""
        number = block.promised or block.stream
        asks = side == CLIENT or block.promised > 0
        stream = self._streams.get(number)
        if stream is None:
            if not asks and number & 1 and self._first <= number <= self._newest:
                return None
            stream = self._open(number)
        message = stream.request if asks else stream.response
        if message is None:
            message = Message(time_ns)
            if asks:
                stream.request = message
                if number & 1:
                    self._first = self._first or number
                    self._newest = max(self._newest, number)
            else:
                stream.response = message
        return stream, message

    def _open(self, number: int) -> Stream:
        stream = self._streams[number] = Stream(number, None)
        if len(self._streams) > MAX_STREAMS:
            oldest = next(iter(self._streams.values()))
            if oldest.number in self._resets:
                self._reset_stream(oldest.number, self._resets[oldest.number][1])
            else:
                self._emit(oldest, self.talk.half("evicted"))
        return stream

    # --- ends ------------------------------------------------------------------------------------------------------

    def _ended(self, stream: Stream, message: Message) -> None:
        message.ended = True
        if stream.is_complete:
            self._emit(stream, None)
        elif stream.request is None:
            self._lone.append(stream)
            if len(self._lone) > MAX_LONE:
                self._emit(self._lone[0], None)

    def _reset(self, side: Side, frame: Frame) -> None:
        code = int.from_bytes(frame.payload, "big")
        if side == CLIENT:
            if frame.stream in self._streams:
                self._resets.setdefault(frame.stream, (frame.time_ns, code))
        else:
            self._reset_stream(frame.stream, code)

    def _settle(self, side: Side, time_ns: int) -> None:
        """What waited for this side: it has said everything that it said before ``time_ns``."""
        if side == SERVER and self._resets:
            self._settle_resets(time_ns)
        elif side == CLIENT and self._lone:
            for stream in [one for one in self._lone if one.request is None and _end_ns(one) < time_ns]:
                self._emit(stream, None)

    def _settle_resets(self, until_ns: int | None) -> None:
        """The client's resets count once everything is read that the server said before (``None``: ever)."""
        while self._resets:
            number, (time_ns, code) = next(iter(self._resets.items()))
            if until_ns is not None and time_ns >= until_ns:
                return
            del self._resets[number]
            self._reset_stream(number, code)

    def _reset_stream(self, number: int, code: int) -> None:
        stream = self._streams.get(number)
        if stream is not None:
            name = CODES[code] if code < len(CODES) else f"0x{code:x}"
            reset = Problem("connection", f"the stream was reset before the exchange was complete: {name}")
            self._emit(stream, None if stream.is_answered else reset)

    def _go_away(self, side: Side, frame: Frame) -> None:
        """What the server has not looked at will not be answered (RFC 9113, 6.8)."""
        if side == SERVER:
            last = int.from_bytes(frame.payload[:4], "big") & STREAM
            for number in [one for one in self._streams if one & 1 and one > last]:
                self._emit(self._streams[number], REFUSED)

    def _emit(self, stream: Stream, error: Problem | None) -> None:
        del self._streams[stream.number]
        self._resets.pop(stream.number, None)
        self._kept -= sum(len(message.body.kept) for message in (stream.request, stream.response) if message)
        if stream in self._lone:
            self._lone.remove(stream)
        if stream.request is None:
            error = NO_REQUEST
        self.talk.emit(stream_entry(stream, error, self.talk.stats))


def _end_ns(stream: Stream) -> int:
    return stream.response.end_ns if stream.response else 0


TAKERS: dict[int, Callable[[Http2, Side, Frame], None]] = {
    DATA: Http2._data,  # noqa: SLF001 - the table of its own methods
    HEADERS: Http2._headers,  # noqa: SLF001
    RST_STREAM: Http2._reset,  # noqa: SLF001
    PUSH_PROMISE: Http2._promise,  # noqa: SLF001
    GOAWAY: Http2._go_away,  # noqa: SLF001
    CONTINUATION: Http2._continuation,  # noqa: SLF001
}
