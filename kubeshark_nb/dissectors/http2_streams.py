"""The streams of an HTTP/2 connection: how they begin and how they end (RFC 9113, 5.1 and 6.8). Each makes one item."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.http2_entry import stream_entry
from kubeshark_nb.dissectors.http2_message import Message, Stream
from kubeshark_nb.items.entry import Problem
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.traffic import Side, Why

MAX_STREAMS = 1024  # open at a time; the oldest goes first
MAX_LONE = 64  # of them responses whose request may still come
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


class Streams:
    """Every stream that is open.

    Args:
        asked: the request that an upgraded connection began with: stream 1.
    """

    def __init__(self, talk: StreamTalk, asked: Message | None) -> None:
        self._talk = talk
        self._open: OrderedDict[int, Stream] = OrderedDict()
        self._first = 0  # the first stream of the client that was seen
        self._newest = 0
        self._kept = 0  # bytes of bodies
        # what one side said while what the other said before may still lie unread:
        self._resets: dict[int, tuple[int, int]] = {}  # the client's: stream -> when, code
        self._lone: list[Stream] = []  # complete responses without a request
        if asked is not None:
            self._kept = len(asked.body.kept)
            self._first = self._newest = 1
            self._open[1] = Stream(1, asked)

    def find(self, number: int, side: Side) -> Message | None:
        """The message that DATA of ``side`` belongs to."""
        stream = self._open.get(number)
        return None if stream is None else stream.request if side == CLIENT else stream.response

    def message(self, number: int, time_ns: int, *, asks: bool) -> Message | None:
        """The request (or response) that a header block belongs to; ``None`` when its stream is over already."""
        stream = self._open.get(number)
        if stream is None:
            if not asks and number & 1 and self._first <= number <= self._newest:
                return None
            stream = self._opened(number)
        message = stream.request if asks else stream.response
        if message is not None:
            return message
        message = Message(time_ns)
        if not asks:
            stream.response = message
            return message
        stream.request = message
        if number & 1:
            self._first = self._first or number
            self._newest = max(self._newest, number)
        return message

    def body(self, message: Message, data: bytes) -> None:
        """The next bytes of a body; of all together at most `MAX_KEPT` are kept."""
        self._kept += message.body.add(data, MAX_KEPT - self._kept)

    def ended(self, number: int, message: Message) -> None:
        """END_STREAM behind ``message``."""
        if message.ended:
            return
        message.ended = True
        stream = self._open[number]
        if stream.is_complete:
            self._emit(stream, None)
        elif stream.request is None:
            self._lone.append(stream)
            if len(self._lone) > MAX_LONE:
                self._emit(self._lone[0], None)

    def settle(self, side: Side, time_ns: int) -> None:
        """``side`` goes on at ``time_ns``: what waited for all that it said before has waited long enough."""
        if side == SERVER and self._resets:
            self._settle_resets(time_ns)
        elif side == CLIENT and self._lone:
            for stream in [one for one in self._lone if one.request is None and one.end_ns < time_ns]:
                self._emit(stream, None)

    def reset(self, side: Side, number: int, code: int, time_ns: int) -> None:
        """RST_STREAM. The client's counts once everything is read that the server said before."""
        if number not in self._open:
            return
        if side == CLIENT:
            self._resets.setdefault(number, (time_ns, code))
        else:
            self._reset(number, code)

    def go_away(self, last: int) -> None:
        """GOAWAY of the server: what it has not looked at will not be answered."""
        for number in [one for one in self._open if one & 1 and one > last]:
            self._emit(self._open[number], REFUSED)

    def cut(self, side: Side) -> None:
        """Something of ``side`` was lost that may have belonged to any open message."""
        for stream in self._open.values():
            message = stream.request if side == CLIENT else stream.response
            if message is not None and not message.ended:
                message.body.cut = True

    def finish(self, why: Why) -> None:
        """The connection is over."""
        self._settle_resets(None)
        for stream in list(self._open.values()):
            self._emit(stream, None if stream.is_answered else self._talk.half(why))

    def _opened(self, number: int) -> Stream:
        stream = self._open[number] = Stream(number, None)
        if len(self._open) > MAX_STREAMS:
            oldest = next(iter(self._open))
            if oldest in self._resets:
                self._reset(oldest, self._resets[oldest][1])
            else:
                self._emit(self._open[oldest], self._talk.half("evicted"))
        return stream

    def _settle_resets(self, until_ns: int | None) -> None:
        while self._resets:
            number, (time_ns, code) = next(iter(self._resets.items()))
            if until_ns is not None and time_ns >= until_ns:
                return
            self._reset(number, code)

    def _reset(self, number: int, code: int) -> None:
        stream = self._open[number]
        name = CODES[code] if code < len(CODES) else f"0x{code:x}"
        reset = Problem("connection", f"the stream was reset before the exchange was complete: {name}")
        self._emit(stream, None if stream.is_answered else reset)

    def _emit(self, stream: Stream, error: Problem | None) -> None:
        del self._open[stream.number]
        self._resets.pop(stream.number, None)
        self._kept -= sum(len(message.body.kept) for message in (stream.request, stream.response) if message)
        if stream in self._lone:
            self._lone.remove(stream)
        if stream.request is None:
            error = NO_REQUEST
        self._talk.emit(stream_entry(stream, error, self._talk.stats))
