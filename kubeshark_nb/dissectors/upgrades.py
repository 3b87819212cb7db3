"""What an HTTP/1 connection can become: the token of ``Upgrade`` -> a dissector of what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.dissectors.dissector import Dissector, StreamTalk
    from kubeshark_nb.dissectors.http_head import Head

# the makers get the conversation and the header blocks of the request and of the answer that switched
UPGRADES: dict[str, Callable[[StreamTalk, Head, Head], Dissector]] = {}
