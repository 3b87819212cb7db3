"""WebSocket framing (RFC 6455, 5): two to fourteen bytes of header, then a payload, masked when the client sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.dissectors.buffer import Buffer

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
OPCODES = {TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}
MAX_CONTROL = 125
SHORT, LONG = 126, 127  # the length is in the two, in the eight bytes that follow
COMPRESSED, RESERVED = 0x40, 0x30


class Lost(Exception):  # noqa: N818 - not an error to the user: the reader looks for the next frame
    """What is there cannot be a frame."""


class Header(NamedTuple):
    """The header of a frame, ``size`` bytes of it, and the ``length`` of its payload."""

    last: bool
    compressed: bool
    opcode: int
    masked: bool
    length: int
    mask: bytes
    size: int


class Part(NamedTuple):
    """Some of a frame's payload, unmasked. ``begins`` and ``ends`` say where in the frame it stands."""

    header: Header
    payload: bytes
    begins: bool
    ends: bool
    start_ns: int
    time_ns: int
    wire: int


def parse_header(data: bytes, at: int) -> Header | None:
    """The header at ``at``; ``None`` when more bytes are needed.

    Raises:
        Lost: no frame begins like this.
    """
    if len(data) < at + 2:
        return None
    first, second = data[at], data[at + 1]
    opcode, length, masked = first & 15, second & 127, second > 127  # noqa: PLR2004 - the mask bit
    if first & RESERVED or (opcode not in OPCODES and opcode != CONTINUATION):
        raise Lost
    if opcode >= CLOSE and (length > MAX_CONTROL or not first & 0x80):
        raise Lost
    width = {SHORT: 2, LONG: 8}.get(length, 0)
    size = 2 + width + 4 * masked
    if len(data) < at + size:
        return None
    if width:
        length = int.from_bytes(data[at + 2 : at + 2 + width], "big")
        if length < (SHORT if width == 2 else 1 << 16) or length >> 63:  # noqa: PLR2004 - the shortest form is a must
            raise Lost
    mask = data[at + size - 4 : at + size] if masked else b""
    return Header(first > 127, bool(first & COMPRESSED), opcode, masked, length, mask, size)  # noqa: PLR2004 - FIN


def unmasked(payload: bytes, mask: bytes, offset: int) -> bytes:
    """``payload``, which begins ``offset`` bytes into its frame, without its mask."""
    if not mask or not payload:
        return payload
    shift = offset & 3
    key = ((mask + mask)[shift : shift + 4] * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(len(payload), "big")


class Frames:
    """The frames of one side, their payloads in parts, as far as the buffer goes."""

    def __init__(self) -> None:
        self._header: Header | None = None
        self._done = 0  # bytes of its payload read

    def read(self, buffer: Buffer) -> Iterator[Part]:
        """Every part that is there.

        Raises:
            Lost: the framing makes no sense any more.
        """
        while len(buffer):
            part = self._begin(buffer) if self._header is None else self._go_on(buffer, self._header)
            if part is None:
                return
            yield part

    def lost(self, missing: int) -> bool:
        """``missing`` bytes are not there; whether they are only payload that is not the last."""
        if self._header is None or missing >= self._header.length - self._done:
            self._header = None
            return False
        self._done += missing
        return True

    def _begin(self, buffer: Buffer) -> Part | None:
        header = parse_header(buffer.data, buffer.at)
        if header is None:
            return None
        began = buffer.at
        buffer.at += header.size
        payload = unmasked(buffer.take(header.length), header.mask, 0)
        return self._part(buffer, header, payload, began)

    def _go_on(self, buffer: Buffer, header: Header) -> Part:
        began = buffer.at
        payload = unmasked(buffer.take(header.length - self._done), header.mask, self._done)
        return self._part(buffer, header, payload, began)

    def _part(self, buffer: Buffer, header: Header, payload: bytes, began: int) -> Part:
        begins = self._header is None
        self._done = (0 if begins else self._done) + len(payload)
        ends = self._done == header.length
        self._header = None if ends else header
        times = buffer.time_at(began), buffer.time_at(buffer.at - 1)
        return Part(header, payload, begins, ends, *times, buffer.at - began)


def find_frame(data: bytes, starts: list[int], *, masked: bool) -> int | None:
    """Where the next frame seems to begin: at a captured segment, because most messages do."""
    for start in starts:
        try:
            header = parse_header(data, start)
        except Lost:
            continue
        if header is not None and header.masked == masked and header.opcode != CONTINUATION:
            return start
    return None
