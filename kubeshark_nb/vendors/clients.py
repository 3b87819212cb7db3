"""Clients of third-party libraries, kept as long as they are used: making one costs up to half a second."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 32


class Clients:
    """A small cache of clients that may be shared by threads; its keys hold no secret, only a keyed hash."""

    def __init__(self) -> None:
        self._salt = os.urandom(16)
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, Any] = OrderedDict()

    def get(self, make: Callable[..., Any], *parts: Any) -> Any:
        """The client that ``make(*parts)`` gives, made once, under the lock: boto3 is not thread-safe here."""
        key = hmac.digest(self._salt, repr((make.__module__, make.__qualname__, parts)).encode(), hashlib.sha256)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make(*parts)
                if len(self._kept) > LARGEST:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]
