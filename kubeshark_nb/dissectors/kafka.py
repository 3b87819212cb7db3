"""Kafka: requests and responses of a connection, paired by correlation id (FACTS c.6)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from kubeshark_nb.dissectors.dissector import Dissector, Says, Undissected
from kubeshark_nb.dissectors.exchange import MAX_HELD, NONSENSE, Message, answer_only, exchange, one_way
from kubeshark_nb.dissectors.frames import Frame, Frames, Malformed
from kubeshark_nb.dissectors.kafka_names import API_NAMES, MAX_VERSION
from kubeshark_nb.dissectors.kafka_schema import API_VERSIONS, PRODUCE, read_request, read_response
from kubeshark_nb.dissectors.kafka_wire import text
from kubeshark_nb.items.compact import compact
from kubeshark_nb.items.protocol import KAFKA
from kubeshark_nb.items.stamp import rfc3339
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.items.entry import Problem
    from kubeshark_nb.traffic import Side, Why

SIZE = 4
HEAD = 14  # size, API key, version, correlation id, length of the client's name
MAX_MESSAGE = 1 << 27
MAX_NAME = 256
MAX_OPEN = 1 << 16
MAX_EARLY = 64
CONTROLLED_SHUTDOWN = 7  # version 0 of it has no client name
SMALLEST = 8


def probe(head: bytes) -> Says:
    """A request header that makes sense; without a client's name the payload has to make sense, too."""
    if len(head) < SIZE:
        return Says.NO if head[0] else Says.MORE
    header = _header(head + bytes(max(HEAD - len(head), 0)))
    if header is None or len(head) < max(header.end, HEAD):
        return Says.MORE if header is not None or _is_response(head) else Says.NO
    if header.client or read_request(header.key, header.version, head[: SIZE + header.size], header.end)[1]:
        return Says.CLIENT
    return Says.MORE if _is_response(head) else Says.NO


class Header(NamedTuple):
    """A request header; the payload begins at ``end``."""

    size: int
    key: int
    version: int
    number: int
    client: str
    end: int


def _header(data: bytes) -> Header | None:
    """The header of the request that ``data`` begins with, ``None`` when it cannot be one."""
    size = int.from_bytes(data[:4], "big")
    key = int.from_bytes(data[4:6], "big")
    version = int.from_bytes(data[6:8], "big")
    number = int.from_bytes(data[8:12], "big", signed=True)
    if not SMALLEST <= size <= MAX_MESSAGE or key not in API_NAMES or version > MAX_VERSION or number < 0:
        return None
    if key == CONTROLLED_SHUTDOWN and not version:
        return Header(size, key, version, number, "", HEAD - 2)
    length = int.from_bytes(data[12:14], "big", signed=True)
    name = data[HEAD : HEAD + max(length, 0)]
    if (
        length < -1
        or length > MAX_NAME
        or length + HEAD - SIZE > size
        or not (name.isascii() and text(name).isprintable())
    ):
        return None
    return Header(size, key, version, number, text(name), HEAD + max(length, 0))


def _is_response(head: bytes) -> bool:
    """Whether ``head`` may be responses: whole messages one after the other."""
    at = 0
    while at < len(head):
        size = int.from_bytes(head[at : at + SIZE], "big")
        if not SIZE <= size <= len(head) - at - SIZE:
            return False
        at += SIZE + size
    return True


def measure(data: bytes, at: int) -> int:
    """Size of the message at ``at`` (see `Frames`)."""
    if len(data) - at < SIZE:
        return 0
    size = int.from_bytes(data[at : at + SIZE], "big")
    if not SIZE <= size <= MAX_MESSAGE:
        raise Malformed("not a size")
    return SIZE + size


class Asked(NamedTuple):
    """A request that waits for its response."""

    key: int
    version: int
    message: Message


class Kafka(Dissector):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        self._frames = (Frames(measure), Frames(measure))
        self._lost = [False, False]
        self._open: OrderedDict[int, Asked] = OrderedDict()
        self._held = 0  # bytes of open requests
        self._early: OrderedDict[int, Frame] = OrderedDict()  # responses that were read before their requests

    def advance(self) -> None:
        """Read whole requests and responses."""
        try:
            for frame in self._read(CLIENT):
                self._request(frame)
            for frame in self._read(SERVER):
                self._response(frame)
        except Malformed as error:
            self._finish(NONSENSE)
            raise Undissected("Kafka streams that stopped making sense") from error

    def gap(self, side: Side, missing: int) -> None:
        """The message in the gap is lost; the next one is looked for at the start of a segment."""
        self._frames[side].reset()
        self._lost[side] = True

    def end(self, side: Side, why: Why) -> None:
        """No response comes any more, once both are silent."""
        if all(buffer.ended for buffer in self.talk.buffers):
            self._finish(self.talk.half(why))

    def _read(self, side: Side) -> Iterator[Frame]:
        buffer, frames = self.talk.buffers[side], self._frames[side]
        if self._lost[side]:
            self._lost[side] = not self._found(side, buffer)
        while (frame := frames.read(buffer)) is not None:
            self.talk.stats.truncated += frame.cut
            yield frame

    def _found(self, side: Side, buffer: Buffer) -> bool:
        for start in buffer.starts():
            head = buffer.data[start : start + HEAD]
            if len(head) == HEAD and (
                _header(head + buffer.data[start + HEAD : start + HEAD + MAX_NAME])
                if side == CLIENT
                else self._answers(head)
            ):
                buffer.at = start
                return True
        buffer.clear()
        return False

    def _answers(self, head: bytes) -> bool:
        size, number = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
        return SIZE <= size <= MAX_MESSAGE and number in self._open

    def _request(self, frame: Frame) -> None:
        header = _header(frame.data)
        if header is None:
            raise Malformed("not a request")
        payload, _ = read_request(header.key, header.version, frame.data, header.end)
        asked = Asked(header.key, header.version, _request_message(header, payload, frame))
        early = self._early.pop(header.number, None)
        if header.key == PRODUCE and payload.get("requiredAcks") == 0:
            self.talk.emit(one_way(KAFKA, asked.message))
        elif early is not None and early.time_ns >= frame.time_ns:
            self._answer(asked, early, header.number)
        else:
            self._ask(header.number, asked)

    def _ask(self, number: int, asked: Asked) -> None:
        if number in self._open:
            self._evict(number)
        self._open[number] = asked
        self._held += len(asked.message.json)
        while len(self._open) > MAX_OPEN or self._held > MAX_HELD:
            self._evict(next(iter(self._open)))

    def _evict(self, number: int) -> None:
        self.talk.emit(one_way(KAFKA, self._taken(number).message, error=self.talk.half("evicted")))

    def _taken(self, number: int) -> Asked:
        asked = self._open.pop(number)
        self._held -= len(asked.message.json)
        return asked

    def _response(self, frame: Frame) -> None:
        number = int.from_bytes(frame.data[4:8], "big", signed=True)
        if number in self._open:
            self._answer(self._taken(number), frame, number)
            return
        self._early[number] = frame._replace(data=frame.data[: 1 << 16])
        if len(self._early) > MAX_EARLY:
            self._lone(*self._early.popitem(last=False))

    def _answer(self, asked: Asked, frame: Frame, number: int) -> None:
        payload, _ = read_response(asked.key, asked.version, frame.data, 8)
        self.talk.emit(exchange(KAFKA, asked.message, _response_message(number, payload, frame)))

    def _lone(self, number: int, frame: Frame) -> None:
        self.talk.emit(answer_only(KAFKA, _response_message(number, {}, frame)))

    def _finish(self, error: Problem) -> None:
        while self._early:
            self._lone(*self._early.popitem(last=False))
        while self._open:
            self.talk.emit(one_way(KAFKA, self._taken(next(iter(self._open))).message, error=error))


def _request_message(header: Header, payload: dict[str, Any], frame: Frame) -> Message:
    name = API_NAMES[header.key]
    summary = header.client if header.key == API_VERSIONS else ", ".join(_topics(payload))
    if header.key == PRODUCE:
        payload = _by_partition(payload)
    document = {
        "size": header.size,
        "apiKey": header.key,
        "apiKeyName": name,
        "apiVersion": header.version,
        "correlationID": header.number,
        "clientID": header.client,
        "captureTime": rfc3339(frame.time_ns).decode(),
        "payload": payload,
    }
    return Message(compact(document), frame.time_ns, frame.end_ns, frame.size, name, summary)


def _response_message(number: int, payload: dict[str, Any], frame: Frame) -> Message:
    document = {
        "size": frame.size - SIZE,
        "correlationID": number,
        "captureTime": rfc3339(frame.time_ns).decode(),
        "payload": payload,
    }
    return Message(compact(document), frame.time_ns, frame.end_ns, frame.size)


def _topics(payload: dict[str, Any]) -> list[str]:
    """The names of the topics a request is about, each once."""
    topics = [*(payload.get("topics") or ()), *(payload.get("topicData") or ())]
    names = [topic.get("name") or topic.get("topic") or topic.get("topicId") or "" for topic in topics]
    return list(dict.fromkeys([*names, *(payload.get("topicNames") or ())]))


def _by_partition(payload: dict[str, Any]) -> dict[str, Any]:
    """Items hold one partition under a topic: a topic with several stands there several times."""
    topics = []
    for topic in payload.get("topicData") or ():
        partitions = topic["partitions"] or [{"index": -1, "records": {}}]
        for one in partitions:
            part = {"index": one["index"], "unknown": 0, "records": one["records"]}
            topics.append({**topic, "partitions": {"length": len(topic["partitions"] or ()), "partitionData": part}})
    return {**payload, "topicData": topics} if "topicData" in payload else payload
