"""What an HTTP/1 connection can become: the token of ``Upgrade`` -> a dissector of what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.dissectors.http2_upgrade import upgraded_to_http2
from kubeshark_nb.dissectors.websocket import WebSocket

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.dissector import Dissector, StreamTalk
    from kubeshark_nb.dissectors.http1_message import Request, Response

# the makers get the conversation, the request and the answer that switched
UPGRADES: dict[str, Callable[[StreamTalk, Request, Response], Dissector]] = {
    "h2c": upgraded_to_http2,
    "websocket": WebSocket,
}
