"""What nobody understands: one item per stream or exchange of datagrams, with how it began and how much there was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.items.entry import Entry
from kubeshark_nb.items.protocol import SCTP, TCP, UDP
from kubeshark_nb.traffic import CLIENT, SERVER
from kubeshark_nb.traffic import SCTP as KIND_SCTP
from kubeshark_nb.traffic import TCP as KIND_TCP
from kubeshark_nb.traffic import UDP as KIND_UDP

if TYPE_CHECKING:
    from kubeshark_nb.traffic import Side

MAX_PAYLOAD = 1024  # bytes shown of each side
MAX_SUMMARY = 40
PROTOCOLS = {KIND_TCP: TCP, KIND_UDP: UDP, KIND_SCTP: SCTP}


class Opaque:
    """Remembers the first bytes of both sides and counts the rest."""

    __slots__ = ("_first", "_first_ns", "_last_ns", "_size")

    def __init__(self) -> None:
        self._first = [b"", b""]
        self._size = [0, 0]
        self._first_ns = [0, 0]
        self._last_ns = 0

    def heard(self, side: Side, data: bytes, time_ns: int) -> None:
        """``side`` said ``data``, beginning at ``time_ns``."""
        if not self._size[side]:
            self._first_ns[side] = time_ns
        if len(self._first[side]) < MAX_PAYLOAD:
            self._first[side] = (self._first[side] + data[:MAX_PAYLOAD])[:MAX_PAYLOAD]
        self._size[side] += len(data)
        self._last_ns = max(self._last_ns, time_ns)

    def entry(self, kind: int) -> Entry | None:
        """The item's entry, ``None`` where nothing was said; ``kind`` as in `kubeshark_nb.traffic`."""
        protocol = PROTOCOLS.get(kind)
        if protocol is None or not any(self._size):
            return None
        asked, answered = self._first_ns
        opener = CLIENT if self._size[CLIENT] else SERVER
        payload = _text(self._first[opener])
        data = {
            "payload": payload,
            "answer": _text(self._first[SERVER]) if opener == CLIENT else "",
            "length": self._size[opener],
            "flags": "PSH" if kind == KIND_TCP else "",
        }
        return Entry(
            protocol,
            b"{}",
            b"{}",
            self._first_ns[opener],
            self._last_ns,
            answered - asked if self._size[CLIENT] and self._size[SERVER] else 0,
            self._size[CLIENT],
            self._size[SERVER],
            "PSH" if kind == KIND_TCP else "",
            payload[:MAX_SUMMARY],
            reversed=opener == SERVER,
            data=orjson.dumps(data),
        )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
