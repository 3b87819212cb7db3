"""The item stream of a running Kubeshark hub: a WebSocket whose messages are items as JSON.

Hubs of different versions wrap items differently; this file is the only one that knows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.capture.arriving import QUIET
from kubeshark_nb.capture.intake import Intake
from kubeshark_nb.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT = 10.0  # seconds
AT_ONCE = 4 << 20  # bytes of messages given at a time
WRAPPERS = ("item", "entry", "data", "fullData")  # members that hold the item in some versions
NO_ITEM = "messages of the hub that hold no item"


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
        self._connected().close()

    def stop(self) -> None:
        """Let `documents` end."""
        self.stopping = True

    def documents(self) -> Iterator[list[bytes]]:
        """The items as they come; an empty list when none came for a moment.

        Raises:
            CaptureError: the hub cannot be reached.
        """
        socket = self._connected()
        intake = Intake(lambda: _received(socket))
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
            socket.close()

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
            self.reasons[NO_ITEM] = self.reasons.get(NO_ITEM, 0) + 1
        yield from (orjson.dumps(item) for item in found)

    def _connected(self) -> Any:
        import websocket

        try:
            socket = websocket.create_connection(self.url, timeout=CONNECT, enable_multithread=True)
        except (OSError, ValueError, websocket.WebSocketException) as error:
            raise CaptureError(f"the hub cannot be reached: {error}", file=self.url) from None
        socket.settimeout(None)
        return socket


def _received(socket: Any) -> bytes:
    """The next message, ``b""`` when the hub closed the connection."""
    import websocket

    try:
        message = socket.recv()
    except websocket.WebSocketConnectionClosedException:
        return b""
    return message.encode() if isinstance(message, str) else bytes(message)


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
