"""A thread that reads while we do something else: pieces wait in a queue of bounded size, then the writer waits."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WAITING = 64  # pieces that may wait
SOON = 0.02  # seconds in which a piece is expected to be followed by the next


class Intake:
    """What ``read`` gives, piece by piece, until it gives ``None`` or raises.

    Args:
        read: blocks until there is something, perhaps an empty piece.
    """

    def __init__(self, read: Callable[[], bytes | None]) -> None:
        self._read = read
        self._pieces: queue.Queue[bytes | Exception | None] = queue.Queue(WAITING)
        self._closed = threading.Event()
        self.ended = False
        threading.Thread(target=self._run, daemon=True, name="intake").start()

    def take(self, wait: float, size: int) -> list[bytes]:
        """The pieces that are there, about ``size`` bytes of them; empty when none came within ``wait`` seconds.

        Raises:
            Exception: what ``read`` raised, after everything that came before.
        """
        pieces: list[bytes] = []
        while not self.ended and size > 0:
            try:
                piece = self._pieces.get(timeout=wait)
            except queue.Empty:
                break
            if isinstance(piece, Exception):
                self._pieces.put(piece) if pieces else self._end(piece)
                break
            if piece is None:
                self.ended = True
                break
            pieces.append(piece)
            size -= len(piece)
            wait = 0 if self._pieces.qsize() or len(pieces) > 1 else SOON
        return pieces

    def close(self) -> None:
        """Nobody takes anything any more."""
        self._closed.set()

    def _end(self, error: Exception) -> None:
        self.ended = True
        raise error

    def _run(self) -> None:
        try:
            while (piece := self._read()) is not None:
                self._put(piece)
            self._put(None)
        except Exception as error:  # noqa: BLE001 - it is raised where the pieces are taken
            self._put(error)

    def _put(self, piece: bytes | Exception | None) -> None:
        while not self._closed.is_set():
            try:
                self._pieces.put(piece, timeout=1)
            except queue.Full:
                continue
            return
