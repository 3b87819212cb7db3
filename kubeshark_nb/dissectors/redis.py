"""Redis: the n-th command with the n-th reply of a connection, pushes by themselves (FACTS c.5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.dissectors.dissector import Dissector, Says, Undissected
from kubeshark_nb.dissectors.exchange import NONSENSE, Message, one_way
from kubeshark_nb.dissectors.redis_words import COMMANDS, CONFIRMATIONS, MESSAGES, command, keyword
from kubeshark_nb.dissectors.resp import Malformed, Reader, Value
from kubeshark_nb.dissectors.turns import Turns
from kubeshark_nb.items.compact import compact
from kubeshark_nb.items.protocol import REDIS
from kubeshark_nb.traffic import CLIENT, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import StreamTalk
    from kubeshark_nb.traffic import Side, Why

ARRAY, SIMPLE, ERROR, PUSH = b"*+->"
TYPES = {
    ord("+"): "Simple String",
    ord("$"): "Bulk String",
    ord("*"): "Array",
    ord(":"): "Integer",
    ord("-"): "Error",
    ord("_"): "Null",
    ord(","): "Double",
    ord("#"): "Boolean",
    ord("("): "Big Number",
    ord("!"): "Bulk Error",
    ord("="): "Verbatim String",
    ord("%"): "Map",
    ord("~"): "Set",
    ord(">"): "Push",
}
_new = tuple.__new__  # a named tuple's own constructor takes three times as long
EMPTY = orjson.dumps({"type": "", "command": "", "key": "", "value": "", "keyword": ""})
WORDS = re.compile(rb"\*([1-9]\d{0,6})\r\n\$([1-9]\d?)\r\n([A-Za-z][A-Za-z0-9._-]*)\r\n")
CUT_WORDS = re.compile(
    rb"\*(?:[1-9]\d{0,6}(?:\r(?:\n(?:\$(?:[1-9]\d?(?:\r(?:\n(?:[A-Za-z][A-Za-z0-9._-]*\r?)?)?)?)?)?)?)?)?|[-+:$*%~>|][^\n]{0,63}"
)
INLINE = re.compile(rb"([A-Za-z]{3,12})(?: (?![^\r\n]* HTTP/)[^\r\n{]*)?\r?\n")
# a whole reply that nothing but Redis would begin with
REPLY = re.compile(
    rb"\+(?:PONG|QUEUED|OK)\r\n(?:\Z|[-+:$*])|-(?:ERR|WRONGTYPE|MOVED|NOAUTH|WRONGPASS|ASK|LOADING|NOSCRIPT|EXECABORT) "
    rb"[^'\r\n][^\r\n]*\r\n|:-?\d{1,19}\r\n(?:\Z|[-+:$*])|\$(?:-1|\d{1,9})\r\n|[*%~>|]\d{1,7}\r\n[-+:$*,#(_=%~>]"
)
TOLD = re.compile(rb"[*>]3\r\n\$\d+\r\n[ps]?(?:un)?subscribe\r\n(?:\$\d+\r\n[^\r\n]*|\$-1|_)\r\n:")
LONGEST = 64  # bytes of a line looked at before its end has come
REPLICATION = frozenset(("SYNC", "PSYNC"))


def probe(head: bytes) -> Says:
    """A command as clients send it, or a reply; a command as people type it needs the reply to be believed."""
    words = WORDS.match(head)
    if words and int(words[2]) == len(words[3]):
        if TOLD.match(head):
            return Says.SERVER
        return Says.CLIENT if command(words[3].decode()) else Says.SERVER
    if CUT_WORDS.fullmatch(head):
        return Says.MORE
    if REPLY.match(head):
        return Says.SERVER
    return Says.MORE if _is_inline(head) else Says.NO


def _is_inline(head: bytes) -> bool:
    """Whether a command typed by hand begins so."""
    inline = INLINE.match(head)
    if inline:
        return command(inline[1].decode()) != ""
    word = head[:LONGEST].upper().decode("ascii", "replace").partition(" ")[0].rstrip()
    return b"\n" not in head and len(head) < LONGEST and any(one.startswith(word) for one in COMMANDS)


class Redis(Dissector):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        self._readers = (Reader(inline=True), Reader(inline=False))
        self._lost = [False, False]  # where the next message begins has to be found
        self._turns = Turns(talk, REDIS, EMPTY)
        self._subscribed = False
        self._monitoring = False
        self._silent = ""  # OFF or SKIP, what CLIENT REPLY asked for

    def advance(self) -> None:
        """Read whole commands and replies."""
        try:
            self._read(CLIENT, self._command)
            self._read(SERVER, self._reply)
        except Malformed as error:
            self._turns.end(NONSENSE)
            raise Undissected("Redis streams that stopped making sense") from error

    def gap(self, side: Side, missing: int) -> None:
        """The message in the gap is lost; the next one is found by its look."""
        self._readers[side].reset()
        self._lost[side] = True
        self._turns.gap()

    def end(self, side: Side, why: Why) -> None:
        """No reply comes any more, once both are silent."""
        if all(buffer.ended for buffer in self.talk.buffers):
            self._turns.end(self.talk.half(why))

    def _read(self, side: Side, take: Callable[[Value, Reader], None]) -> None:
        buffer, reader = self.talk.buffers[side], self._readers[side]
        if self._lost[side]:
            self._lost[side] = not find_message(buffer, side)
        while (value := reader.read(buffer)) is not None:
            self.talk.stats.truncated += reader.cut
            take(value, reader)

    def _command(self, value: Value, reader: Reader) -> None:
        if value.kind != ARRAY:
            raise Malformed("a client sends arrays")
        words = [text(one) for one in value.content] if isinstance(value.content, list) else []
        if not words:
            return  # an empty line keeps a connection alive
        message = _message(command_fields(words), reader)
        if message.method == "CLIENT" and [word.upper() for word in words[1:2]] == ["REPLY"]:
            self._silent = words[-1].upper().replace("ON", "")
            if self._silent != "":
                self.talk.emit(one_way(REDIS, message, empty=EMPTY))
                return
        elif self._silent:
            self._silent = self._silent.replace("SKIP", "")
            self.talk.emit(one_way(REDIS, message, empty=EMPTY))
            return
        self._turns.ask(message)

    def _reply(self, value: Value, reader: Reader) -> None:
        fields = reply_fields(value)
        message = _message(fields, reader)
        request = self._turns.waiting(message.time_ns)
        if self._is_push(value, fields["keyword"], request.method if request else ""):
            self.talk.emit(one_way(REDIS, message, SERVER, empty=EMPTY))
            return
        self._turns.answer(message)
        if request is None or value.kind == ERROR:
            return
        if request.method in REPLICATION:
            raise Undissected("Redis replication streams")
        self._monitoring |= request.method == "MONITOR"

    def _is_push(self, value: Value, word: str, asked: str) -> bool:
        """Whether the server says it by itself: messages, and all but the first confirmation of a subscription."""
        if word in CONFIRMATIONS:
            self._subscribed = True
            return asked != word
        if value.kind == PUSH:
            return True
        if self._monitoring and not asked:
            return True
        return word in MESSAGES and (self._subscribed or not asked)


def find_message(buffer: Buffer, side: Side) -> bool:
    """Skip to where a message of ``side`` begins: a command anywhere, a reply at the start of a segment."""
    if side == CLIENT:
        found = WORDS.search(buffer.data, buffer.at)
        starts = [found.start()] if found else []
    else:
        starts = [start for start in buffer.starts() if REPLY.match(buffer.data, start)]
    if not starts:
        buffer.clear()
        return False
    buffer.at = starts[0]
    return True


def command_fields(words: list[str]) -> dict[str, str]:
    """The members of a request: what follows the key is its value."""
    name = command(words[0])
    rest = words[2:] if name else words
    return {
        "type": "Array",
        "command": name,
        "key": words[1] if name and len(words) > 1 else "",
        "value": rest[0] if len(rest) == 1 else f"[{', '.join(rest)}]" if rest else "",
        "keyword": "",
    }


def reply_fields(value: Value) -> dict[str, str]:
    """The members of a response; those of a message on a channel are its channel and what was published."""
    content = value.content
    fields = {
        "type": "Null" if content is None else TYPES[value.kind],
        "command": "",
        "key": "",
        "value": text(value),
        "keyword": keyword(text(value)) if value.kind == SIMPLE else "",
    }
    if isinstance(content, list) and len(content) > 1 and isinstance(content[0].content, bytes):
        word = keyword(text(content[0]))
        if word in CONFIRMATIONS or word in MESSAGES:
            fields |= {"keyword": word, "key": text(content[-2]), "value": text(content[-1])}
    return fields


def text(value: Value) -> str:
    """A value as people read it."""
    content = value.content
    if isinstance(content, bytes):
        return content.decode("utf-8", "backslashreplace")
    return f"[{', '.join(map(text, content))}]" if content is not None else ""


def _message(fields: dict[str, str], reader: Reader) -> Message:
    shown = fields["command"] or fields["keyword"]
    return _new(Message, (compact(fields), reader.time_ns, reader.end_ns, reader.size, shown, fields["key"], 0))
