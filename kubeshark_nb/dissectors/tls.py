"""TLS (RFC 8446, RFC 5246): an item for each hello; with a key log, what is inside goes on as a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.dissector import Dissector, Says
from kubeshark_nb.dissectors.tls_entry import hello_entry
from kubeshark_nb.dissectors.tls_hello import CLIENT_HELLO, SERVER_HELLO, Malformed, parse_hello
from kubeshark_nb.dissectors.tls_protection import Protection
from kubeshark_nb.dissectors.tls_records import (
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    HEADER,
    MAX_FRAGMENT,
    Lost,
    Record,
    find_record,
    read_records,
)
from kubeshark_nb.traffic import CLIENT, SERVER, Chunk

if TYPE_CHECKING:
    from kubeshark_nb.dissectors.buffer import Buffer
    from kubeshark_nb.dissectors.dissector import Inner, StreamTalk
    from kubeshark_nb.traffic import Side, Why

PLAIN = b"HTTP/1."
MESSAGE = 4  # type and length of a handshake message
MAX_MESSAGE = 1 << 16  # bytes of one that is read
MAX_WAITING = 16 << 20  # bytes of the client's records kept until the server has said hello
FINISHED, KEY_UPDATE, END_OF_EARLY_DATA = 20, 24, 5
READ = frozenset((CLIENT_HELLO, SERVER_HELLO, FINISHED, KEY_UPDATE, END_OF_EARLY_DATA))
SPEAKERS = {CLIENT_HELLO: Says.CLIENT, SERVER_HELLO: Says.SERVER}


def probe(head: bytes) -> Says:
    """A handshake record that begins with a hello."""
    if not b"\x16\x03".startswith(head[:2]) or (len(head) > 2 and head[2] > 4):  # noqa: PLR2004 - SSL 3 to TLS 1.3
        return Says.NO
    if len(head) < HEADER + MESSAGE:
        return Says.MORE
    length, message = int.from_bytes(head[3:5], "big"), int.from_bytes(head[6:9], "big")
    if not MESSAGE <= length <= MAX_FRAGMENT or message > MAX_MESSAGE:
        return Says.NO
    return SPEAKERS.get(head[HEADER], Says.NO)


class Half:
    """One side.

    Attributes:
        hellos: hellos read so far.
        skips: nothing that follows can be understood.
        waiting: records kept until the other side's hello says how to read them.
    """

    def __init__(self) -> None:
        self.hellos = 0
        self.skips = False
        self.lost = False
        self.missing = 0  # bytes not captured since the last plaintext
        self.waiting: list[Record] = []
        self.waiting_bytes = 0
        self.messages = b""  # of the handshake, not whole yet
        self.passing = 0  # bytes of a handshake message that nobody reads
        self.plain: list[bytes] = []
        self.times: list[int] = []

    def skip(self) -> None:
        """Give up on the rest."""
        self.skips = True
        self.waiting, self.waiting_bytes, self.messages = [], 0, b""

    def taken(self) -> Chunk | None:
        """What has been decrypted since the last call."""
        if not self.plain:
            return None
        ends, total = [], 0
        for plain in self.plain:
            total += len(plain)
            ends.append(total)
        chunk = Chunk(b"".join(self.plain), self.missing, 0, 0, len(ends), ends, self.times)
        self.plain, self.times, self.missing = [], [], 0
        return chunk


class Tls(Dissector):
    """One connection."""

    def __init__(self, talk: StreamTalk) -> None:
        super().__init__(talk)
        self._halves = (Half(), Half())
        self._protection = Protection(talk.keys)
        self._inner: Inner | None = None
        self._last_ns = 0
        self._told = False  # why it cannot be decrypted

    def advance(self) -> None:
        """Read the records of both sides."""
        for side in (CLIENT, SERVER):
            half, buffer = self._halves[side], self.talk.buffers[side]
            if half.skips:
                buffer.clear()
            elif len(buffer):
                self._read(side)
        self._pass_on()

    def gap(self, side: Side, missing: int) -> None:
        """The next record has to be found, and its number."""
        half = self._halves[side]
        half.lost = True
        half.messages, half.passing = b"", 0
        half.missing += missing
        self._protection.uncertain(side)

    def end(self, side: Side, why: Why) -> None:
        """The plaintext ends too."""
        self._pass_on()
        if self._inner is not None:
            self._inner.end(side, why, self._last_ns)

    # --- records ---------------------------------------------------------------------------------------------------

    def _read(self, side: Side) -> None:
        half, buffer = self._halves[side], self.talk.buffers[side]
        while not half.lost or self._find(half, buffer):
            try:
                for record in read_records(buffer):
                    self._record(side, record)
                    if half.skips:
                        buffer.clear()
                        return
            except Lost:
                if half.hellos:
                    self.talk.stats.count("TLS records that make no sense")
                    half.skip()
                    return
                if self._is_plain(side):
                    return
                half.lost = True  # what stands before the hello belongs to another protocol (STARTTLS, SOCKS ...)
            else:
                return

    def _is_plain(self, side: Side) -> bool:
        """Whether the server does not speak TLS, and says so (or may be about to)."""
        buffer = self.talk.buffers[side]
        begins = buffer.data[buffer.at : buffer.at + len(PLAIN)]
        if side == SERVER and begins == PLAIN:
            self.talk.identify_again()
        return side == SERVER and PLAIN.startswith(begins)

    def _find(self, half: Half, buffer: Buffer) -> bool:
        """Move to where the next record seems to begin."""
        found = find_record(buffer.data, buffer.at)
        half.lost = found is None
        if found is None:
            buffer.clear()
            return False
        half.missing += found - buffer.at
        buffer.at = found
        return True

    def _record(self, side: Side, record: Record) -> None:
        self._last_ns = max(self._last_ns, record.time_ns)
        if side == CLIENT and self._waits:
            self._wait(self._halves[CLIENT], record)
        else:
            self._take(side, record)

    @property
    def _waits(self) -> bool:
        """Whether the server has to say first how the client's next records are to be read."""
        return self._halves[CLIENT].hellos > self._halves[SERVER].hellos

    def _wait(self, half: Half, record: Record) -> None:
        if record.kind == APPLICATION_DATA and not self.talk.keys:
            return
        half.waiting_bytes += len(record.fragment)
        half.waiting.append(record)
        if half.waiting_bytes > MAX_WAITING:
            half.skip()

    def _take(self, side: Side, record: Record) -> None:
        opened = self._protection.open(side, record)
        if opened is None:
            self._unreadable(side)
        elif opened.kind == HANDSHAKE:
            self._handshake(side, opened.plain, record.time_ns)
        elif opened.kind == CHANGE_CIPHER_SPEC:
            if not self._protection.change(side):
                self._unreadable(side)
        elif opened.kind == APPLICATION_DATA and opened.plain:
            half = self._halves[side]
            half.plain.append(opened.plain)
            half.times.append(record.time_ns)

    def _unreadable(self, side: Side) -> None:
        if self.talk.keys and not self._told:
            self.talk.stats.count(self._protection.reason)
        self._told = True
        self._halves[side].skip()

    # --- handshake -------------------------------------------------------------------------------------------------

    def _handshake(self, side: Side, plain: bytes, time_ns: int) -> None:
        half = self._halves[side]
        messages, half.messages, at = half.messages + plain, b"", 0
        while not half.skips:
            passed = min(half.passing, len(messages) - at)
            half.passing -= passed
            at += passed
            if half.passing or at + MESSAGE > len(messages):
                break
            kind, size = messages[at], int.from_bytes(messages[at + 1 : at + MESSAGE], "big")
            if kind not in READ or size > MAX_MESSAGE:
                half.passing, at = size, at + MESSAGE
                continue
            if at + MESSAGE + size > len(messages):
                break
            at += MESSAGE + size
            self._message(side, kind, messages[at - size : at], time_ns)
        if not half.skips:
            half.messages = messages[at:]

    def _message(self, side: Side, kind: int, body: bytes, time_ns: int) -> None:
        if kind in SPEAKERS:
            self._hello(side, kind, body, time_ns)
        elif kind in (FINISHED, END_OF_EARLY_DATA):
            self._protection.step(side, ends_early_data=kind == END_OF_EARLY_DATA)
        elif kind == KEY_UPDATE:
            self._protection.update(side)

    def _hello(self, side: Side, kind: int, body: bytes, time_ns: int) -> None:
        try:
            hello = parse_hello(kind, body)
        except Malformed:
            self.talk.stats.count("TLS hellos that make no sense")
            return
        if (kind == CLIENT_HELLO) != (side == CLIENT):
            return
        self.talk.emit(hello_entry(hello, time_ns, len(body) + MESSAGE + HEADER))
        self._halves[side].hellos += 1
        self._protection.hello(side, hello)
        if side == SERVER:
            self._stop_waiting()

    def _stop_waiting(self) -> None:
        half = self._halves[CLIENT]
        waiting, half.waiting, half.waiting_bytes = half.waiting, [], 0
        for record in waiting:
            if half.skips:
                break
            self._record(CLIENT, record)

    # --- plaintext -------------------------------------------------------------------------------------------------

    def _pass_on(self) -> None:
        for side in (CLIENT, SERVER):
            chunk = self._halves[side].taken()
            if chunk is not None:
                if self._inner is None:
                    self._inner = self.talk.inner(tls=True)
                self._inner.data(side, chunk)
