"""RESP2 and RESP3 (https://redis.io/docs/latest/develop/reference/protocol-spec), read as the bytes come.

A value is read piece by piece and kept here, so that a large one never stays in the buffer. Of one message the first
`MAX_KEPT` bytes are kept. An own reader, because an item says what each value was on the wire (a simple or a bulk
string), how many bytes and when; the tests compare its values with hiredis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer

MAX_KEPT = 1 << 20
MAX_LINE = 64 << 10
MAX_DEPTH = 32
MAX_BULK = 512 << 20  # proto-max-bulk-len
MAX_SHORT = 512  # bytes of what needs no other way
STRINGS = {b"$%d" % size: size for size in range(MAX_SHORT)}
ARRAY, STRING = b"*$"
PLAIN = frozenset(b"+-:")
LINES = frozenset(b"+-:,#(_")
BULKS = frozenset(b"$!=")
GROUPS = frozenset(b"*~>")
PAIRS = frozenset(b"%|")
ATTRIBUTE = ord("|")
NULL = ord("_")
_new = tuple.__new__  # a named tuple's own constructor takes three times as long


class Malformed(Exception):  # noqa: N818 - not an error to the user: such streams are counted
    """Not RESP."""


class Value(NamedTuple):
    """A value: its first byte on the wire, and its bytes, its elements (keys and values in turn), or ``None``."""

    kind: int
    content: bytes | list[Value] | None


class Group:
    """An aggregate that is being read."""

    __slots__ = ("elements", "kind", "missing")

    def __init__(self, kind: int, missing: int) -> None:
        self.kind = kind
        self.missing = missing
        self.elements: list[Value] = []


class Reader:
    """Reads the messages of one side.

    Attributes:
        time_ns, end_ns, size: of the message that `read` gave last.
        cut: whether some of it was left out.
    """

    __slots__ = ("_bulk", "_groups", "_inline", "_kept", "_kind", "_missing", "cut", "end_ns", "size", "time_ns")

    def __init__(self, *, inline: bool) -> None:
        self._inline = inline
        self.reset()

    def reset(self) -> None:
        """Forget a half-read message."""
        self._groups: list[Group] = []
        self._bulk: list[bytes] = []
        self._missing = -1  # bytes of a bulk string still to come, with its line end; -1: none is being read
        self._kind = 0
        self._kept = 0
        self.size = 0
        self.time_ns = 0
        self.end_ns = 0
        self.cut = False

    def read(self, buffer: Buffer) -> Value | None:
        """The next whole message, or ``None`` when more bytes are needed.

        Raises:
            Malformed: not RESP.
        """
        if not self._groups and self._missing < 0:
            at, data = buffer.at, buffer.data
            if at >= len(data):
                return None
            self.time_ns = buffer.time_at(at)
            self.cut = False
            short = _short(data, at)
            if short is not None:
                whole, end = short
                self.size = end - at
                buffer.at = end
                self.end_ns = buffer.time_at(end - 1)
                return whole
            self.size = self._kept = 0
        while True:
            value = self._rest(buffer) if self._missing >= 0 else self._line(buffer)
            if value is None:
                return None
            value = self._placed(value)
            if value is not None:
                self.end_ns = buffer.time_at(buffer.at - 1)
                return value

    def _line(self, buffer: Buffer) -> Value | None:
        """What one line begins; an aggregate or a bulk string goes on in the next turn."""
        while True:
            data, at = buffer.data, buffer.at
            end = data.find(b"\n", at, at + MAX_LINE)
            if end < 0:
                if len(data) - at >= MAX_LINE:
                    raise Malformed("a line that does not end")
                return None
            buffer.at = end + 1
            self.size += end + 1 - at
            kind = data[at]
            line = data[at + 1 : end - 1] if data[end - 1] == 13 else None  # noqa: PLR2004 - a carriage return
            if line is not None and kind in BULKS:
                return self._begin_bulk(kind, line, buffer)
            if line is not None and (kind in GROUPS or kind in PAIRS):
                value = self._begin_group(kind, line)
                if value is not None:
                    return value
            elif line is not None and kind in LINES:
                return Value(kind, None if kind == NULL else self._keep(line))
            elif self._inline and not self._groups:
                return _inline(data[at:end])
            else:
                raise Malformed("not a type of RESP")

    def _begin_bulk(self, kind: int, line: bytes, buffer: Buffer) -> Value | None:
        if line == b"-1":
            return Value(kind, None)
        self._missing = _number(line) + 2
        if self._missing > MAX_BULK:
            raise Malformed("a string longer than Redis allows")
        self._kind = kind
        return self._rest(buffer)

    def _begin_group(self, kind: int, line: bytes) -> Value | None:
        if line == b"-1":
            return Value(kind, None)
        count = _number(line) * (2 if kind in PAIRS else 1)
        if not count:
            return Value(kind, [])
        if len(self._groups) >= MAX_DEPTH:
            raise Malformed("nested too deep")
        self._groups.append(Group(kind, count))
        return None

    def _rest(self, buffer: Buffer) -> Value | None:
        piece = buffer.take(self._missing)
        self._missing -= len(piece)
        self.size += len(piece)
        self._bulk.append(self._keep(piece))
        if self._missing:
            return None
        content = b"".join(self._bulk) if len(self._bulk) > 1 else self._bulk[0]
        self._bulk = []
        self._missing = -1
        if piece[-1:] != b"\n":
            raise Malformed("a string without its end")
        return Value(self._kind, content if self.cut else content[:-2])

    def _keep(self, content: bytes) -> bytes:
        room = MAX_KEPT - self._kept
        if len(content) > room:
            self.cut = True
            content = content[: max(room, 0)]
        self._kept += len(content)
        return content

    def _placed(self, value: Value) -> Value | None:
        """Put a value where it belongs; gives back the message that it completed."""
        while self._groups:
            group = self._groups[-1]
            group.missing -= 1
            if self._kept < MAX_KEPT:
                group.elements.append(value)
                self._kept += 8  # a million empty elements are bounded as well
            else:
                self.cut = True
            if group.missing:
                return None
            self._groups.pop()
            if group.kind == ATTRIBUTE:
                return None  # about the value that follows
            value = Value(group.kind, group.elements)
        return value


def _short(data: bytes, at: int) -> tuple[Value, int] | None:
    """The way of nearly all messages: one that is all there, and is one line, one string or an array of strings.

    Whatever is not (or is not RESP) takes the other way.
    """
    kind = data[at]
    if kind in PLAIN:
        end = data.find(b"\r\n", at, at + MAX_SHORT)
        if end < 0 or data.find(b"\n", at, end) >= 0:
            return None
        return _new(Value, (kind, data[at + 1 : end])), end + 2
    if kind == STRING:
        strings = _short_strings(data, at, 1)
        return (strings[0][0], strings[1]) if strings else None
    if kind != ARRAY:
        return None
    end = data.find(b"\r\n", at, at + 4)
    if end < 0 or not data[at + 1 : end].isdigit():
        return None
    strings = _short_strings(data, end + 2, int(data[at + 1 : end]))
    return (_new(Value, (kind, strings[0])), strings[1]) if strings else None


def _short_strings(data: bytes, at: int, count: int) -> tuple[list[Value], int] | None:
    """``count`` strings that are all there, and where they end; ``None`` when one is long, or has a line end inside."""
    lines = data[at : at + MAX_SHORT].split(b"\r\n", 2 * count)
    if len(lines) <= 2 * count:
        return None
    strings: list[Value] = []
    for size, content in zip(lines[:-1:2], lines[1::2], strict=True):
        length = len(content)
        if STRINGS.get(size) != length:
            return None
        strings.append(_new(Value, (STRING, content)))
        at += len(size) + length + 4
    return strings, at


def _number(line: bytes) -> int:
    if not line.isdigit() or len(line) > 10:  # noqa: PLR2004 - digits of any length Redis allows
        raise Malformed("not a length")
    return int(line)


def _inline(line: bytes) -> Value:
    """A command as people type it in telnet; an empty line is none."""
    return Value(ord("*"), [Value(ord("$"), word) for word in line.split()])
