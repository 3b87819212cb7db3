"""The item stream of a running Kubeshark hub: a WebSocket whose messages are items as JSON.

Hubs of different versions wrap items differently; this file is the only one that knows.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.capture.arriving import QUIET
from kubeshark_nb.capture.intake import Intake
from kubeshark_nb.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT = 10.0  # seconds
GOODBYE = 0.5  # seconds that telling the hub of our end may take
AT_ONCE = 4 << 20  # bytes of messages given at a time
WRAPPERS = ("item", "entry", "data", "fullData")  # members that hold the item in some versions
NO_ITEM = "messages of the hub that hold no item"
NO_TEXT = "messages of the hub that are not UTF-8"


@dataclass
class HubSource:
    """Items as a hub sends them.

    Attributes:
        url: ``ws://`` or ``wss://``.
        reasons: what was not understood, in words, and how often.
        ended: why the stream ended, ``""`` when we ended it.
    """

    url: str
    duration: float | None = None
    count: int | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    read_bytes: int = 0
    total_bytes: int = 0
    ended: str = ""
    stopping: bool = False

    def check(self) -> None:
        """Whether the hub answers. Raises CaptureError."""
        _hang_up(self._connected())

    def stop(self) -> None:
        """Let `documents` end."""
        self.stopping = True

    def documents(self) -> Iterator[list[bytes]]:
        """The items as they come; an empty list when none came for a moment.

        Raises:
            CaptureError: the hub cannot be reached.
        """
        link = self._connected()
        intake = Intake(lambda: _received(link))
        until = time.monotonic() + (self.duration or 10**9)
        left = self.count or 1 << 62
        try:
            while not self.stopping and left > 0 and time.monotonic() < until:
                found = [item for text in self._taken(intake) for item in self._items(text)][:left]
                left -= len(found)
                yield found
                if intake.ended:
                    self.ended = self.ended or "the hub closed the connection"
                    return
        finally:
            intake.close()
            _hang_up(link)

    def _taken(self, intake: Intake) -> list[bytes]:
        try:
            texts = intake.take(QUIET, AT_ONCE)
        except Exception as error:  # noqa: BLE001 - the library, the system and TLS have each their own
            self.ended = f"the connection to the hub broke off: {error}"
            return []
        self.read_bytes += sum(map(len, texts))
        return texts

    def _items(self, text: bytes) -> Iterator[bytes]:
        """The items in one message."""
        try:
            message = orjson.loads(text)
        except ValueError:
            message = None
        found = [item for each in (message if isinstance(message, list) else [message]) if (item := _unwrapped(each))]
        if not found:
            reason = NO_ITEM if _is_text(text) else NO_TEXT
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
        yield from (orjson.dumps(item) for item in found)

    def _connected(self) -> Any:
        import websocket

        try:
            link = websocket.create_connection(
                self.url, timeout=CONNECT, enable_multithread=True, skip_utf8_validation=True
            )
        except (OSError, ValueError, websocket.WebSocketException) as error:
            # What follows the status in the library's words are the headers of the answer, cookies and all.
            reason = str(error).partition(" -+-+- ")[0]
            raise CaptureError(f"the hub cannot be reached: {reason}", file=self.url) from None
        link.settimeout(None)
        return link


def _received(link: Any) -> bytes | None:
    """The next message as it came, ``None`` when the hub closed the connection."""
    import websocket

    try:
        kind, message = link.recv_data()
    except websocket.WebSocketConnectionClosedException:
        return None
    return None if kind == websocket.ABNF.OPCODE_CLOSE else bytes(message)


def _hang_up(link: Any) -> None:
    """Close the connection without waiting for the hub, which may never answer.

    The library's own ``close`` reads until the hub closes, too, and for that it waits for whoever is reading already.
    """
    with suppress(Exception):  # gone, or it does not read: then it need not be told
        link.settimeout(GOODBYE)
        link.send_close()
    with suppress(OSError, AttributeError):
        link.sock.shutdown(socket.SHUT_RDWR)  # wakes up the thread that reads
    link.shutdown()


def _is_text(message: bytes) -> bool:
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True


def _unwrapped(message: Any) -> dict[str, Any] | None:
    """The item in a message: the message itself, or a member of it (as an object, or as text)."""
    if not isinstance(message, dict):
        return None
    if isinstance(message.get("protocol"), dict):
        return message
    for name in WRAPPERS:
        inner = message.get(name)
        try:
            inner = orjson.loads(inner) if isinstance(inner, str) else inner
        except ValueError:
            continue
        if isinstance(inner, dict) and isinstance(inner.get("protocol"), dict):
            return inner
    return None
