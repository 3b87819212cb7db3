"""permessage-deflate (RFC 7692): one side's messages, compressed each or with what came before."""

from __future__ import annotations

import zlib

from kubeshark_nb.dissectors.http_content import MAX_CONTENT

TAIL = b"\0\0\xff\xff"  # cut off by the sender, 7.2.1


class Inflater:
    """Messages of one side.

    Args:
        keeps: messages are compressed with those before in mind ("context takeover").
    """

    def __init__(self, *, keeps: bool) -> None:
        self._keeps = keeps
        self._stream: zlib._Decompress | None = None
        self._usable = True

    def message(self, payload: bytes) -> bytes | None:
        """The message that ``payload`` stands for, at most `MAX_CONTENT` bytes; ``None`` when it cannot be known."""
        if not self._usable:
            return None
        if self._stream is None or not self._keeps:
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = self._stream.decompress(payload + TAIL, MAX_CONTENT)
        except zlib.error:
            self.lose()
            return None
        if self._stream.unconsumed_tail:
            self.lose()
        elif self._stream.eof:
            self._stream = None  # a last block: what follows begins anew
        return content

    def lose(self) -> None:
        """A message was lost: with context takeover the following ones cannot be read."""
        self._usable = not self._keeps
        self._stream = None


def inflaters(extensions: str) -> tuple[Inflater, Inflater] | None:
    """Those of client and server, from the answer's ``Sec-WebSocket-Extensions``; ``None`` without compression."""
    for offer in extensions.lower().split(","):
        name, *parameters = [part.strip() for part in offer.split(";")]
        if name == "permessage-deflate":
            return (
                Inflater(keeps="client_no_context_takeover" not in parameters),
                Inflater(keeps="server_no_context_takeover" not in parameters),
            )
    return None
